#include "observe/access_member.h"

#include "json/text.h"

namespace aigw::observe {

bool parse_access_member(Bytes name, Bytes source, AccessMember& into) {
  into.head = ",";
  json::append_quoted(into.head, name);
  into.head += ':';
  const size_t colon = source.find(':');
  const Bytes kind = source.substr(0, colon);
  into.key = colon == Bytes::npos ? Bytes() : source.substr(colon + 1);
  if (kind == "path") {
    into.from = AccessMember::From::path;
    return colon == Bytes::npos;
  }
  into.from = kind == "header" ? AccessMember::From::header : AccessMember::From::metadata;
  return (kind == "header" || kind == "metadata") && !into.key.empty();
}

}  // namespace aigw::observe
