#include "json/object_schema.h"

#include "json/scanner.h"

namespace aigw::json {

bool append_object_schema(std::string& out, Bytes schema) {
  if (schema.empty()) schema = "{}";
  static const WatchList watches({"type"});
  Scanner scanner(watches);
  if (!scanner.feed(schema) || !scanner.finish() || scanner.root_kind() != Kind::object) {
    return false;
  }
  if (scanner.found(0).kind != Kind::absent) {
    out += schema;
    return true;
  }
  const size_t first = schema.find_first_not_of(" \t\r\n", schema.find('{') + 1);
  out += R"({"type":"object")";
  if (schema[first] != '}') out += ',';
  out += schema.substr(first);
  return true;
}

}  // namespace aigw::json
