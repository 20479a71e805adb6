#include "runtime/status.h"

#include <charconv>
#include <map>
#include <vector>

#include "base/limits.h"
#include "base/system_clock.h"
#include "json/writer.h"
#include "observe/family.h"
#include "observe/labels.h"
#include "version/version.h"

namespace aigw::runtime {
namespace {

using observe::Block;
using observe::Family;
using observe::Series;

std::string number_text(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

// What is known of one backend, from the series that carry its name.
struct BackendState {
  std::map<std::string, uint64_t, std::less<>> attempts;  // by outcome
  std::map<std::string, uint64_t, std::less<>> tokens;    // by type
  std::map<std::string, uint64_t, std::less<>> costs;     // by key
  const Series* duration = nullptr;
  const Series* first_token = nullptr;
};

struct Everything {
  std::map<std::string, BackendState, std::less<>> backends;
  std::map<std::string, uint64_t, std::less<>> outcomes;
  // Of the token services: by kind of source, then by result.
  std::map<std::string, std::map<std::string, uint64_t, std::less<>>, std::less<>> fetches;
  uint64_t started = 0;
  uint64_t ended = 0;
};

Everything gather(const Block& block) {
  Everything all;
  block.for_each([&](const Series& series) {
    const observe::FamilyTraits* family = observe::find_family(Block::family_of(series));
    if (family == nullptr || family->values() != series.values) return;
    const Bytes labels = Block::labels_of(series);
    const auto value = [&] { return block.read(series, 0); };
    const auto named = [&](Bytes name) { return std::string(observe::label(labels, name)); };
    const auto backend = [&]() -> BackendState& { return all.backends[named("backend")]; };
    if (family->family == Family::requests_started) all.started += value();
    if (family->family == Family::requests) {
      all.ended += value();
      all.outcomes[named("outcome")] += value();
    }
    if (family->family == Family::token_fetches) all.fetches[named("source")][named("result")] += value();
    if (family->family == Family::attempts) backend().attempts[named("outcome")] += value();
    if (family->family == Family::tokens) backend().tokens[named("type")] += value();
    if (family->family == Family::cost) backend().costs[named("key")] += value();
    if (family->family == Family::attempt_duration) backend().duration = &series;
    if (family->family == Family::attempt_first_token) backend().first_token = &series;
  });
  return all;
}

void write_counts(json::Writer& out, Bytes name,
                  const std::map<std::string, uint64_t, std::less<>>& counts) {
  out.member_object(name);
  for (const auto& [key, count] : counts) out.member_number(key, count);
  out.end_object();
}

void write_quantiles(json::Writer& out, Bytes name, const Block& block, const Series* series,
                     Family family) {
  out.member_object(name);
  if (series != nullptr) {
    const observe::FamilyTraits& traits = observe::traits_of(family);
    for (const auto& [key, q] : {std::pair<Bytes, double>{"p50", 0.5}, {"p95", 0.95}}) {
      const double value = quantile(block, *series, traits, q);
      if (value >= 0) out.member_raw(key, number_text(value));
    }
  }
  out.end_object();
}

void write_backend(json::Writer& out, Bytes name, const BackendState& state,
                   const config::Backend* configured, const Block& block) {
  out.begin_object();
  out.member("name", name);
  out.member_boolean("configured", configured != nullptr);
  if (configured != nullptr) {
    out.member("schema", config::to_string(configured->schema));
    out.member_unless_empty("model", configured->model_override);
  }
  write_counts(out, "attempts", state.attempts);
  write_counts(out, "tokens", state.tokens);
  write_counts(out, "costs", state.costs);
  write_quantiles(out, "duration_seconds", block, state.duration, Family::attempt_duration);
  write_quantiles(out, "first_token_seconds", block, state.first_token,
                  Family::attempt_first_token);
  out.end_object();
}

}  // namespace

double quantile(const Block& block, const Series& series, const observe::FamilyTraits& family,
                double q) {
  std::vector<uint64_t> buckets(family.bounds.size() + 1);
  uint64_t count = 0;
  for (uint32_t i = 0; i < buckets.size(); ++i) count += buckets[i] = block.read(series, i);
  if (count == 0) return -1;
  const double rank = q * static_cast<double>(count);
  double below = 0;
  for (size_t i = 0; i < family.bounds.size(); ++i) {
    const auto here = static_cast<double>(buckets[i]);
    if (below + here >= rank && here > 0) {
      const double from = i == 0 ? 0 : family.bounds[i - 1];
      return from + (family.bounds[i] - from) * (rank - below) / here;
    }
    below += here;
  }
  return family.bounds.back();
}

std::string status_json(Sight& sight, const ConfigurationState& configuration,
                        uint64_t process_began_ms) {
  const Block& block = sight.block();
  Everything all = gather(block);
  for (const config::Backend* one : configuration.config.backends()) all.backends[one->name];
  std::string text;
  json::Writer out(text);
  out.begin_object();
  out.member("version", version::release());
  out.member("commit", version::commit());
  out.member("build", version::build_type());
  out.member_number("now_ms", system_unix_milliseconds());
  out.member_number("began_ms", process_began_ms);
  out.member_object("configuration");
  out.member("uuid", configuration.config.uuid());
  out.member("version", configuration.config.version());
  out.member("source", configuration.source);
  out.member_number("loaded_ms", configuration.loaded_ms);
  if (configuration.refused_ms != 0) {
    out.member_number("refused_ms", configuration.refused_ms);
    out.member("refusal", configuration.refusal);
  }
  out.end_object();
  out.member_object("requests");
  out.member_number("started", all.started);
  out.member_number("open", all.started > all.ended ? all.started - all.ended : 0);
  write_counts(out, "outcomes", all.outcomes);
  out.end_object();
  out.member_object("token_fetches");
  for (const auto& [source, results] : all.fetches) write_counts(out, source, results);
  out.end_object();
  out.member_array("backends");
  for (const auto& [name, state] : all.backends) {
    write_backend(out, name, state, configuration.config.find_backend(name), block);
  }
  out.end_array();
  out.member_array("errors");
  observe::Feed& errors = sight.errors();
  uint64_t position = errors.end() > limits::errors_shown_max ? errors.end() - limits::errors_shown_max : 0;
  std::vector<std::string> latest;
  errors.read(position, [&](Bytes event) { latest.push_back(observe::event_as_json(event)); });
  for (auto one = latest.rbegin(); one != latest.rend(); ++one) out.raw(*one);
  out.end_array();
  out.end_object();
  return text;
}

}  // namespace aigw::runtime
