// What one attempt did to the request headers, so that it can be taken back.
//
// Envoy keeps one request header map for all attempts of a request, and adds headers of its own for each. So an
// attempt writes down the original values of just those headers that it edits, and whoever comes next restores
// these and touches nothing else.
#pragma once

#include <vector>

#include "base/arena.h"
#include "base/bytes.h"
#include "http/header_map.h"

namespace aigw::http {

class UndoLog {
 public:
  // Names and original values are copied into `arena`, which must outlive the log.
  explicit UndoLog(Arena& arena) : arena_(arena) {
    touched_.reserve(kUsualEdits);
    originals_.reserve(kUsualEdits);
  }

  // Edits `map` and remembers what stood there. `value` must not be a view into `map`.
  void set(HeaderMap& map, Bytes name, Bytes value);
  void remove(HeaderMap& map, Bytes name);

  // Restores in `map` what the recorded edits replaced, and forgets them.
  void undo(HeaderMap& map);

  bool empty() const { return touched_.empty(); }

 private:
  static constexpr size_t kUsualEdits = 8;

  struct Original {
    Bytes name;
    Bytes value;
  };

  // Remembers the values of `name`, once. Says whether the header stands in `map`.
  bool remember(HeaderMap& map, Bytes name);

  Arena& arena_;
  std::vector<Bytes> touched_;
  std::vector<Original> originals_;
};

}  // namespace aigw::http
