#include "dialect/bedrock_converse/members.h"

#include <algorithm>

namespace aigw::dialect::bedrock_converse {

bool is_one_of(Bytes name, std::initializer_list<Bytes> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void report_unknown(const json::Value& object, std::initializer_list<Bytes> known, Bytes path, chat::Drops& drops) {
  for (const json::Value& member : object.members()) {
    if (member.exists_and_not_null() && !is_one_of(member.name(), known)) drops.add(path, member.name());
  }
}

}  // namespace aigw::dialect::bedrock_converse
