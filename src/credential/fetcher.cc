#include "credential/fetcher.h"

#include <utility>
#include <vector>

#include "credential/refresher.h"

namespace aigw::credential {
namespace {

// The process's one, and who holds it. Plain data: it has neither a constructor to run when the library is
// loaded nor a destructor to run when it is unloaded.
constinit std::mutex process_mutex;
constinit Fetcher* process_fetcher = nullptr;
constinit size_t process_holders = 0;

}  // namespace

Fetcher::Handle::Handle() {
  const std::lock_guard lock(process_mutex);
  if (process_holders++ == 0) process_fetcher = new Fetcher;
  fetcher_ = process_fetcher;
}

Fetcher::Handle::~Handle() {
  std::unique_ptr<Fetcher> last;  // goes after the lock: it joins threads
  const std::lock_guard lock(process_mutex);
  if (--process_holders == 0) last.reset(std::exchange(process_fetcher, nullptr));
}

Fetcher::Fetcher(FetchTimes times) : times_(times), ca_file_(net::system_ca_file()) {}

// A cell may outlive this: a request holds the configuration that it began with.
Fetcher::~Fetcher() {
  for (const auto& [name, refresher] : refreshers_) refresher->stop();
}

std::shared_ptr<const Cell> Fetcher::cell(std::unique_ptr<TokenSource> source, Form form, const std::string& key) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Refresher>& refresher = refreshers_[source->name() + "\n" + key];
  if (refresher == nullptr) refresher = std::make_shared<Refresher>(*this, std::move(source), form);
  return std::shared_ptr<const Cell>(refresher, &refresher->cell());
}

void Fetcher::wait_for_first(std::chrono::milliseconds time_max) {
  const auto until = std::chrono::steady_clock::now() + time_max;
  std::vector<std::shared_ptr<Refresher>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, refresher] : refreshers_) all.push_back(refresher);
  }
  for (const auto& refresher : all) refresher->wait_for_first(until);
}

void Fetcher::sweep() {
  std::vector<std::shared_ptr<Refresher>> unheld;  // goes after the lock
  const std::lock_guard lock(mutex_);
  for (auto at = refreshers_.begin(); at != refreshers_.end();) {
    // Only cell() gives out more holders, under the lock.
    if (at->second.use_count() > 1) {
      ++at;
      continue;
    }
    unheld.push_back(std::move(at->second));
    at = refreshers_.erase(at);
  }
}

uint64_t Fetcher::tell(OnFetch on_fetch) {
  const std::lock_guard lock(told_mutex_);
  told_.emplace(next_told_, std::move(on_fetch));
  return next_told_++;
}

void Fetcher::stop_telling(uint64_t number) {
  const std::lock_guard lock(told_mutex_);
  told_.erase(number);
}

void Fetcher::report(const Outcome& outcome) {
  const std::lock_guard lock(told_mutex_);
  // One is enough: they all write into one log, and count in one place.
  if (!told_.empty()) told_.begin()->second(outcome);
}

}  // namespace aigw::credential
