// Makes cells, and keeps those that come from files up to date.
//
// Kubernetes replaces a mounted secret by swapping a symlink, editors rename a temporary file over
// the old one, a shell truncates and writes: what identifies a version is therefore device, inode,
// size and modification time of what the path resolves to, and a file modified within the last two
// seconds is read again even if all these agree, because two writes within one tick of the clock
// leave no trace in them.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "credential/cell.h"
#include "credential/fetcher.h"
#include "credential/token_source.h"

namespace aigw::credential {

// Whether the tokens that a configuration needs are fetched, by threads of the process's own. Who only
// checks a configuration leaves it: such cells then stay empty.
enum class Fetching : uint8_t { off, on };

class Store {
 public:
  // Told of a file that cannot be used any more, once for each change of the problem: (path, what
  // is wrong). Runs on the thread that calls refresh(). What is wrong never holds any content.
  using OnProblem = std::function<void(const std::string& path, const std::string& problem)>;

  Store() = default;
  // `on_fetch` is told of what each fetch of the process comes to; it may be null.
  explicit Store(OnProblem on_problem, Fetching fetching = Fetching::off,
                 Fetcher::OnFetch on_fetch = nullptr);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // May be empty: a backend whose credential comes from elsewhere.
  Result<std::shared_ptr<const Cell>> literal(const Secret& value, Form form);
  // The value of the variable at this moment; unset or empty is a failure.
  Result<std::shared_ptr<const Cell>> env(const std::string& name, Form form);
  // Missing, unreadable, empty and too large are failures that name the file. Successive
  // configurations share one cell a path (and form) as long as any of them holds it.
  Result<std::shared_ptr<const Cell>> file(const std::string& path, Form form);

  // A secret that Envoy delivers (SDS): empty until it has come. Fails where nothing delivers any, and on a
  // name that was not asked for before seal_sds(): Envoy takes names only while a filter is being made.
  Result<std::shared_ptr<const Cell>> sds(const std::string& name, Form form);
  // The names that have been asked for; no other is taken from now on.
  std::vector<std::string> seal_sds();
  // What a secret is now. For one thread at a time.
  void deliver_sds(const std::string& name, Bytes value);
  // Before the first sds().
  void allow_sds() { sds_allowed_ = true; }

  // A token that has to be fetched: empty until it has been, see fetcher.h. `key` tells sources of
  // one name apart.
  std::shared_ptr<const Cell> fetched(std::unique_ptr<TokenSource> source, Form form,
                                      const std::string& key);
  // Waits until every token has been asked for once, but no longer than that.
  void wait_for_tokens(std::chrono::milliseconds time_max);

  // Looks at every file and rewrites the cells of those that changed. A file that is missing, empty
  // or unfit leaves its cell as it was. Returns how many values changed. For one thread, the
  // runtime's watcher, while any may make cells.
  size_t refresh();

 private:
  struct Version {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    int64_t modified_ns = 0;
    bool settled = false;  // false: read it again even if the rest agrees
  };
  struct File {
    std::weak_ptr<Cell> cell;
    Version version;
    std::string problem;  // the last one reported
  };

  static Result<Secret> read_file(const std::string& path, Version& version);
  // Brings `cell` up to date; true if its value changed. `problem` stays empty if the file is fit.
  static bool renew(const std::string& path, Version& version, Cell& cell, std::string& problem);
  static bool unchanged(const std::string& path, const Version& version);

  std::mutex mutex_;
  std::map<std::pair<std::string, Form>, File> files_;
  OnProblem on_problem_;
  std::map<std::pair<std::string, Form>, std::shared_ptr<Cell>> sds_;
  bool sds_allowed_ = false;
  bool sds_sealed_ = false;
  std::optional<Fetcher::Handle> fetcher_;
  uint64_t told_ = 0;  // by the fetcher, under this number; 0: not told
};

}  // namespace aigw::credential
