// A child process that ends when its parent does.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace aigw::control {

enum class Captured { out, err };

class Child {
 public:
  // Starts argv[0] (a path) with `variables` added to the environment, in a process group of its
  // own so that a terminal's Ctrl-C reaches only the parent. One of its outputs is captured, the
  // other is the parent's. The kernel kills it when the thread that called this ends.
  static Result<Child> spawn(const std::vector<std::string>& argv,
                             const std::vector<std::pair<std::string, std::string>>& variables,
                             Captured captured);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  // kills it where it still runs

  pid_t pid() const { return pid_; }
  // To poll for input; -1 once it has ended.
  int output_fd() const { return output_; }

  // Reads what there is without waiting, and appends it to `text`. False at the end of the output.
  bool read_output(std::string& text);

  // The status of a child that has ended, as of waitpid.
  std::optional<int> ended();

  // SIGTERM, and SIGKILL after `patience`. Returns when it is gone. Calls `read` meanwhile and at the end, to read its
  // output: a child whose output nobody reads waits, and does not end.
  void stop(std::chrono::milliseconds patience, const std::function<void()>& read);

 private:
  Child(pid_t pid, int output) : pid_(pid), output_(output) {}
  void close_output();

  pid_t pid_;
  int output_;
  std::optional<int> status_;
};

// "exit code 1", "signal 9 (Killed)".
std::string describe_status(int status);

}  // namespace aigw::control
