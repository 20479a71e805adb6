// What a request costs in money: a list of prices, and a sum of tokens.
//
// All arithmetic is exact. Prices are millionths of millionths ("pico") of the currency's unit per token, so that 0.075
// a million tokens is the integer 75,000; a request's sum is rounded once, to millionths ("micro"), half a millionth
// up.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "chat/usage.h"

namespace aigw::policy::price {

// What a price is for. The tokens of a request are shared out: cached and cache-creation input is not also input,
// reasoning is not also output.
enum class Kind : uint8_t { input, cached_input, cache_creation_input, output, reasoning, request };
inline constexpr size_t kKinds = 6;

// The key of a price in the document: "cachedInput".
Bytes to_string(Kind kind);

// Pico-units for one token, or one request.
using Rates = std::array<uint64_t, kKinds>;

// The prices above a number of input tokens, cached ones among them.
struct Tier {
  uint64_t above = 0;  // 0: the prices of any request
  Rates rates{};
};

struct Entry {
  std::string model;    // as the provider calls it; with a final * a prefix
  std::string backend;  // ns/name; "" is any
  int64_t from = INT64_MIN;  // unix seconds from which on it holds
  std::vector<Tier> tiers;   // ascending, the first above 0
};

// A decimal number in pico-units: "2.5" is 2,500,000,000,000. Nothing for what is not digits with a point among them,
// has more than 12 decimals, or is above 1,000,000.
std::optional<uint64_t> parse_pico(Bytes text);

// Immutable once it is made; allocates nothing when it is asked.
class Table {
 public:
  // The rates of an entry are per token: prices per million tokens are the caller's to divide.
  Table(std::string currency, std::vector<Entry> entries);

  Bytes currency() const { return currency_; }

  // The entry for a model at a backend at a time, or null. An exact name goes before a prefix, a longer prefix before
  // a shorter one, an entry of the backend before one of any; among these the last whose time has come.
  const Entry* find(Bytes model, Bytes backend, int64_t unix_seconds) const;

  // In micro-units of the currency.
  static uint64_t cost(const Entry& entry, const chat::Usage& usage);

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(Bytes text) const { return std::hash<Bytes>{}(text); }
  };
  using Entries = std::vector<Entry>;

  static const Entry* best_of(const Entries& entries, Bytes backend, int64_t unix_seconds);

  std::string currency_;
  std::unordered_map<std::string, Entries, Hash, std::equal_to<>> exact_;
  std::vector<std::pair<std::string, Entries>> prefixes_;  // longest first
};

}  // namespace aigw::policy::price
