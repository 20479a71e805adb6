// Keeps cells filled with tokens that expire. Each source has a thread of its own, since asking for a token
// may block: no worker ever waits for one, and one service that hangs holds up no other.
//
// A token is fetched anew well before it dies (a fifth of its life, five minutes at most), and when a file
// that it is made from changes. What fails is tried again, at first soon and then less and less often; the
// old token stands in its cell until then, and the cell says when it dies. All times have some jitter, so
// that a fleet that was started at once does not ask at once.
//
// There is one for the process (of this build), however many configurations there are: sources of one name
// share a cell.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "credential/cell.h"
#include "credential/token_source.h"

namespace aigw::credential {

class Refresher;

// When tokens are fetched; tests have their own.
struct FetchTimes {
  std::chrono::milliseconds ahead_max{300'000};  // before a token dies
  std::chrono::milliseconds retry_first{500};
  std::chrono::milliseconds retry_max{30'000};
  std::chrono::milliseconds unknown_life{3'600'000};  // of a token that does not say when it dies
  std::chrono::milliseconds watch_files{250};

  // How long a token that lives for `life` is let be before the next is fetched; jitter takes off up to a fifth.
  std::chrono::milliseconds until_next(std::chrono::milliseconds life) const {
    return life - std::min(ahead_max, life / 5);
  }
};

class Fetcher {
 public:
  // What one fetch came to.
  struct Outcome {
    const std::string& source;   // its name
    Bytes kind;                  // static text, as the source gives it
    Bytes result;                // static text: "fetched", "unavailable", "refused", "unusable" or "local"
    const std::string& problem;  // "" where there is none
    bool changed;                // the problem is another one than after the fetch before
  };
  // Any thread.
  using OnFetch = std::function<void(const Outcome&)>;

  explicit Fetcher(FetchTimes times = {});
  // Ends every fetch and joins its thread.
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  // The one of the process: made by the first who holds it, gone with the last.
  class Handle {
   public:
    Handle();
    ~Handle();
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    Fetcher* operator->() const { return fetcher_; }

   private:
    Fetcher* fetcher_;
  };

  // The cell that `source` fills, which begins at once; the one that there is for its name, if any. `key`
  // tells sources apart that have one name (a digest of a secret that is not to be shown).
  std::shared_ptr<const Cell> cell(std::unique_ptr<TokenSource> source, Form form, const std::string& key);

  // Waits until every source has been asked once, in vain or not, but no longer than that.
  void wait_for_first(std::chrono::milliseconds time_max);

  // Ends the fetches for cells that nobody holds any more. Blocks until their threads have ended, so it is not
  // for a worker.
  void sweep();

  // Whoever is told of every fetch; a number to have it taken back with, after which it is not called any more.
  uint64_t tell(OnFetch on_fetch);
  void stop_telling(uint64_t number);

 private:
  friend class Refresher;
  void report(const Outcome& outcome);

  const FetchTimes times_;
  const std::string ca_file_;
  std::mutex mutex_;  // refreshers_
  std::map<std::string, std::shared_ptr<Refresher>> refreshers_;
  std::mutex told_mutex_;
  std::map<uint64_t, OnFetch> told_;
  uint64_t next_told_ = 1;
};

}  // namespace aigw::credential
