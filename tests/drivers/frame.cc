#include "drivers/frame.h"

#include <vector>

#include "wire/eventstream.h"

namespace aigw::tests {
namespace {

// Cuts the first word and the space behind it off `text`.
std::string take_word(std::string& text) {
  const size_t space = text.find(' ');
  std::string word = text.substr(0, space);
  text = space == std::string::npos ? std::string() : text.substr(space + 1);
  return word;
}

}  // namespace

bool append_frame(std::string& out, const std::string& line) {
  std::string rest = line;
  std::string word = take_word(rest);
  const bool broken = word == "broken";
  const bool half = word == "half";
  if (broken || half) word = take_word(rest);
  std::string kind = "event";
  if (word == "exception" || word == "error") {
    kind = word;
    word = take_word(rest);
  }
  if (word.empty() || rest.empty()) return false;
  std::vector<wire::EventHeader> headers;
  const auto add = [&](Bytes name, Bytes value) {
    headers.push_back({name, wire::HeaderType::string, value});
  };
  if (kind == "error") {
    add(":error-code", word);
    add(":error-message", rest);
  } else {
    add(kind == "event" ? ":event-type" : ":exception-type", word);
    add(":content-type", "application/json");
  }
  add(":message-type", kind);
  std::string message;
  wire::append_event(message, headers, kind == "error" ? Bytes() : Bytes(rest));
  if (broken) message.back() = static_cast<char>(message.back() ^ 1);
  if (half) message.resize(message.size() / 2);
  out += message;
  return true;
}

}  // namespace aigw::tests
