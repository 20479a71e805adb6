#include "scan/read.h"

#include <algorithm>

#include "base/limits.h"
#include "json/text.h"

namespace aigw::scan {

std::optional<uint64_t> read_count(const json::Scanner& scanner, size_t watch) {
  if (scanner.found(watch).kind != json::Kind::number) return std::nullopt;
  return json::to_uint64(scanner.text(watch));
}

void read_model(const json::Scanner& scanner, size_t watch, std::string& model) {
  const json::Found& found = scanner.found(watch);
  // Every event of a stream names the same model, mostly without an escape.
  if (found.kind != json::Kind::string || found.truncated || scanner.text(watch) == model) return;
  char unescaped[limits::json_capture_max];
  const std::optional<size_t> size = json::unescape(scanner.text(watch), unescaped);
  if (!size || *size == 0 || *size > limits::model_name_max || !json::is_utf8({unescaped, *size})) return;
  model.assign(unescaped, *size);
}

Bytes error_word(Bytes text) {
  const bool is_word = text.size() <= limits::label_value_max && std::ranges::all_of(text, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '_' || c == '-' || c == '.';
                       });
  return is_word ? text : Bytes();
}

void report_error(const json::Scanner& scanner, std::initializer_list<size_t> words, Report& report) {
  for (size_t watch : words) {
    const json::Kind kind = scanner.found(watch).kind;
    if (kind != json::Kind::string && kind != json::Kind::number) continue;
    const Bytes word = error_word(scanner.text(watch));
    if (!word.empty()) return report.failed(word);
  }
  report.failed({});
}

bool is_there(const json::Scanner& scanner, size_t watch) {
  const json::Kind kind = scanner.found(watch).kind;
  return kind != json::Kind::absent && kind != json::Kind::null;
}

bool is_text(const json::Scanner& scanner, size_t watch, Bytes text) {
  return scanner.found(watch).kind == json::Kind::string && scanner.text(watch) == text;
}

}  // namespace aigw::scan
