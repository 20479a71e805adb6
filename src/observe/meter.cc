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
  if (usage.input) visit(0, "input", *usage.input);
  if (usage.cached_input) visit(1, "cached_input", *usage.cached_input);
  if (usage.cache_creation_input) visit(2, "cache_creation_input", *usage.cache_creation_input);
  if (usage.output) visit(3, "output", *usage.output);
  if (usage.reasoning) visit(4, "reasoning", *usage.reasoning);
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

void Meter::observe(Family family, uint32_t worker, const Labels& labels, uint64_t value, const Shown* shown) {
  put(series(family, labels), family, worker, value, shown);
}

void Meter::put(const Series* found, Family family, uint32_t worker, uint64_t value, const Shown* shown) {
  if (found == nullptr) return;
  const FamilyTraits& traits = traits_of(family);
  if (!traits.is_histogram()) {
    block_.add(*found, worker, 0, value);
    return;
  }
  const uint32_t bucket = bucket_of(traits, value);
  block_.add(*found, worker, bucket, 1);
  block_.add(*found, worker, traits.values() - 1, value);
  if (shown != nullptr && block_.wants_exemplar(*found, bucket, shown->unix_milliseconds)) {
    block_.put_exemplar(*found, bucket, value, exemplar_labels(*shown).bytes(), shown->unix_milliseconds);
  }
}

void Meter::request_began(uint32_t worker, Bytes endpoint) {
  const auto labels = [&] { return Labels().add("endpoint", endpoint); };
  Found unknown{};
  Found* known = others_.find(HotKey().add("began").add(endpoint));
  put(series(known != nullptr ? *known : unknown, Family::requests_started, labels),
      Family::requests_started, worker, 1);
}

void Meter::attempt_ended(uint32_t worker, const AttemptRecord& attempt,
                          uint64_t unix_milliseconds) {
  HotKey key;
  key.add(attempt.operation)
      .add(attempt.original_model)
      .add(attempt.provider)
      .add(attempt.request_model)
      .add(attempt.response_model)
      .add(attempt.backend)
      .add(attempt.status)
      .add(static_cast<uint32_t>(attempt.outcome));
  for (const Attribute& attribute : attempt.attributes) key.add(attribute.name).add(attribute.value);
  AttemptSeries unknown;
  AttemptSeries* known = attempts_.find(key);
  gen_ai(worker, attempt, known != nullptr ? *known : unknown, unix_milliseconds);
  by_backend(worker, attempt, known != nullptr ? *known : unknown);
}

// As the peer counts: an answer that did not come to its end has no duration, but what it has cost.
void Meter::gen_ai(uint32_t worker, const AttemptRecord& attempt, AttemptSeries& known,
                   uint64_t unix_milliseconds) {
  const auto labels = [&](Bytes name = {}, Bytes value = {}) {
    Labels made;
    made.add("gen_ai.operation.name", attempt.operation)
        .add("gen_ai.original.model", or_unknown(attempt.original_model))
        .add("gen_ai.provider.name", or_unknown(attempt.provider))
        .add("gen_ai.request.model", or_unknown(attempt.request_model))
        .add("gen_ai.response.model", or_unknown(attempt.response_model));
    for (const Attribute& attribute : attempt.attributes) made.add(attribute.name, attribute.value);
    if (!name.empty()) made.add(name, value);
    return made;
  };
  for_each_count(attempt.usage, [&](size_t index, Bytes type, uint64_t tokens) {
    put(series(known.tokens[index], Family::client_token_usage,
               [&] { return labels("gen_ai.token.type", type); }),
        Family::client_token_usage, worker, tokens);
  });
  const Shown shown{attempt.request_id, attempt.trace, unix_milliseconds};
  const bool answered = attempt.outcome == AttemptOutcome::answered;
  if (attempt.streaming && attempt.first_byte_ns != 0) {
    put(series(known.first_token, Family::server_time_to_first_token, labels),
        Family::server_time_to_first_token, worker, attempt.first_byte_ns, &shown);
    const uint64_t tokens = attempt.usage.output.value_or(0);
    if (answered && tokens > 1 && attempt.duration_ns > attempt.first_byte_ns) {
      put(series(known.per_token, Family::server_time_per_output_token, labels),
          Family::server_time_per_output_token, worker,
          (attempt.duration_ns - attempt.first_byte_ns) / (tokens - 1));
    }
  }
  if (attempt.outcome == AttemptOutcome::cut) return;
  const auto of_duration = [&] { return answered ? labels() : labels("error.type", "_OTHER"); };
  put(series(known.duration, Family::server_request_duration, of_duration),
      Family::server_request_duration, worker, attempt.duration_ns, &shown);
}

void Meter::by_backend(uint32_t worker, const AttemptRecord& attempt, AttemptSeries& known) {
  const auto labels = [&] { return Labels().add("backend", or_unknown(attempt.backend)); };
  if (attempt.outcome == AttemptOutcome::answered) {
    put(series(known.backend_duration, Family::attempt_duration, labels), Family::attempt_duration,
        worker, attempt.duration_ns);
  }
  if (attempt.streaming && attempt.first_byte_ns != 0) {
    put(series(known.backend_first_token, Family::attempt_first_token, labels),
        Family::attempt_first_token, worker, attempt.first_byte_ns);
  }
  const auto of_attempts = [&] {
    return labels().add("code", status_label(attempt.status)).add("outcome", name_of(attempt.outcome));
  };
  put(series(known.attempts, Family::attempts, of_attempts), Family::attempts, worker, 1);
  for_each_count(attempt.usage, [&](size_t index, Bytes type, uint64_t tokens) {
    put(series(known.backend_tokens[index], Family::tokens,
               [&] { return labels().add("type", type); }),
        Family::tokens, worker, tokens);
  });
}

void Meter::request_ended(uint32_t worker, const RequestRecord& request,
                          uint64_t unix_milliseconds) {
  RequestSeries unknown;
  RequestSeries* found = requests_.find(HotKey().add(request.endpoint).add(request.status).add(
      static_cast<uint32_t>(request.outcome)));
  RequestSeries& known = found != nullptr ? *found : unknown;
  const auto labels = [&] { return Labels().add("endpoint", request.endpoint); };
  put(series(known.attempts, Family::request_attempts, labels), Family::request_attempts, worker,
      request.attempts);
  const Shown shown{request.request_id, request.trace, unix_milliseconds};
  put(series(known.duration, Family::request_duration,
             [&] { return labels().add("outcome", name_of(request.outcome)); }),
      Family::request_duration, worker, request.duration_ns, &shown);
  const auto of_requests = [&] {
    return labels().add("code", status_label(request.status)).add("outcome", name_of(request.outcome));
  };
  put(series(known.requests, Family::requests, of_requests), Family::requests, worker, 1);
  for (const Cost& cost : request.costs) {
    Found nothing{};
    Found* one = others_.find(HotKey().add("cost").add(request.backend).add(cost.key));
    put(series(one != nullptr ? *one : nothing, Family::cost,
               [&] { return Labels().add("backend", or_unknown(request.backend)).add("key", cost.key); }),
        Family::cost, worker, cost.value);
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
}

void Meter::limited(uint32_t worker, Limit limit) {
  count(Family::limited, worker, Labels().add("limit", name_of(limit)));
}

void Meter::dropped(uint32_t worker, Bytes endpoint, Bytes provider, uint64_t members) {
  count(Family::dropped_members, worker,
        Labels().add("endpoint", endpoint).add("provider", or_unknown(provider)), members);
}

}  // namespace aigw::observe
