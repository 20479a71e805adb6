// Counts in a block what the core tells. From any thread, without a lock.
#pragma once

#include "observe/block.h"
#include "observe/exemplar.h"
#include "observe/family.h"
#include "observe/hot_cache.h"
#include "observe/labels.h"
#include "observe/records.h"

namespace aigw::observe {

// An HTTP status as a label: the usual ones as they are, others by their class, so that a provider
// does not decide how many series there are.
Bytes status_label(uint32_t status);

class Meter {
 public:
  // `block` must outlive the meter.
  explicit Meter(Block& block) : block_(block) {}

  void count(Family family, uint32_t worker, const Labels& labels, uint64_t amount = 1);
  // `value` in the family's own unit; `shown` may be null.
  void observe(Family family, uint32_t worker, const Labels& labels, uint64_t value, const Shown* shown = nullptr);

  // See Recorder; `worker` says which shard counts.
  void request_began(uint32_t worker, Bytes endpoint);
  void attempt_ended(uint32_t worker, const AttemptRecord& attempt, uint64_t unix_milliseconds);
  void request_ended(uint32_t worker, const RequestRecord& request, uint64_t unix_milliseconds);
  void refused(uint32_t worker, Bytes endpoint, FailureKind kind);
  void limited(uint32_t worker, Limit limit);
  void dropped(uint32_t worker, Bytes endpoint, Bytes provider, uint64_t members);

  Block& block() const { return block_; }

 private:
  // A series that was found before; null: not yet.
  using Found = std::atomic<const Series*>;
  static constexpr size_t kTokenTypes = 5;
  struct AttemptSeries {
    std::array<Found, kTokenTypes> tokens{};
    std::array<Found, kTokenTypes> backend_tokens{};
    Found first_token{}, per_token{}, duration{};
    Found backend_duration{}, backend_first_token{}, attempts{};
  };
  struct RequestSeries {
    Found attempts{}, duration{}, requests{};
  };

  const Series* series(Family family, const Labels& labels);
  // The series of `found`; `labels()` makes its labels where it has to be looked up.
  template <class MakeLabels>
  const Series* series(Found& found, Family family, MakeLabels&& labels) {
    const Series* known = found.load(std::memory_order_acquire);
    if (known != nullptr) return known;
    known = series(family, labels());
    found.store(known, std::memory_order_release);
    return known;
  }
  void put(const Series* series, Family family, uint32_t worker, uint64_t value, const Shown* shown = nullptr);
  void gen_ai(uint32_t worker, const AttemptRecord& attempt, AttemptSeries& known,
              uint64_t unix_milliseconds);
  void by_backend(uint32_t worker, const AttemptRecord& attempt, AttemptSeries& known);

  Block& block_;
  HotCache<AttemptSeries> attempts_;
  HotCache<RequestSeries> requests_;
  HotCache<Found> others_;
};

}  // namespace aigw::observe
