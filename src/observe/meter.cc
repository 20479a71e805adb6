#include "observe/meter.h"

#include <algorithm>
#include <iterator>

namespace aigw::observe {
namespace {

constexpr uint64_t kNanosecondsPerSecond = 1'000'000'000;

struct KnownStatus {
  uint32_t status;
  Bytes label;
};
constexpr KnownStatus kKnown[] = {
    {200, "200"}, {201, "201"}, {202, "202"}, {204, "204"}, {400, "400"}, {401, "401"},
    {402, "402"}, {403, "403"}, {404, "404"}, {405, "405"}, {408, "408"}, {409, "409"},
    {413, "413"}, {415, "415"}, {422, "422"}, {424, "424"}, {429, "429"}, {498, "498"},
    {499, "499"}, {500, "500"}, {501, "501"}, {502, "502"}, {503, "503"}, {504, "504"},
    {529, "529"}};

// The bucket of a value that is kept in the unit of the family.
uint32_t bucket_of(const FamilyTraits& family, uint64_t value) {
  const double scale = family.unit == Unit::nanoseconds ? kNanosecondsPerSecond : 1;
  const double shown = static_cast<double>(value) / scale;
  const auto bound = std::lower_bound(family.bounds.begin(), family.bounds.end(), shown);
  return static_cast<uint32_t>(bound - family.bounds.begin());
}

// Calls `visit` with each count that was reported, under the peer's names of token types.
template <class Visit>
void for_each_count(const chat::Usage& usage, Visit&& visit) {
  if (usage.input) visit("input", *usage.input);
  if (usage.cached_input) visit("cached_input", *usage.cached_input);
  if (usage.cache_creation_input) visit("cache_creation_input", *usage.cache_creation_input);
  if (usage.output) visit("output", *usage.output);
  if (usage.reasoning) visit("reasoning", *usage.reasoning);
}

Bytes or_unknown(Bytes text) { return text.empty() ? Bytes("unknown") : text; }

}  // namespace

Bytes name_of(AttemptOutcome outcome) {
  switch (outcome) {
    case AttemptOutcome::answered:
      return "answered";
    case AttemptOutcome::error:
      return "error";
    case AttemptOutcome::no_answer:
      return "no_answer";
    case AttemptOutcome::refused:
      return "refused";
    case AttemptOutcome::cut:
      break;
  }
  return "cut";
}

Bytes name_of(RequestOutcome outcome) {
  switch (outcome) {
    case RequestOutcome::answered:
      return "answered";
    case RequestOutcome::error:
      return "error";
    case RequestOutcome::refused:
      return "refused";
    case RequestOutcome::carrier:
      return "carrier";
    case RequestOutcome::cut:
      break;
  }
  return "cut";
}

Bytes status_label(uint32_t status) {
  const auto known = std::find_if(std::begin(kKnown), std::end(kKnown),
                                  [&](const KnownStatus& one) { return one.status == status; });
  if (known != std::end(kKnown)) return known->label;
  if (status == 0) return "none";
  constexpr Bytes kClasses[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  return status >= 100 && status < 600 ? kClasses[status / 100 - 1] : Bytes("other");
}

const Series* Meter::series(Family family, const Labels& labels) {
  const FamilyTraits& traits = traits_of(family);
  Block::Key key{traits.name, labels.bytes(), traits.values(), traits.exemplars, traits.by_client};
  if (const Series* found = block_.find(key)) return found;
  // As OpenTelemetry names the series of everything for which there is no room.
  Labels rest;
  rest.add("otel.metric.overflow", "true");
  key.labels = rest.bytes();
  key.may_overflow = false;
  return block_.find(key);
}

void Meter::count(Family family, uint32_t worker, const Labels& labels, uint64_t amount) {
  if (const Series* found = series(family, labels)) block_.add(*found, worker, 0, amount);
}

void Meter::observe(Family family, uint32_t worker, const Labels& labels, uint64_t value,
                    Bytes exemplar, uint64_t unix_milliseconds) {
  const Series* found = series(family, labels);
  if (found == nullptr) return;
  const FamilyTraits& traits = traits_of(family);
  const uint32_t bucket = bucket_of(traits, value);
  block_.add(*found, worker, bucket, 1);
  block_.add(*found, worker, traits.values() - 1, value);
  if (!exemplar.empty()) {
    block_.put_exemplar(*found, bucket, value, exemplar, unix_milliseconds);
  }
}

void Meter::request_began(uint32_t worker, Bytes endpoint) {
  count(Family::requests_started, worker, Labels().add("endpoint", endpoint));
}

void Meter::attempt_ended(uint32_t worker, const AttemptRecord& attempt,
                          uint64_t unix_milliseconds) {
  gen_ai(worker, attempt, unix_milliseconds);
  by_backend(worker, attempt);
}

// As the peer counts: an answer that did not come to its end has no duration, but what it has cost.
void Meter::gen_ai(uint32_t worker, const AttemptRecord& attempt, uint64_t unix_milliseconds) {
  Labels labels;
  labels.add("gen_ai.operation.name", attempt.operation)
      .add("gen_ai.original.model", or_unknown(attempt.original_model))
      .add("gen_ai.provider.name", or_unknown(attempt.provider))
      .add("gen_ai.request.model", or_unknown(attempt.request_model))
      .add("gen_ai.response.model", or_unknown(attempt.response_model));
  for (const Attribute& attribute : attempt.attributes) labels.add(attribute.name, attribute.value);
  const size_t base = labels.bytes().size();

  for_each_count(attempt.usage, [&](Bytes type, uint64_t tokens) {
    labels.add("gen_ai.token.type", type);
    observe(Family::client_token_usage, worker, labels, tokens);
    labels.cut(base);
  });
  Labels exemplar;
  if (!attempt.request_id.empty()) exemplar.add("request_id", attempt.request_id);
  const bool answered = attempt.outcome == AttemptOutcome::answered;
  if (attempt.streaming && attempt.first_byte_ns != 0) {
    observe(Family::server_time_to_first_token, worker, labels, attempt.first_byte_ns,
            exemplar.bytes(), unix_milliseconds);
    const uint64_t tokens = attempt.usage.output.value_or(0);
    if (answered && tokens > 1 && attempt.duration_ns > attempt.first_byte_ns) {
      observe(Family::server_time_per_output_token, worker, labels,
              (attempt.duration_ns - attempt.first_byte_ns) / (tokens - 1));
    }
  }
  if (attempt.outcome == AttemptOutcome::cut) return;
  if (!answered) labels.add("error.type", "_OTHER");
  observe(Family::server_request_duration, worker, labels, attempt.duration_ns, exemplar.bytes(),
          unix_milliseconds);
}

void Meter::by_backend(uint32_t worker, const AttemptRecord& attempt) {
  Labels labels;
  labels.add("backend", or_unknown(attempt.backend));
  const size_t base = labels.bytes().size();
  if (attempt.outcome == AttemptOutcome::answered) {
    observe(Family::attempt_duration, worker, labels, attempt.duration_ns);
  }
  if (attempt.streaming && attempt.first_byte_ns != 0) {
    observe(Family::attempt_first_token, worker, labels, attempt.first_byte_ns);
  }
  labels.add("code", status_label(attempt.status)).add("outcome", name_of(attempt.outcome));
  count(Family::attempts, worker, labels);
  labels.cut(base);
  for_each_count(attempt.usage, [&](Bytes type, uint64_t tokens) {
    labels.add("type", type);
    count(Family::tokens, worker, labels, tokens);
    labels.cut(base);
  });
}

void Meter::request_ended(uint32_t worker, const RequestRecord& request,
                          uint64_t unix_milliseconds) {
  Labels labels;
  labels.add("endpoint", request.endpoint);
  observe(Family::request_attempts, worker, labels, request.attempts);
  const size_t base = labels.bytes().size();
  labels.add("outcome", name_of(request.outcome));
  Labels exemplar;
  if (!request.request_id.empty()) exemplar.add("request_id", request.request_id);
  observe(Family::request_duration, worker, labels, request.duration_ns, exemplar.bytes(),
          unix_milliseconds);
  labels.cut(base);
  labels.add("code", status_label(request.status)).add("outcome", name_of(request.outcome));
  count(Family::requests, worker, labels);
  for (const Cost& cost : request.costs) {
    count(Family::cost, worker,
          Labels().add("backend", or_unknown(request.backend)).add("key", cost.key), cost.value);
  }
  const auto count_by_backend = [&](Family family, uint64_t amount) {
    if (amount > 0) count(family, worker, Labels().add("backend", or_unknown(request.backend)), amount);
  };
  count_by_backend(Family::failed_edits, request.failed_edits);
  count_by_backend(Family::failed_costs, request.failed_costs);
  count_by_backend(Family::unpriced, request.unpriced ? 1 : 0);
}

void Meter::refused(uint32_t worker, Bytes endpoint, FailureKind kind) {
  count(Family::refused, worker,
        Labels().add("endpoint", endpoint).add("type", traits(kind).type));
  if (kind == FailureKind::request_too_large) {
    count(Family::limited, worker, Labels().add("limit", "request_body"));
  }
}

void Meter::dropped(uint32_t worker, Bytes endpoint, Bytes provider, uint64_t members) {
  count(Family::dropped_members, worker,
        Labels().add("endpoint", endpoint).add("provider", or_unknown(provider)), members);
}

}  // namespace aigw::observe
