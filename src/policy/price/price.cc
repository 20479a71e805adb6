#include "policy/price/price.h"

#include <algorithm>
#include <map>

#include "base/limits.h"

namespace aigw::policy::price {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr uint64_t kPico = 1'000'000'000'000;
constexpr uint64_t kPicoPerMicro = 1'000'000;

uint64_t less(uint64_t from, uint64_t what) { return from > what ? from - what : 0; }

}  // namespace

Bytes to_string(Kind kind) {
  constexpr Bytes kNames[] = {"input", "cachedInput", "cacheCreationInput", "output", "reasoning", "request"};
  static_assert(std::size(kNames) == kKinds);
  return kNames[static_cast<size_t>(kind)];
}

std::optional<uint64_t> parse_pico(Bytes text) {
  uint64_t value = 0;
  size_t digits = 0, decimals = 0;
  bool after_point = false;
  for (const char c : text) {
    if (c == '.' && !after_point && digits > 0) {
      after_point = true;
      continue;
    }
    if (c < '0' || c > '9' || (after_point && ++decimals > limits::price_decimals_max)) return std::nullopt;
    ++digits;
    if (value > limits::price_max * kPico) return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  if (digits == 0 || (after_point && decimals == 0)) return std::nullopt;
  for (; decimals < limits::price_decimals_max; ++decimals) {
    if (value > limits::price_max * kPico) return std::nullopt;
    value *= 10;
  }
  return value <= limits::price_max * kPico ? std::optional<uint64_t>(value) : std::nullopt;
}

Table::Table(std::string currency, std::vector<Entry> entries) : currency_(std::move(currency)) {
  std::map<std::string, Entries> prefixes;
  for (Entry& entry : entries) {
    if (entry.model.ends_with('*')) {
      std::string prefix = entry.model.substr(0, entry.model.size() - 1);
      prefixes[std::move(prefix)].push_back(std::move(entry));
    } else {
      exact_[entry.model].push_back(std::move(entry));
    }
  }
  for (auto& [prefix, list] : prefixes) prefixes_.emplace_back(prefix, std::move(list));
  std::stable_sort(prefixes_.begin(), prefixes_.end(),
                   [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
}

const Entry* Table::best_of(const Entries& entries, Bytes backend, int64_t unix_seconds) {
  const Entry* best = nullptr;
  for (const Entry& entry : entries) {
    if (entry.from > unix_seconds || (!entry.backend.empty() && entry.backend != backend)) continue;
    // Of two that begin at one time the later in the list counts.
    const auto rank = [](const Entry& one) { return std::pair(!one.backend.empty(), one.from); };
    if (best == nullptr || rank(entry) >= rank(*best)) best = &entry;
  }
  return best;
}

const Entry* Table::find(Bytes model, Bytes backend, int64_t unix_seconds) const {
  if (const auto exact = exact_.find(model); exact != exact_.end()) {
    if (const Entry* entry = best_of(exact->second, backend, unix_seconds)) return entry;
  }
  for (const auto& [prefix, entries] : prefixes_) {
    if (!model.starts_with(prefix)) continue;
    if (const Entry* entry = best_of(entries, backend, unix_seconds)) return entry;
  }
  return nullptr;
}

uint64_t Table::cost(const Entry& entry, const chat::Usage& usage) {
  const uint64_t all_input = usage.input.value_or(0);
  const uint64_t cached = std::min(usage.cached_input.value_or(0), all_input);
  const uint64_t creation = std::min(usage.cache_creation_input.value_or(0), all_input - cached);
  const uint64_t all_output = usage.output.value_or(0);
  const uint64_t reasoning = std::min(usage.reasoning.value_or(0), all_output);
  const Tier* tier = &entry.tiers.front();
  for (const Tier& one : entry.tiers) {
    if (one.above == 0 || all_input > one.above) tier = &one;
  }
  const std::array<uint64_t, kKinds> counts{less(all_input, cached + creation), cached,    creation,
                                            less(all_output, reasoning),        reasoning, 1};
  Wide pico = 0;
  for (size_t i = 0; i < kKinds; ++i) pico += Wide{counts[i]} * tier->rates[i];
  const Wide micro = (pico + kPicoPerMicro / 2) / kPicoPerMicro;
  return static_cast<uint64_t>(std::min<Wide>(micro, limits::cost_micro_max));
}

}  // namespace aigw::policy::price
