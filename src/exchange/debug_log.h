// What is said about a request at the debug level: its headers and those of each attempt, with every secret left
// out, and bodies only where they were asked for.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace aigw::exchange {

class DebugLog {
 public:
  // How much of a body is shown: nothing, how long it is, or the body, up to limits::debug_body_max.
  enum class Bodies : uint8_t { none, sizes, whole };

  // What the options logBodies and enableRedaction mean together.
  static Bodies shown(bool log_bodies, bool redact) {
    if (!log_bodies) return Bodies::none;
    return redact ? Bodies::sizes : Bodies::whole;
  }

  virtual ~DebugLog() = default;
  // Whether the level is on; nothing is put together where it is not.
  virtual bool on() const = 0;
  virtual Bodies bodies() const = 0;
  virtual void write(Bytes line) const = 0;
};

}  // namespace aigw::exchange
