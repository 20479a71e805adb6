#include "credential/store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <vector>

namespace aigw::credential {
namespace {

constexpr int64_t kNanoseconds = 1'000'000'000;
constexpr int64_t kSettleNs = 2 * kNanoseconds;

Failure unusable(std::string message) {
  return Failure{FailureKind::internal, std::move(message)};
}

std::string of_errno(int error) { return std::generic_category().message(error); }

int64_t to_ns(const timespec& time) { return int64_t{time.tv_sec} * kNanoseconds + time.tv_nsec; }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// Reads to the end, but no more than one byte above the limit.
Result<std::string> read_all(int fd) {
  std::string text(limits::credential_max + 1, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got == 0) break;
    if (got < 0) {
      if (errno == EINTR) continue;
      return unusable(of_errno(errno));
    }
    size += static_cast<size_t>(got);
  }
  if (size > limits::credential_max) {
    return unusable("larger than " + std::to_string(limits::credential_max) + " bytes");
  }
  text.resize(size);
  return text;
}

const char* const kUnfit = "not one line of text without control characters";

// A cell is empty where its value was white space only, and that is no credential either.
Result<std::shared_ptr<Cell>> make_cell(Bytes value, Form form, size_t capacity) {
  if (value.size() > limits::credential_max) {
    return unusable("larger than " + std::to_string(limits::credential_max) + " bytes");
  }
  auto cell = std::make_shared<Cell>(form, capacity);
  if (!cell->write(value)) return unusable(kUnfit);
  return cell;
}

std::string value_of(const Cell& cell) {
  std::string value(limits::credential_max, '\0');
  value.resize(cell.read(value.data(), value.size()));
  return value;
}

}  // namespace

Result<std::shared_ptr<const Cell>> Store::literal(Bytes value, Form form) {
  auto cell = make_cell(value, form, std::min(value.size(), limits::credential_max));
  if (!cell) return unusable("the credential is " + cell.error().message);
  return std::shared_ptr<const Cell>(std::move(*cell));
}

Result<std::shared_ptr<const Cell>> Store::env(const std::string& name, Form form) {
  const char* const value = std::getenv(name.c_str());
  const std::string what = "the environment variable " + name + " is ";
  if (value == nullptr) return unusable(what + "not set");
  const Bytes bytes(value);
  auto cell = make_cell(bytes, form, std::min(bytes.size(), limits::credential_max));
  if (!cell) return unusable(what + cell.error().message);
  if ((*cell)->read(nullptr, 0) == 0) return unusable(what + "empty");
  return std::shared_ptr<const Cell>(std::move(*cell));
}

Result<std::shared_ptr<const Cell>> Store::file(const std::string& path, Form form) {
  const std::lock_guard lock(mutex_);
  File& file = files_[{path, form}];
  if (auto cell = file.cell.lock()) return std::shared_ptr<const Cell>(std::move(cell));
  File fresh;
  auto text = read_file(path, fresh.version);
  auto cell = text ? make_cell(*text, form, limits::credential_max)
                   : Result<std::shared_ptr<Cell>>(std::move(text).error());
  std::string problem;
  if (!cell) {
    problem = cell.error().message;
  } else if ((*cell)->read(nullptr, 0) == 0) {
    problem = "empty";
  }
  if (!problem.empty()) {
    files_.erase({path, form});
    return unusable("the credential file " + path + " cannot be used: " + problem);
  }
  fresh.cell = *cell;
  file = std::move(fresh);
  return std::shared_ptr<const Cell>(std::move(*cell));
}

size_t Store::refresh() {
  std::vector<std::pair<std::string, std::string>> problems;
  size_t changed = 0;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = files_.begin(); at != files_.end();) {
      const std::string& path = at->first.first;
      File& file = at->second;
      const auto cell = file.cell.lock();
      if (!cell) {
        at = files_.erase(at);
        continue;
      }
      ++at;
      if (unchanged(path, file.version)) continue;
      std::string problem;
      if (renew(path, file.version, *cell, problem)) ++changed;
      if (problem != file.problem && !problem.empty()) problems.emplace_back(path, problem);
      file.problem = std::move(problem);
    }
  }
  for (const auto& [path, problem] : problems) {
    if (on_problem_) on_problem_(path, problem);
  }
  return changed;
}

bool Store::renew(const std::string& path, Version& version, Cell& cell, std::string& problem) {
  Version seen;
  auto text = read_file(path, seen);
  if (!text) {
    problem = text.error().message;
    return false;
  }
  version = seen;
  // A trial cell of the same form says what the text would become.
  auto trial = make_cell(*text, cell.form(), limits::credential_max);
  if (!trial) {
    problem = trial.error().message;
    return false;
  }
  const std::string value = value_of(**trial);
  if (value.empty()) {
    problem = "empty";
    return false;
  }
  return value != value_of(cell) && cell.write(value);
}

Result<std::string> Store::read_file(const std::string& path, Version& version) {
  // Non-blocking, because opening a FIFO would wait for its writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return unusable(of_errno(errno));
  if (!S_ISREG(status.st_mode)) return unusable("not a regular file");
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  version = Version{status.st_dev, status.st_ino, status.st_size, to_ns(status.st_mtim),
                    to_ns(now) - to_ns(status.st_mtim) > kSettleNs};
  return read_all(file.get());
}

bool Store::unchanged(const std::string& path, const Version& version) {
  struct stat status {};
  return version.settled && ::stat(path.c_str(), &status) == 0 &&
         status.st_dev == version.device && status.st_ino == version.inode &&
         status.st_size == version.size && to_ns(status.st_mtim) == version.modified_ns;
}

}  // namespace aigw::credential
