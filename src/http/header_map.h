// The headers of a message, wherever they live: in Envoy, in an ext_proc stream, in a test.
#pragma once

#include <optional>
#include <span>

#include "base/bytes.h"

namespace aigw::http {

struct HeaderView {
  Bytes name;  // lower case
  Bytes value;
};

// Names are lower case; pseudo-headers are `:path` and so on. Every view that this interface gives out belongs to
// the carrier and dies at the next edit of the same map.
class HeaderMap {
 public:
  virtual ~HeaderMap() = default;

  // Every header, in order; a name that has several values stands there several times.
  virtual std::span<const HeaderView> all() = 0;

  // The value of `name` at `index`, counted from 0. Where `count` is given it is set to how many values there are.
  virtual std::optional<Bytes> get(Bytes name, size_t index, size_t* count) = 0;

  // The first value of `name`.
  std::optional<Bytes> get(Bytes name) { return get(name, 0, nullptr); }

  // Replaces every value of `name`, or adds the header.
  virtual void set(Bytes name, Bytes value) = 0;

  // One more value of `name`.
  virtual void add(Bytes name, Bytes value) = 0;

  // Removes every value of `name`; no harm if there is none.
  virtual void remove(Bytes name) = 0;
};

}  // namespace aigw::http
