#include "dialect/anthropic/event.h"

#include "dialect/anthropic/raw_json.h"
#include "json/scanner.h"

namespace aigw::dialect::anthropic {

void append_event(Bytes event, std::string& out) {
  static const json::WatchList watches({"type"});
  json::Scanner scanner(watches);
  if (!scanner.feed(event) || !scanner.finish()) return;
  const Bytes type = scanner.text(0);
  if (scanner.found(0).kind != json::Kind::string || type.empty()) return;
  out += "event: ";
  out += type;
  out += "\ndata: ";
  append_one_line(out, event);
  out += "\n\n";
}

}  // namespace aigw::dialect::anthropic
