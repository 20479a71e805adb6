#include "observe/labels.h"

#include <algorithm>

#include "base/limits.h"

namespace aigw::observe {

Labels& Labels::add(Bytes name, Bytes value) {
  name = name.substr(0, limits::label_name_max);
  value = value.substr(0, limits::label_value_max);
  bytes_ += static_cast<char>(name.size());
  bytes_ += name;
  bytes_ += static_cast<char>(value.size() & 0xff);
  bytes_ += static_cast<char>(value.size() >> 8);
  bytes_ += value;
  return *this;
}

void for_each_label(Bytes labels, const std::function<void(Bytes name, Bytes value)>& visit) {
  const auto byte = [&](size_t at) { return static_cast<size_t>(static_cast<uint8_t>(labels[at])); };
  while (!labels.empty()) {
    const size_t name_size = byte(0);
    if (labels.size() < 3 + name_size) return;
    const Bytes name = labels.substr(1, name_size);
    const size_t value_size = byte(1 + name_size) | byte(2 + name_size) << 8;
    if (labels.size() < 3 + name_size + value_size) return;
    visit(name, labels.substr(3 + name_size, value_size));
    labels.remove_prefix(3 + name_size + value_size);
  }
}

Bytes label(Bytes labels, Bytes name) {
  Bytes found;
  for_each_label(labels, [&](Bytes one, Bytes value) {
    if (one == name) found = value;
  });
  return found;
}

}  // namespace aigw::observe
