#include "credential/refresher.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/limits.h"
#include "base/quiet_thread.h"
#include "base/system_clock.h"

namespace aigw::credential {
namespace {

// See TokenSource::fetch.
Bytes result_of(FailureKind kind) {
  if (kind == FailureKind::unavailable) return "unavailable";
  if (kind == FailureKind::unauthorized) return "refused";
  return kind == FailureKind::bad_upstream ? "unusable" : "local";
}

}  // namespace

Refresher::Refresher(Fetcher& fetcher, std::unique_ptr<TokenSource> source, Form form)
    : fetcher_(fetcher),
      source_(std::move(source)),
      name_(source_->name()),
      cell_(form, limits::credential_max, Origin::fetched),
      http_(fetcher.ca_file_, &interrupt_),
      random_(static_cast<unsigned>(system_monotonic_now())),
      thread_(quiet_thread([this] { run(); })) {}

Refresher::~Refresher() { stop(); }

void Refresher::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  interrupt_.raise();
  if (thread_.joinable()) thread_.join();
}

void Refresher::wait_for_first(std::chrono::steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [this] { return asked_; });
}

void Refresher::run() {
  for (;;) {
    Milliseconds pause{0};
    try {
      pause = fetch();
    } catch (const std::exception&) {  // no memory
      pause = after_failure({FailureKind::internal, "the gateway is out of memory"});
    }
    {
      const std::lock_guard lock(mutex_);
      asked_ = true;
    }
    changed_.notify_all();
    if (!sleep(pause)) return;
  }
}

Refresher::Milliseconds Refresher::fetch() {
  const std::vector<std::string> files = source_->files();
  seen_ = versions();
  const auto now = static_cast<int64_t>(system_unix_now());
  Result<Token> token = source_->fetch(http_, now);
  // Which files there are may stand in one of them.
  if (source_->files() != files) seen_ = versions();
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Milliseconds(0);
  }
  if (!token) return after_failure(token.error());
  if (token->expires_at != 0 && token->expires_at <= now) {
    return after_failure({FailureKind::bad_upstream, "the token that it gives has expired"});
  }
  token->expires_at = std::min(token->expires_at, now + static_cast<int64_t>(limits::token_seconds_max));
  if (!cell_.write(token->value.reveal(), token->expires_at)) {
    return after_failure({FailureKind::bad_upstream, "the token that it gives fits into no header"});
  }
  return after_success(*token, now);
}

Refresher::Milliseconds Refresher::after_success(const Token& token, int64_t now) {
  failures_ = 0;
  report("fetched", {});
  if (token.expires_at == 0) return with_jitter(fetcher_.times_.unknown_life);
  return with_jitter(fetcher_.times_.until_next(Milliseconds((token.expires_at - now) * 1000)));
}

Refresher::Milliseconds Refresher::after_failure(const Failure& failure) {
  report(result_of(failure.kind), failure.message);
  const unsigned doublings = std::min(failures_++, 16u);
  return with_jitter(std::min(fetcher_.times_.retry_first * (1 << doublings), fetcher_.times_.retry_max));
}

void Refresher::report(Bytes result, const std::string& problem) {
  const bool changed = problem != problem_;
  if (changed) problem_ = problem;
  fetcher_.report({name_, source_->kind(), result, problem_, changed});
}

bool Refresher::sleep(Milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    if (stopping_) return false;
    if (now >= until) return true;
    changed_.wait_until(lock, std::min(until, now + fetcher_.times_.watch_files), [this] { return stopping_; });
    lock.unlock();
    const bool changed = versions() != seen_;
    lock.lock();
    if (changed) {
      failures_ = 0;
      return !stopping_;
    }
  }
}

std::string Refresher::versions() const {
  std::string versions;
  for (const std::string& path : source_->files()) {
    struct stat status {};
    // One that is away for a moment is being replaced.
    if (::stat(path.c_str(), &status) != 0) return seen_;
    versions += path + ' ' + std::to_string(status.st_dev) + ' ' + std::to_string(status.st_ino) + ' ' +
                std::to_string(status.st_size) + ' ' + std::to_string(status.st_mtim.tv_sec) + '.' +
                std::to_string(status.st_mtim.tv_nsec) + '\n';
  }
  return versions;
}

Refresher::Milliseconds Refresher::with_jitter(Milliseconds time) {
  std::uniform_int_distribution<int64_t> part(800, 1000);
  return Milliseconds(time.count() * part(random_) / 1000);
}

}  // namespace aigw::credential
