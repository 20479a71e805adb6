#include "control/supervisor.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "control/local_http.h"
#include "control/output_tail.h"

namespace aigw::control {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto start_patience = std::chrono::seconds(60);  // with each child
constexpr auto stop_patience = std::chrono::seconds(10);
constexpr int poll_ms = 20;
constexpr int admin_timeout_ms = 1000;

// Where the listener is bound, which matters where any free port was asked for.
std::optional<Address> bound_address(uint16_t admin_port) {
  const Json listeners = Json::parse(
      local_get(admin_port, "/listeners?format=json", admin_timeout_ms).body, nullptr, false);
  try {
    const Json& name =
        listeners.at("listener_statuses").at(0).at("local_address").at("socket_address");
    return Address{name.at("address").get<std::string>(), name.at("port_value").get<uint16_t>()};
  } catch (const Json::exception&) {
    return {};
  }
}

}  // namespace

Supervisor::Supervisor() {
  sigset_t mask;
  sigemptyset(&mask);
  for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) sigaddset(&mask, signal);
  // Blocked, they stay pending until they are read, wherever the program is.
  sigprocmask(SIG_BLOCK, &mask, &previous_signals_);
  signals_ = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
  AIGW_CHECK(signals_ >= 0);
}

Supervisor::~Supervisor() {
  stop_all();
  // One more signal while all ends changes nothing: it would end the program before its files are removed.
  signalfd_siginfo ignored;
  while (read(signals_, &ignored, sizeof ignored) == sizeof ignored) {
  }
  close(signals_);
  sigprocmask(SIG_SETMASK, &previous_signals_, nullptr);
}

void Supervisor::stop_all() {
  if (envoy_) envoy_->stop(stop_patience, [this] { forward_output(); });
  if (extproc_) extproc_->stop(stop_patience, [this] { forward_lines(*extproc_, extproc_output_); });
  if (provider_) provider_->stop(stop_patience, [] {});
}

bool Supervisor::pause(int milliseconds) {
  pollfd wanted[3] = {{signals_, POLLIN, 0},
                      {envoy_ ? envoy_->output_fd() : -1, POLLIN, 0},
                      {extproc_ ? extproc_->output_fd() : -1, POLLIN, 0}};
  if (poll(wanted, 3, milliseconds) <= 0) return false;
  if (wanted[1].revents != 0) forward_output();
  if (wanted[2].revents != 0) forward_lines(*extproc_, extproc_output_);
  bool stop = false;
  signalfd_siginfo info;
  while (read(signals_, &info, sizeof info) == sizeof info) stop |= info.ssi_signo != SIGCHLD;
  return stop;
}

void Supervisor::forward_output() {
  if (serving_) return forward_lines(*envoy_, output_);
  envoy_->read_output(output_);
  keep_end(output_);
}

void Supervisor::forward_lines(Child& child, std::string& text) {
  child.read_output(text);
  const size_t end = text.rfind('\n') + 1;  // 0 where there is none
  std::fwrite(text.data(), 1, end, stderr);
  text.erase(0, end);
}

Result<Address> Supervisor::start_provider(const std::string& program, const Address& listen) {
  Result<Child> child =
      Child::spawn({program, "mock", "--listen", to_string(listen)}, {}, Captured::out);
  if (!child) return std::move(child).error();
  provider_.emplace(std::move(child).value());
  std::string said;
  const auto deadline = Clock::now() + start_patience;
  while (said.find('\n') == std::string::npos) {
    const bool more = provider_->read_output(said);
    if (!more || Clock::now() > deadline) {
      return Failure{FailureKind::unavailable, "the embedded provider did not start"};
    }
    pollfd output = {provider_->output_fd(), POLLIN, 0};
    poll(&output, 1, poll_ms);
  }
  const size_t scheme = said.find("http://");
  if (scheme == std::string::npos)
    return Failure{FailureKind::internal, "the embedded provider said: " + said};
  return parse_address(said.substr(scheme + 7, said.find('\n') - scheme - 7));
}

