#include "drivers/case_file.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "drivers/frame.h"

namespace aigw::tests {
namespace {

bool is_name(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

std::optional<HeadLine> head_line(const std::string& line) {
  if (line.starts_with("!") && is_name(line.substr(1)))
    return HeadLine{line.substr(1), "", true, false};
  const size_t colon = line.find(": ");
  if (colon == std::string::npos) return std::nullopt;
  std::string name = line.substr(0, colon);
  if (!is_name(name.starts_with(":") ? name.substr(1) : name)) return std::nullopt;
  std::string value = line.substr(colon + 2);
  const bool any = value == "*";
  return HeadLine{std::move(name), std::move(value), false, any};
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

// What the lines of a body stand for.
enum class Payload : uint8_t {
  plain,
  escaped,      // `\n` `\r` `\t` `\\` `\xNN` write bytes, `\(N text\)` the text N times
  eventstream,  // a message of an AWS event stream each
};

class Parser {
 public:
  explicit Parser(const std::string& path) : path_(path) {
    std::istringstream in(read_text_file(path));
    for (std::string line; std::getline(in, line);) lines_.push_back(line);
    case_.name = std::filesystem::path(path).stem().string();
  }

  Case parse() {
    read_headers();
    while (at_ < lines_.size()) read_section();
    if (case_.client_response.status == 0) fail(lines_.size(), "no client.response");
    if (case_.backends.empty()) case_.backends = {"primary"};
    return std::move(case_);
  }

 private:
  [[noreturn]] void fail(size_t line, const std::string& what) const {
    throw CaseError(path_ + ":" + std::to_string(line) + ": " + what);
  }

  bool at_section() const {
    const std::string& line = lines_[at_];
    return line.size() > 6 && line.starts_with("-- ") && line.ends_with(" --");
  }

  void read_headers() {
    for (; at_ < lines_.size() && !at_section(); ++at_) {
      const std::optional<HeadLine> line = head_line(lines_[at_]);
      if (!line || line->absent) continue;
      if (case_.method.empty() && line->name != "endpoint") continue;  // prose
      if (line->name == "endpoint") {
        const std::vector<std::string> parts = words(line->value);
        if (parts.size() != 2) fail(at_ + 1, "endpoint: expected a method and a path");
        case_.method = parts[0];
        case_.path = parts[1];
      } else if (line->name == "backends") {
        std::istringstream in(line->value);
        for (std::string name; std::getline(in >> std::ws, name, ',');) {
          case_.backends.push_back(name);
        }
      } else if (line->name == "scan") {
        case_.scan_all = line->value == "all";
        if (!case_.scan_all && !line->value.starts_with("off # ")) {
          fail(at_ + 1, "scan: expected `all`, or `off # why`");
        }
      } else if (line->name == "shows") {
        // What the matrix counts.
      } else {
        fail(at_ + 1, "unknown header " + line->name);
      }
    }
    if (case_.method.empty()) fail(at_ + 1, "no endpoint before the first section");
  }

  void read_section() {
    const size_t header = at_++;
    const std::vector<std::string> parts = words(lines_[header]);
    Message message;
    size_t number = 1;
    Payload payload = Payload::plain;
    for (size_t i = 2; i + 1 < parts.size(); ++i) {
      const std::string& word = parts[i];
      if (word.find_first_not_of("0123456789") == std::string::npos) {
        number = std::stoul(word);
      } else if (word == "escaped") {
        payload = Payload::escaped;
      } else if (word == "eventstream" && parts[1].ends_with(".response")) {
        payload = Payload::eventstream;
      } else if (word == "gzip" || word == "br" || word == "zstd") {
        message.coding = word;
      } else if (word == "reset" && parts[1] == "upstream.response") {
        message.reset = true;
      } else if (word == "open" && parts[1] == "upstream.response") {
        message.open = true;
      } else if (word == "cut" && parts[1] == "client.response") {
        message.cut = true;
      } else {
        fail(header + 1, "unknown variant " + word);
      }
    }
    const size_t begin = at_;
    while (at_ < lines_.size() && !at_section()) ++at_;
    store(parts[1], number, payload, begin, std::move(message));
  }

  void store(const std::string& name, size_t number, Payload payload, size_t begin,
             Message message) {
    const size_t header = begin;  // lines are counted from 1
    if (name == "effects") return read_effects(begin);
    if (name == "config") {
      case_.config = text(begin, at_, Payload::plain);
      return;
    }
    read_message(name, begin, payload, message);
    if (name == "client.request") {
      case_.client_request = std::move(message);
    } else if (name == "client.response") {
      case_.client_response = std::move(message);
    } else if (name == "upstream.request") {
      if (!case_.upstream_requests.emplace(number, std::move(message)).second) {
        fail(header, "a second section of this name and number");
      }
    } else if (name == "upstream.response") {
      if (!case_.upstream_responses.emplace(number, std::move(message)).second) {
        fail(header, "a second section of this name and number");
      }
    } else {
      fail(header, "unknown section " + name);
    }
  }

  void read_message(const std::string& name, size_t begin, Payload payload, Message& message) {
    size_t at = begin;
    if (name == "upstream.request" && at < at_) {
      const std::vector<std::string> parts = words(lines_[at]);
      if (parts.size() != 2) fail(at + 1, "expected a method and a path");
      message.method = parts[0];
      message.path = parts[1];
      ++at;
    }
    for (; at < at_; ++at) {
      const std::optional<HeadLine> line = head_line(lines_[at]);
      if (!line && lines_[at].empty()) {
        ++at;
        break;
      }
      if (!line && at == begin) break;
      if (!line) fail(at + 1, "expected a head line or an empty one");
      if (line->name == ":status") {
        message.status = std::stoi(line->value);
      } else {
        message.head.push_back(*line);
      }
    }
    const bool is_response = name.ends_with(".response");
    if (is_response && message.status == 0 && !message.reset) {
      fail(begin, "a response needs `:status: N`");
    }
    message.body = text(at, at_, payload);
  }

  // The lines [begin, end) as a payload.
  std::string text(size_t begin, size_t end, Payload payload) const {
    std::string out;
    for (size_t i = begin; i < end; ++i) {
      if (payload == Payload::escaped) {
        unescape(i, out);
      } else if (payload == Payload::eventstream) {
        if (lines_[i].empty() || append_frame(out, lines_[i])) continue;
        fail(i + 1, "expected an event type and its payload");
      } else {
        if (i != begin) out += '\n';
        out += lines_[i];
      }
    }
    return out;
  }

  void unescape(size_t index, std::string& out) const {
    const std::string& line = lines_[index];
    for (size_t i = 0; i < line.size(); ++i) {
      if (line[i] != '\\') {
        out += line[i];
        continue;
      }
      const char kind = ++i < line.size() ? line[i] : '\0';
      if (kind == 'n') {
        out += '\n';
      } else if (kind == 'r') {
        out += '\r';
      } else if (kind == 't') {
        out += '\t';
      } else if (kind == '\\') {
        out += '\\';
      } else if (kind == 'x' && i + 2 < line.size()) {
        out += static_cast<char>(std::stoi(line.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else if (kind == '(') {
        i = repeat(index, i + 1, out);
      } else {
        fail(index + 1, "unknown escape");
      }
    }
  }

  // What stands at `at` behind `\(`. Returns the place of the `)`.
  size_t repeat(size_t index, size_t at, std::string& out) const {
    const std::string& line = lines_[index];
    const size_t space = line.find(' ', at), end = line.find("\\)", at);
    if (space == at || end == std::string::npos || space > end ||
        line.find_first_not_of("0123456789", at) != space) {
      fail(index + 1, "expected `\\(N text\\)`");
    }
    const std::string text = line.substr(space + 1, end - space - 1);
    for (size_t times = std::stoul(line.substr(at)); times > 0; --times) out += text;
    return end + 1;
  }

  void read_effects(size_t begin) {
    for (size_t i = begin; i < at_; ++i) {
      if (lines_[i].empty()) continue;
      const std::optional<HeadLine> line = head_line(lines_[i]);
      if (!line || line->absent) fail(i + 1, "expected `name: value`");
      if (line->name == "attempts") {
        case_.attempts = std::stoul(line->value);
      } else if (line->name == "model") {
        case_.model = line->value;
      } else if (line->name == "dropped") {
        case_.dropped.insert(line->value);
      } else if (line->name == "limited") {
        case_.limited.insert(line->value);
      } else if (line->name == "outcome") {
        case_.outcome = line->value;
      } else if (line->name == "metadata") {
        if (!case_.metadata) case_.metadata.emplace();
        if (line->value == "none") continue;
        const size_t equals = line->value.find(" = ");
        if (equals == std::string::npos) fail(i + 1, "expected `key = value`");
        (*case_.metadata)[line->value.substr(0, equals)] = line->value.substr(equals + 3);
      } else {
        fail(i + 1, "unknown effect " + line->name);
      }
    }
  }

  std::string path_;
  std::vector<std::string> lines_;
  size_t at_ = 0;
  Case case_;
};

}  // namespace

const HeadLine* Message::find(const std::string& name) const {
  for (const HeadLine& line : head) {
    if (line.name == name) return &line;
  }
  return nullptr;
}

std::string read_text_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw CaseError(path + ": cannot be read");
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::string default_config(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  while (!std::filesystem::exists(folder / "default.yaml") && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  return read_text_file((folder / "default.yaml").string());
}

Case read_case(const std::string& path) { return Parser(path).parse(); }

}  // namespace aigw::tests
