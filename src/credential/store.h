// Makes cells, and keeps those that come from files up to date.
//
// Kubernetes replaces a mounted secret by swapping a symlink, editors rename a temporary file over
// the old one, a shell truncates and writes: what identifies a version is therefore device, inode,
// size and modification time of what the path resolves to, and a file modified within the last two
// seconds is read again even if all these agree, because two writes within one tick of the clock
// leave no trace in them.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/result.h"
#include "credential/cell.h"

namespace aigw::credential {

class Store {
 public:
  // Told of a file that cannot be used any more, once for each change of the problem: (path, what
  // is wrong). Runs on the thread that calls refresh(). What is wrong never holds any content.
  using OnProblem = std::function<void(const std::string& path, const std::string& problem)>;

  Store() = default;
  explicit Store(OnProblem on_problem) : on_problem_(std::move(on_problem)) {}
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // May be empty: a backend whose credential comes from elsewhere.
  Result<std::shared_ptr<const Cell>> literal(Bytes value, Form form);
  // The value of the variable at this moment; unset or empty is a failure.
  Result<std::shared_ptr<const Cell>> env(const std::string& name, Form form);
  // Missing, unreadable, empty and too large are failures that name the file. Successive
  // configurations share one cell a path (and form) as long as any of them holds it.
  Result<std::shared_ptr<const Cell>> file(const std::string& path, Form form);

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

  static Result<std::string> read_file(const std::string& path, Version& version);
  // Brings `cell` up to date; true if its value changed. `problem` stays empty if the file is fit.
  static bool renew(const std::string& path, Version& version, Cell& cell, std::string& problem);
  static bool unchanged(const std::string& path, const Version& version);

  std::mutex mutex_;
  std::map<std::pair<std::string, Form>, File> files_;
  OnProblem on_problem_;
};

}  // namespace aigw::credential
