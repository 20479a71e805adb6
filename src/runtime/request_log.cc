#include "runtime/request_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "base/limits.h"
#include "base/quiet_thread.h"

namespace aigw::runtime {
namespace {

constexpr std::chrono::milliseconds kPeriod{100};

bool write_all(int file, Bytes text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

RequestLog::RequestLog(std::string path, LineFormat format, std::function<void(uint64_t)> lost)
    : path_(std::move(path)),
      format_(format),
      lost_(std::move(lost)),
      memory_({}, {}, observe::Feed::bytes_for(limits::request_lines_waiting_max)),
      feed_(memory_.get(), limits::request_lines_waiting_max),
      thread_(quiet_thread([this] { run(); })) {}

RequestLog::~RequestLog() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void RequestLog::run() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    const bool last = changed_.wait_for(lock, kPeriod, [this] { return stopping_; });
    write_new();
    if (last) return;
  }
}

void RequestLog::write_new() {
  std::string lines;
  uint64_t count = 0;
  const uint64_t missed = feed_.read(position_, [&](Bytes event) {
    lines += format_ == LineFormat::json ? observe::event_as_json(event)
                                         : observe::event_as_text(event);
    lines += '\n';
    ++count;
  });
  if (missed > 0) lost_(missed);
  if (lines.empty()) return;
  const int file = path_.empty() ? STDERR_FILENO
                                 : ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC,
                                          0640);
  if (file < 0 || !write_all(file, lines)) lost_(count);
  if (!path_.empty() && file >= 0) ::close(file);
}

}  // namespace aigw::runtime
