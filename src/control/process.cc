#include "control/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

namespace aigw::control {
namespace {

Failure cannot_start(const std::string& program, int error) {
  return {FailureKind::internal, "cannot start " + program + ": " + std::strerror(error)};
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> list;
  for (std::string& one : strings) list.push_back(one.data());
  list.push_back(nullptr);
  return list;
}

std::vector<std::string> environment_with(
    const std::vector<std::pair<std::string, std::string>>& variables) {
  std::vector<std::string> list;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view entry = *one;
    bool replaced = false;
    for (const auto& [name, value] : variables) {
      replaced |= entry.starts_with(name) && entry.substr(name.size()).starts_with('=');
    }
    if (!replaced) list.emplace_back(entry);
  }
  for (const auto& [name, value] : variables) list.push_back(name + "=" + value);
  return list;
}

// Between fork and exec: only what is safe there. Reports errno through `failed` and ends.
[[noreturn]] void become(char** argv, char** envp, pid_t parent, int output, Captured captured,
                         int failed) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before the line above
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  dup2(output, captured == Captured::out ? STDOUT_FILENO : STDERR_FILENO);
  execve(argv[0], argv, envp);
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(failed, &error, sizeof error);
  _exit(127);
}

}  // namespace

Result<Child> Child::spawn(const std::vector<std::string>& argv,
                           const std::vector<std::pair<std::string, std::string>>& variables,
                           Captured captured) {
  std::vector<std::string> arguments = argv;
  std::vector<std::string> environment = environment_with(variables);
  const std::vector<char*> argument_pointers = pointers(arguments);
  const std::vector<char*> environment_pointers = pointers(environment);
  int output[2];
  int failed[2];
  if (pipe2(output, O_CLOEXEC) != 0) return cannot_start(argv[0], errno);
  if (pipe2(failed, O_CLOEXEC) != 0) {
    const int error = errno;
    close(output[0]);
    close(output[1]);
    return cannot_start(argv[0], error);
  }
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid == 0) {
    become(const_cast<char**>(argument_pointers.data()),
           const_cast<char**>(environment_pointers.data()), parent, output[1], captured, failed[1]);
  }
  int error = errno;
  close(output[1]);
  close(failed[1]);
  // Ends without a byte when exec has closed the other side.
  const bool refused = pid < 0 || read(failed[0], &error, sizeof error) == sizeof error;
  close(failed[0]);
  if (refused) {
    close(output[0]);
    if (pid > 0) waitpid(pid, nullptr, 0);
    return cannot_start(argv[0], error);
  }
  fcntl(output[0], F_SETFL, O_NONBLOCK);
  return Child(pid, output[0]);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      status_(other.status_) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(output_, other.output_);
  std::swap(status_, other.status_);
  return *this;
}

Child::~Child() {
  if (pid_ > 0 && !ended()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close_output();
}

void Child::close_output() {
  if (output_ >= 0) close(output_);
  output_ = -1;
}

bool Child::read_output(std::string& text) {
  char piece[4096];
  while (output_ >= 0) {
    const ssize_t got = read(output_, piece, sizeof piece);
    if (got > 0) {
      text.append(piece, static_cast<size_t>(got));
    } else if (got < 0 && errno == EINTR) {
      continue;
    } else if (got < 0 && errno == EAGAIN) {
      return true;
    } else {
      close_output();
    }
  }
  return false;
}

std::optional<int> Child::ended() {
  int status = 0;
  if (!status_ && pid_ > 0 && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

void Child::stop(std::chrono::milliseconds patience, const std::function<void()>& read) {
  if (pid_ <= 0 || ended()) return;
  kill(pid_, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!ended()) {
    if (std::chrono::steady_clock::now() >= deadline) kill(pid_, SIGKILL);
    read();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  read();
}

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) {
    const int number = WTERMSIG(status);
    return "signal " + std::to_string(number) + " (" + strsignal(number) + ")";
  }
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace aigw::control
