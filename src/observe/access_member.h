// What of a request the gateway writes for Envoy's access log: the option `accessLog`
// (exchange/access_line.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"

namespace aigw::observe {

struct AccessMember {
  enum class From : uint8_t { metadata, header, path, time };
  std::string head;  // a comma, the member's name as JSON, and a colon
  From from = From::metadata;
  std::string key;  // of the metadata, or the header's name
};

// The members of a line, limits::access_members_max at most.
class AccessMembers {
 public:
  // One more: "metadata:KEY", "header:NAME", "path", which is without its query, or "time", when the request began.
  // False, and nothing is added, for anything else and for one too many.
  bool add(Bytes name, Bytes source);

  // The first that comes from this key of the metadata.
  std::optional<size_t> from_metadata(Bytes key) const;

  bool empty() const { return all_.empty(); }
  size_t size() const { return all_.size(); }
  const AccessMember& operator[](size_t index) const { return all_[index]; }

 private:
  static size_t slot_of(Bytes key);

  std::vector<AccessMember> all_;
  std::array<uint64_t, 64> by_slot_{};  // bits: which members come from a key of that slot
};
static_assert(limits::access_members_max <= 64);

}  // namespace aigw::observe
