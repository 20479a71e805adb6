#include "scan/read.h"

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

}  // namespace aigw::scan
