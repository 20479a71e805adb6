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

// Reads to the end, or fails above the limit.
Result<Secret> read_all(int fd) {
  SecretBuilder text(limits::credential_max);
  while (!text.full()) {
    char piece[1024];
    const ssize_t got = ::read(fd, piece, sizeof piece);
    if (got == 0) return Secret(text.reveal());
    if (got < 0) {
      if (errno == EINTR) continue;
      return unusable(of_errno(errno));
    }
    text.append({piece, static_cast<size_t>(got)});
    erase_bytes(piece, sizeof piece);
  }
  return unusable("larger than " + std::to_string(limits::credential_max) + " bytes");
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

Secret value_of(const Cell& cell) {
  Cell::Buffer buffer;
  return Secret(cell.read_into(buffer));
}

}  // namespace

std::string process_environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

Result<Secret> read_secret_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return unusable(path + ": " + of_errno(errno));
  Result<Secret> text = read_all(file.get());
  if (!text) return unusable(path + ": " + text.error().message);
  return text;
}

Store::Store(OnProblem on_problem, Fetching fetching, Fetcher::OnFetch on_fetch)
    : on_problem_(std::move(on_problem)) {
  if (fetching == Fetching::off) return;
  fetcher_.emplace();
  if (on_fetch) told_ = (*fetcher_)->tell(std::move(on_fetch));
}

Store::~Store() {
  if (told_ != 0) (*fetcher_)->stop_telling(told_);
}

Result<std::shared_ptr<const Cell>> Store::sds(const std::string& name, Form form) {
  const std::lock_guard lock(mutex_);
  if (!sds_allowed_) {
    return unusable("the secret " + name + " comes by SDS, which the module in Envoy 1.40 or later can read");
  }
  const auto found = sds_.find({name, form});
  if (found != sds_.end()) return std::shared_ptr<const Cell>(found->second);
  if (sds_sealed_) {
    return unusable("the secret " + name + " was not asked for when the filter was made: Envoy takes no more names, "
                    "so the filter's configuration has to be sent anew");
  }
  auto cell = std::make_shared<Cell>(form, limits::credential_max, Origin::fetched);
  sds_.emplace(std::pair(name, form), cell);
  return std::shared_ptr<const Cell>(std::move(cell));
}

std::vector<std::string> Store::seal_sds() {
  const std::lock_guard lock(mutex_);
  sds_sealed_ = true;
  std::vector<std::string> names;
  for (const auto& [key, cell] : sds_) {
    if (names.empty() || names.back() != key.first) names.push_back(key.first);
  }
  return names;
}

void Store::deliver_sds(const std::string& name, Bytes value) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, cell] : sds_) {
    if (key.first != name) continue;
    Cell trial(key.second, limits::credential_max);
    if (!trial.write(value)) continue;
    // As with a file, nothing is no new value.
    const Secret fresh = value_of(trial);
    if (!fresh.empty() && !(fresh == value_of(*cell))) cell->write(value);
  }
}

std::shared_ptr<const Cell> Store::fetched(std::unique_ptr<TokenSource> source, Form form,
                                           const std::string& key) {
  if (!fetcher_) return std::make_shared<const Cell>(form, 0, Origin::fetched);
  return (*fetcher_)->cell(std::move(source), form, key);
}

void Store::wait_for_tokens(std::chrono::milliseconds time_max) {
  if (fetcher_) (*fetcher_)->wait_for_first(time_max);
}

Result<std::shared_ptr<const Cell>> Store::literal(const Secret& value, Form form) {
  auto cell = make_cell(value.reveal(), form, std::min(value.size(), limits::credential_max));
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
  auto cell = text ? make_cell(text->reveal(), form, limits::credential_max)
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
  if (fetcher_) (*fetcher_)->sweep();
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
  auto trial = make_cell(text->reveal(), cell.form(), limits::credential_max);
  if (!trial) {
    problem = trial.error().message;
    return false;
  }
  const Secret value = value_of(**trial);
  if (value.empty()) {
    problem = "empty";
    return false;
  }
  return !(value == value_of(cell)) && cell.write(value.reveal());
}

Result<Secret> Store::read_file(const std::string& path, Version& version) {
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
