#include "dialect/bedrock_converse/redacted.h"

#include "crypto/base64.h"

namespace aigw::dialect::bedrock_converse {
namespace {

// Nine bytes are twelve characters of base64 that no byte after them changes.
constexpr Bytes kMark = "aigw-red:";
constexpr Bytes kMarkOnTheWire = "YWlndy1yZWQ6";

}  // namespace

std::string wire_redacted(Bytes data) {
  std::string bytes;
  if (!data.starts_with(kMarkOnTheWire) && crypto::append_from_base64(bytes, data)) return std::string(data);
  bytes = kMark;
  bytes += data;
  return crypto::to_base64(bytes);
}

Bytes read_redacted(Bytes text, Arena& arena) {
  std::string bytes;
  if (!text.starts_with(kMarkOnTheWire) || !crypto::append_from_base64(bytes, text)) return text;
  return arena.copy(Bytes(bytes).substr(kMark.size()));
}

}  // namespace aigw::dialect::bedrock_converse
