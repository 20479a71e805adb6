// The log of a server on stderr, in the two forms of the peer's: key=value lines, or JSON.
#pragma once

#include <atomic>
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

  // What is logged from now on; from any thread.
  void set_level(runtime::LogLevel least) { least_ = least; }

 private:
  std::atomic<runtime::LogLevel> least_;
  const bool json_;
  std::mutex mutex_;
};

}  // namespace aigw::cli
