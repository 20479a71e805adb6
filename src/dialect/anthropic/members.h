// Members that a decoder has no use for.
#pragma once

#include <algorithm>
#include <initializer_list>

#include "base/bytes.h"
#include "chat/drops.h"
#include "json/cursor.h"

namespace aigw::dialect::anthropic {

inline bool is_one_of(Bytes name, std::initializer_list<Bytes> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Adds every member of `object` that is neither in `known` nor null to `drops`, as `path` and its
// name; `path` ends with a dot.
inline void report_unknown(const json::Value& object, std::initializer_list<Bytes> known,
                           Bytes path, chat::Drops& drops) {
  for (const json::Value& member : object.members()) {
    if (member.exists_and_not_null() && !is_one_of(member.name(), known)) {
      drops.add(path, member.name());
    }
  }
}

}  // namespace aigw::dialect::anthropic
