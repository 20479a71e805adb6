#include "dialect/bedrock_converse/raw_json.h"

#include "json/scanner.h"

namespace aigw::dialect::bedrock_converse {

bool is_json_object(Bytes text) {
  static const json::WatchList watches({});
  json::Scanner scanner(watches);
  return scanner.feed(text) && scanner.finish() && scanner.root_kind() == json::Kind::object;
}

}  // namespace aigw::dialect::bedrock_converse
