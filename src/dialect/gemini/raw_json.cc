#include "dialect/gemini/raw_json.h"

#include "json/scanner.h"

namespace aigw::dialect::gemini {

ObjectText object_text(Bytes text) {
  static const json::WatchList watches({});
  json::Scanner scanner(watches);
  if (!scanner.feed(text) || !scanner.finish()) return ObjectText::none;
  if (scanner.root_kind() != json::Kind::object) return ObjectText::none;
  return scanner.root_empty() ? ObjectText::empty : ObjectText::full;
}

}  // namespace aigw::dialect::gemini
