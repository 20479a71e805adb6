// What an access log says that requests cost, and whether the counters say the same.
#pragma once

#include <cstdint>
#include <istream>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::cli {

// The fields of the access log that `aigw run` writes.
inline constexpr const char* kCostField = "gen_ai.cost.micro";
inline constexpr const char* kBackendField = "gen_ai.provider.name";
inline constexpr const char* kModelField = "gen_ai.request.model";

struct LedgerLine {
  uint64_t requests = 0;
  uint64_t micro = 0;  // millionths of the currency's unit
};

struct Ledger {
  // By backend, then model as the client asked for it.
  std::map<std::string, std::map<std::string, LedgerLine>> lines;
  uint64_t unpriced = 0;  // requests without a cost: refused, failed, or of a model without a price

  LedgerLine total() const;
};

// Sums a log of one JSON object a line. `cost_field` holds a whole number, or null or "-" for none. Fails on a line
// that is neither, and on a sum above 64 bits, naming the line.
Result<Ledger> read_ledger(std::istream& log, const std::string& cost_field);

// The counter of the gateway's metrics that has costs, and the key under which money is.
inline constexpr const char* kCostCounter = "aigw_cost_total";
inline constexpr const char* kMoneyKey = "llm_cost_micro";

// What that counter says of a key, by backend. `text` is in the text format of Prometheus. Fails on a value that is no
// whole number.
Result<std::map<std::string, uint64_t>> read_counters(Bytes text, Bytes key);

// Millionths as units: 4182 is "0.004182".
std::string units(uint64_t micro);

// The table of a ledger, a line for each backend and model.
std::string to_text(const Ledger& ledger);

// Compares to the last unit: what is printed, and whether they agree.
struct Reconciled {
  std::string text;
  bool agrees = false;
};
Reconciled reconcile(const Ledger& ledger, const std::map<std::string, uint64_t>& counters);

}  // namespace aigw::cli
