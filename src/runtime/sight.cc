#include "runtime/sight.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/limits.h"
#include "base/system_clock.h"
#include "runtime/event_text.h"

namespace aigw::runtime {

class Sight::Shard final : public observe::Recorder {
 public:
  Shard(Sight& sight, uint32_t worker) : sight_(sight), worker_(worker) {}

  void request_began(Bytes endpoint) override { sight_.meter_.request_began(worker_, endpoint); }

  void attempt_began(const observe::AttemptRecord& attempt) override {
    const uint64_t now = system_unix_milliseconds();
    if (sight_.events_.is_wanted(now)) {
      sight_.events_.publish(attempt_event("attempt", attempt, now).bytes());
    }
  }

  void attempt_ended(const observe::AttemptRecord& attempt) override {
    sight_.meter_.attempt_ended(worker_, attempt, system_unix_milliseconds());
  }

  void request_ended(const observe::RequestRecord& request) override {
    const uint64_t now = system_unix_milliseconds();
    sight_.meter_.request_ended(worker_, request, now);
    if (request.trace != nullptr && sight_.spans_) sight_.spans_(request);
    const bool fine = request.outcome == observe::RequestOutcome::answered;
    const bool wanted = sight_.events_.is_wanted(now);
    if (fine && !wanted && sight_.log_ == nullptr) return;
    const observe::Labels event = request_event(request, now);
    if (sight_.log_ != nullptr) sight_.log_->publish(event.bytes());
    if (wanted) sight_.events_.publish(event.bytes());
    if (!fine) sight_.errors_.publish(event.bytes());
  }

  void refused(Bytes endpoint, FailureKind kind) override { sight_.meter_.refused(worker_, endpoint, kind); }
  void limited(Limit limit) override { sight_.meter_.limited(worker_, limit); }
  void dropped(Bytes endpoint, Bytes provider, uint64_t members) override {
    sight_.meter_.dropped(worker_, endpoint, provider, members);
  }

 private:
  Sight& sight_;
  const uint32_t worker_;
};

Sight::Sight(const SharedRegistry& registry, uint32_t workers)
    : memory_(registry, kMemory, limits::metric_memory_max),
      events_memory_(registry, "ai_gateway.events.1", observe::Feed::bytes_for(limits::events_kept_max)),
      errors_memory_(registry, "ai_gateway.errors.1", observe::Feed::bytes_for(limits::errors_kept_max)),
      block_(memory_.get(), limits::metric_memory_max, workers),
      meter_(block_),
      events_(events_memory_.get(), limits::events_kept_max),
      errors_(errors_memory_.get(), limits::errors_kept_max) {
  static_assert(observe::Block::kLayout == 1 && observe::Feed::kLayout == 1);
  for (uint32_t worker = 0; worker < std::max(workers, 1u); ++worker) {
    shards_.push_back(std::make_unique<Shard>(*this, worker));
  }
}

Sight::~Sight() = default;

observe::Recorder& Sight::recorder(uint32_t worker) { return *shards_[worker % shards_.size()]; }

void Sight::count(observe::Family family, const observe::Labels& labels, uint64_t amount) {
  const int cpu = ::sched_getcpu();
  meter_.count(family, cpu < 0 ? 0 : static_cast<uint32_t>(cpu), labels, amount);
}

std::string Sight::metrics(observe::TextFormat format) const {
  return observe::expose(block_, format);
}

}  // namespace aigw::runtime
