#include "http/undo_log.h"

#include <algorithm>

namespace aigw::http {

bool UndoLog::remember(HeaderMap& map, Bytes name) {
  size_t count = 0;
  std::optional<Bytes> value = map.get(name, 0, &count);
  if (std::find(touched_.begin(), touched_.end(), name) != touched_.end()) return value.has_value();
  Bytes kept_name = arena_.copy(name);
  touched_.push_back(kept_name);
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) value = map.get(name, i, nullptr);
    if (value) originals_.push_back({kept_name, arena_.copy(*value)});
  }
  return count > 0;
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
