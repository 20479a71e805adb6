// What the admin address says under which path.
#pragma once

#include <functional>
#include <string>

#include "runtime/admin.h"
#include "runtime/sight.h"
#include "runtime/status.h"

namespace aigw::runtime {

// What a front adds to the admin address.
struct AdminHooks {
  std::function<bool()> healthy;                   // empty: always
  std::function<void(std::string&)> more_metrics;  // appends whole families, none of them ours
  // Sets the least level that is logged, by its name; false for a name that is none. Empty: the
  // carrier has a way of its own.
  std::function<bool(Bytes level)> set_log_level;
};

// The current state of a runtime, for one answer.
struct AdminView {
  Sight& sight;
  const AdminHooks& hooks;
  ConfigurationState configuration;
  uint64_t process_began_ms = 0;
  Bytes target = {};  // what the process is, as labels of target_info
};

AdminReply answer_admin(const AdminRequest& request, const AdminView& view);

}  // namespace aigw::runtime
