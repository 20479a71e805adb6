// A ring of what happened, for those who look: the line of each request in a log, the requests that
// `aigw tap` shows, the last errors of the status page.
//
// Who writes never waits, neither for a reader nor for another writer; a reader that is too slow
// loses what was written over, and learns how much. The ring stands in memory that builds hand on, so
// its layout never changes (kLayout). An event is a list of labels (labels.h); a name that begins
// with # has a number for a value.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.h"
#include "observe/labels.h"

namespace aigw::observe {

class Feed {
 public:
  static constexpr uint32_t kLayout = 1;

  // The bytes that a ring of `events` takes.
  static size_t bytes_for(uint32_t events);

  // Takes the ring at `memory`, or makes one of `events` there, in zeroed bytes that must outlive it.
  Feed(void* memory, uint32_t events);

  void publish(Bytes event);

  // The position of the next event.
  uint64_t end() const;

  // Calls `visit` with each event from `position` on that is still there, in order; stops at one that is
  // being written. Moves `position` behind the last, and returns how many were lost.
  uint64_t read(uint64_t& position, const std::function<void(Bytes)>& visit) const;

  // Somebody looks until then (milliseconds since 1970): events are wanted that nobody else needs.
  void want_until(uint64_t unix_milliseconds);
  bool is_wanted(uint64_t unix_milliseconds) const;

 private:
  struct Header;
  struct Slot;
  Header& header() const { return *static_cast<Header*>(memory_); }
  Slot& slot(uint64_t position) const;

  void* const memory_;
};

// An event as one line of JSON, or as key=value words; both without the line's end.
std::string event_as_json(Bytes event);
std::string event_as_text(Bytes event);

}  // namespace aigw::observe