Result<void> Supervisor::start_extproc(const std::string& program, const std::string& config_path,
                                       const std::string& socket_path,
                                       const std::string& admin_address) {
  if (socket_path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Failure{FailureKind::internal,
                   "too long for a socket, choose a shorter TMPDIR: " + socket_path};
  }
  Result<Child> child =
      Child::spawn({program, "extproc", "-configPath", config_path, "-extProcAddr",
                    "unix://" + socket_path, "-adminPort", "0", "-adminAddress", admin_address, "-logLevel",
                    "warn"},
                   {}, Captured::err);
  if (!child) return std::move(child).error();
  extproc_.emplace(std::move(child).value());
  constexpr std::string_view ready = "is ready\n";
  const auto deadline = Clock::now() + start_patience;
  for (;;) {
    const bool more = extproc_->read_output(extproc_output_);
    const size_t at = extproc_output_.find(ready);
    if (at != std::string::npos) {
      extproc_output_.erase(0, at + ready.size());
      return {};
    }
    if (!more || Clock::now() > deadline) {
      return Failure{FailureKind::unavailable,
                     "the ext_proc server did not start; it said:" + last_lines(extproc_output_)};
    }
    pollfd output = {extproc_->output_fd(), POLLIN, 0};
    poll(&output, 1, poll_ms);
  }
}

bool Supervisor::envoy_is_ready(const std::string& admin_file) {
  if (admin_port_ == 0) {
    std::ifstream file(admin_file);
    std::string text;
    if (!std::getline(file, text)) return false;
    Result<Address> address = parse_address(text);
    if (!address) return false;
    admin_port_ = address->port;
  }
  if (local_get(admin_port_, "/ready", admin_timeout_ms).status != 200) return false;
  const std::optional<Address> bound = bound_address(admin_port_);
  if (bound) listening_ = *bound;
  return bound.has_value();
}

Failure Supervisor::envoy_failure(const std::string& when) {
  forward_output();
  const std::optional<int> status = envoy_->ended();
  const std::string how = status ? " ended with " + describe_status(*status) : " did not answer";
  std::string message = "Envoy" + how + " " + when;
  if (!serving_) {
    const std::string lines = last_lines(output_);
    if (!lines.empty()) message.append("; it said:").append(lines);
  }
  return {FailureKind::unavailable, message};
}

Result<Outcome> Supervisor::start_envoy(const EnvoyOptions& options, const Json& bootstrap,
                                        const RuntimeDirectory& directory) {
  AIGW_TRY(directory.write("bootstrap.json", bootstrap.dump(2)));
  const std::string admin_file = directory.path() + "/admin-address";
  std::vector<std::string> argv = {options.program,
                                   "-c",
                                   directory.path() + "/bootstrap.json",
                                   "--admin-address-path",
                                   admin_file,
                                   "--disable-hot-restart",
                                   "--file-flush-interval-msec",  // of access logs
                                   "1000",
                                   "--log-level",
                                   options.log_level};
  if (options.concurrency > 0) {
    argv.push_back("--concurrency");
    argv.push_back(std::to_string(options.concurrency));
  }
  std::vector<std::pair<std::string, std::string>> variables;
  if (!options.module_path.empty()) {
    variables.emplace_back("ENVOY_DYNAMIC_MODULES_SEARCH_PATH",
                           options.module_path.substr(0, options.module_path.rfind('/')));
  }
  Result<Child> child = Child::spawn(argv, variables, Captured::err);
  if (!child) return std::move(child).error();
  envoy_.emplace(std::move(child).value());
  const auto deadline = Clock::now() + start_patience;
  while (!envoy_is_ready(admin_file)) {
    if (pause(poll_ms)) {
      stop_all();
      return Outcome::stopped;
    }
    if (envoy_->ended()) return envoy_failure("before it served");
    if (std::optional<Failure> failure = companion_failure()) return *failure;
    if (Clock::now() > deadline) return envoy_failure("within 60 seconds");
  }
  forward_output();
  serving_ = true;
  forward_output();
  return Outcome::ready;
}

std::optional<Failure> Supervisor::companion_failure() {
  if (extproc_ && extproc_->ended()) {
    return Failure{FailureKind::unavailable,
                   "the ext_proc server ended with " + describe_status(*extproc_->ended())};
  }
  if (provider_ && provider_->ended()) {
    return Failure{FailureKind::unavailable,
                   "the embedded provider ended with " + describe_status(*provider_->ended())};
  }
  return {};
}

Result<void> Supervisor::wait() {
  // Looked at before each pause: the signal of a child that ended during the start is read by then.
  do {
    if (envoy_ && envoy_->ended()) return envoy_failure("while it served");
    if (std::optional<Failure> failure = companion_failure()) return *failure;
  } while (!pause(-1));
  stop_all();
  return {};
}

}  // namespace aigw::control
