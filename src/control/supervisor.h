// Starts Envoy and what it needs, tells when it serves, and ends everything together.
//
// The calling thread must be the program's only one, and lives until the children are gone: the
// kernel ends them with it. SIGINT, SIGTERM and SIGHUP are taken by the supervisor as long as it
// lives.
#pragma once

#include <signal.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "control/address.h"
#include "control/bootstrap.h"
#include "control/process.h"
#include "control/runtime_directory.h"

namespace aigw::control {

struct EnvoyOptions {
  std::string program;
  std::string module_path;  // empty: none is used
  std::string log_level = "error";
  unsigned concurrency = 0;  // workers; 0: one for each processor
};

// What a start or a wait came to, besides a failure.
enum class Outcome { ready, stopped };

class Supervisor {
 public:
  Supervisor();
  ~Supervisor();  // ends what still runs
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Starts the embedded provider as a child and waits until it listens; gives its address.
  Result<Address> start_provider(const std::string& program, const Address& listen);

  // Starts our ext_proc server as a child, on that socket and with that configuration file, and
  // waits until it is ready. `admin_address` may be empty: there is none.
  Result<void> start_extproc(const std::string& program, const std::string& config_path,
                             const std::string& socket_path, const std::string& admin_address);

  // Writes the bootstrap, starts Envoy, and waits until it serves; `stopped` when a signal came
  // first.
  Result<Outcome> start_envoy(const EnvoyOptions& options, const Json& bootstrap,
                              const RuntimeDirectory& directory);

  // Where Envoy's listener and its admin interface are, once it is ready.
  const Address& listening() const { return listening_; }
  uint16_t admin_port() const { return admin_port_; }

  // Until a signal comes (success, everything is ended) or a child ends by itself (failure).
  Result<void> wait();

 private:
  // Sleeps until a signal, output of Envoy, or `milliseconds`; true when a signal to stop came.
  bool pause(int milliseconds);
  void forward_output();
  // Of a child whose lines go on to stderr; what is not a whole line yet stays in `text`.
  static void forward_lines(Child& child, std::string& text);
  Failure envoy_failure(const std::string& when);
  // Of the server or the provider beside Envoy, where one has ended.
  std::optional<Failure> companion_failure();
  bool envoy_is_ready(const std::string& admin_file);
  void stop_all();

  sigset_t previous_signals_;
  int signals_ = -1;
  bool serving_ = false;
  std::string output_;  // of Envoy: before it serves all of it (its end), then the unfinished line
  std::string extproc_output_;
  std::optional<Child> provider_;
  std::optional<Child> extproc_;
  std::optional<Child> envoy_;
  Address listening_;
  uint16_t admin_port_ = 0;
};

}  // namespace aigw::control
