// The labels of one series, in the form in which the block keeps them.
//
// Each label is the length of its name (one byte), the name, the length of its value (two bytes,
// little end first), the value. This form stands in memory that builds share: it never changes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.h"

namespace aigw::observe {

class Labels {
 public:
  Labels() = default;

  // Names are ours or from the configuration: what is longer than 255 bytes is cut. A value, which
  // may be a client's, is cut at limits::label_value_max.
  Labels& add(Bytes name, Bytes value);

  Bytes bytes() const { return bytes_; }

  // Makes room, so that what is added moves nothing.
  void reserve(size_t size) { bytes_.reserve(size); }

  // Forgets what was added after bytes() had this size.
  void cut(size_t size) { bytes_.resize(size); }

 private:
  std::string bytes_;
};

// Calls `visit` with each label, in order. Stops at bytes that are no labels.
void for_each_label(Bytes labels, const std::function<void(Bytes name, Bytes value)>& visit);

// The value of a label; empty where it is not there.
Bytes label(Bytes labels, Bytes name);

}  // namespace aigw::observe
