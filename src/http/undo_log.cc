#include "http/undo_log.h"

#include <algorithm>

namespace aigw::http {

bool UndoLog::remember(HeaderMap& map, Bytes name) {
  bool present = map.get(name).has_value();
  auto seen = std::find(touched_.begin(), touched_.end(), name);
  if (seen != touched_.end()) return present;
  Bytes kept_name = arena_.copy(name);
  touched_.push_back(kept_name);
  if (!present) return false;
  for (const HeaderView& header : map.all()) {
    if (header.name == name) originals_.push_back({kept_name, arena_.copy(header.value)});
  }
  return true;
}

void UndoLog::set(HeaderMap& map, Bytes name, Bytes value) {
  remember(map, name);
  map.set(name, value);
}

void UndoLog::remove(HeaderMap& map, Bytes name) {
  if (remember(map, name)) map.remove(name);
}

void UndoLog::undo(HeaderMap& map) {
  for (Bytes name : touched_) {
    bool first = true;
    for (const Original& original : originals_) {
      if (original.name.data() != name.data()) continue;
      if (first) {
        map.set(name, original.value);
      } else {
        map.add(name, original.value);
      }
      first = false;
    }
    if (first) map.remove(name);
  }
  touched_.clear();
  originals_.clear();
}

}  // namespace aigw::http
