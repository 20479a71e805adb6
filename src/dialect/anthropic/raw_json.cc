#include "dialect/anthropic/raw_json.h"

#include "json/scanner.h"

namespace aigw::dialect::anthropic {

bool object_has(Bytes text, ObjectMember member) {
  enum Watch : size_t { kError };
  static const json::WatchList watches({"error"});
  json::Scanner scanner(watches);
  if (!scanner.feed(text) || !scanner.finish()) return false;
  if (scanner.root_kind() != json::Kind::object) return false;
  switch (member) {
    case ObjectMember::any:
      return true;
    case ObjectMember::error:
      return scanner.found(kError).kind != json::Kind::absent;
  }
  return false;
}

void append_one_line(std::string& out, Bytes raw) {
  for (char c : raw) out += c == '\n' || c == '\r' ? ' ' : c;
}

}  // namespace aigw::dialect::anthropic
