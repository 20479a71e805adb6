// The scanner over any bytes: what it finds does not depend on how the document is cut, and it
// takes every document that simdjson takes. The other way round it may differ: it leaves UTF-8 and
// numbers too large alone.
#include <string>

#include "fuzz/fuzz.h"
#include "json/cursor.h"
#include "json/scanner.h"

namespace {

using aigw::Bytes;
using aigw::fuzz::require;
namespace json = aigw::json;

const json::WatchList& watches() {
  static const json::WatchList& list =
      *new json::WatchList{"model",
                           "stream",
                           "stream_options",
                           "stream_options.include_usage",
                           "usage.prompt_tokens",
                           "usage.prompt_tokens_details.cached_tokens",
                           "messages",
                           "error.message"};
  return list;
}

// All that a scanner tells of a document.
std::string report(json::Scanner& scanner, const aigw::Result<void>& result) {
  std::string out = result ? "" : result.error().message;
  if (!result) return out;
  const auto number = [&](uint64_t value) { out += std::to_string(value) + ' '; };
  number(scanner.root_begin());
  number(scanner.root_end());
  number(static_cast<uint64_t>(scanner.root_kind()));
  for (size_t i = 0; i < watches().size(); ++i) {
    const json::Found& found = scanner.found(i);
    number(static_cast<uint64_t>(found.kind));
    number(found.begin);
    number(found.end);
    number(found.count);
    number(found.empty);
    number(found.truncated);
    out += scanner.text(i);
  }
  return out;
}

std::string scan_whole(Bytes document, bool& taken) {
  json::Scanner scanner(watches());
  aigw::Result<void> result = scanner.feed(document);
  if (result) result = scanner.finish();
  taken = result.has_value();
  return report(scanner, result);
}

std::string scan_in_pieces(Bytes document) {
  json::Scanner scanner(watches());
  aigw::Result<void> result;
  aigw::fuzz::in_pieces(document, [&](Bytes piece) {
    result = scanner.feed(piece);
    return result.has_value();
  });
  if (result) result = scanner.finish();
  return report(scanner, result);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes document(reinterpret_cast<const char*>(data), size);
  bool taken = false;
  const std::string whole = scan_whole(document, taken);
  require(scan_in_pieces(document) == whole, "a scan depends on how the document is cut");
  static json::Parser& parser = *new json::Parser();
  aigw::Arena arena(64 << 20);
  if (parser.parse(document, arena)) require(taken, "the scanner refuses what simdjson takes");
  return 0;
}
