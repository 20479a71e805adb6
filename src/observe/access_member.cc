#include "observe/access_member.h"

#include <bit>

#include "json/text.h"

namespace aigw::observe {

size_t AccessMembers::slot_of(Bytes key) {
  if (key.empty()) return 0;
  const auto at = [&](size_t index) { return static_cast<unsigned char>(key[index]); };
  return (key.size() + 5u * at(key.size() / 2) + 11u * at(key.size() - 1)) % 64;
}

bool AccessMembers::add(Bytes name, Bytes source) {
  if (all_.size() == limits::access_members_max) return false;
  AccessMember member;
  member.head = ",";
  json::append_quoted(member.head, name);
  member.head += ':';
  const size_t colon = source.find(':');
  const Bytes kind = source.substr(0, colon);
  member.key = colon == Bytes::npos ? Bytes() : source.substr(colon + 1);
  if (kind == "path" || kind == "time") {
    member.from = kind == "path" ? AccessMember::From::path : AccessMember::From::time;
    if (colon != Bytes::npos) return false;
  } else {
    member.from = kind == "header" ? AccessMember::From::header : AccessMember::From::metadata;
    if ((kind != "header" && kind != "metadata") || member.key.empty()) return false;
  }
  if (member.from == AccessMember::From::metadata) by_slot_[slot_of(member.key)] |= uint64_t{1} << all_.size();
  all_.push_back(std::move(member));
  return true;
}

std::optional<size_t> AccessMembers::from_metadata(Bytes key) const {
  for (uint64_t left = by_slot_[slot_of(key)]; left != 0; left &= left - 1) {
    const auto index = static_cast<size_t>(std::countr_zero(left));
    if (all_[index].key == key) return index;
  }
  return std::nullopt;
}

}  // namespace aigw::observe
