// The log of a server on stderr, in the two forms of the peer's: key=value lines, or JSON.
#pragma once

#include <mutex>

#include "base/bytes.h"
#include "runtime/runtime.h"

namespace aigw::cli {

class ServerLog {
 public:
  ServerLog(runtime::LogLevel least, bool json) : least_(least), json_(json) {}

  bool takes(runtime::LogLevel level) const { return level >= least_; }
  // One line; from any thread.
  void write(runtime::LogLevel level, Bytes message);

 private:
  const runtime::LogLevel least_;
  const bool json_;
  std::mutex mutex_;
};

}  // namespace aigw::cli
