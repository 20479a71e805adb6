#include "config/load_prices.h"

#include <array>

#include "base/limits.h"
#include "config/checks.h"

namespace aigw::config {
namespace {

using policy::price::Kind;
using policy::price::kKinds;
using policy::price::Rates;

constexpr uint64_t kTokensOfPrice = 1'000'000;

struct RateKey {
  Kind kind;
  std::string PriceRates::*member;
};

constexpr std::array<RateKey, kKinds> kRateKeys{{
    {Kind::input, &PriceRates::input},
    {Kind::cached_input, &PriceRates::cached_input},
    {Kind::cache_creation_input, &PriceRates::cache_creation_input},
    {Kind::output, &PriceRates::output},
    {Kind::reasoning, &PriceRates::reasoning},
    {Kind::request, &PriceRates::request},
}};

// In pico-units for one of what it is for. Nothing where that is no whole number.
std::optional<uint64_t> rate_of(Kind kind, Bytes text) {
  const std::optional<uint64_t> pico = policy::price::parse_pico(text);
  if (!pico || kind == Kind::request) return pico;
  if (*pico % kTokensOfPrice != 0) return std::nullopt;
  return *pico / kTokensOfPrice;
}

// A number, or a text that is one. Says whether any price stands there, be it fit or not.
bool load_rates(Object& block, PriceRates& out) {
  bool any = false;
  for (const RateKey& key : kRateKeys) {
    const Bytes name = policy::price::to_string(key.kind);
    const Node* node = block.find(name);
    if (node == nullptr) continue;
    any = true;
    const bool is_scalar = node->kind == Node::Kind::number || node->kind == Node::Kind::string;
    if (is_scalar && rate_of(key.kind, node->text)) {
      out.*key.member = node->text;
      continue;
    }
    block.error(name, key.kind == Kind::request
                          ? "expected a price as in 0.001, with up to 12 decimals and at most 1000000"
                          : "expected a price for a million tokens as in 2.50, with up to 6 decimals and at most "
                            "1000000");
  }
  return any;
}

std::vector<PriceTier> load_tiers(Object& block) {
  std::vector<PriceTier> out;
  block.each("tiers", [&](const Node& item, const Path& path) {
    Object entry(block.report(), item, path);
    PriceTier tier;
    if (entry.find("above") == nullptr) entry.missing("above");
    tier.above = entry.whole_number("above", 1, limits::price_above_max).value_or(0);
    if (!load_rates(entry, tier.rates)) block.report().error(item.place, path, "a tier without a price");
    const bool goes_up = out.empty() || tier.above > out.back().above;
    if (tier.above != 0 && !goes_up) entry.error("above", "tiers have to go upwards");
    out.push_back(std::move(tier));
  });
  return out;
}

PriceSpec load_price(Object& block) {
  PriceSpec out;
  out.model = block.required_text("model");
  if (out.model.find('*') < out.model.size() - 1) {
    block.error("model", "a * may only stand at the end; got " + quoted(out.model));
  }
  out.backend = block.text("backend");
  if (const std::string from = block.text("from"); !from.empty()) {
    out.from = parse_time(from);
    if (!out.from) block.error("from", "expected a time as in \"2026-01-31T09:00:00Z\"; got " + quoted(from));
  }
  const bool has_rates = load_rates(block, out.rates);
  out.tiers = load_tiers(block);
  if (!has_rates && out.tiers.empty()) {
    block.report().error(block.place(), block.path(), "a model without a price");
  }
  return out;
}

void load_models(Object& block, PricesSpec& out) {
  if (block.find("currency") != nullptr) out.currency = block.required_text("currency");
  block.each("models", [&](const Node& item, const Path& path) {
    Object entry(block.report(), item, path);
    out.models.push_back(load_price(entry));
  });
  if (out.models.empty()) block.missing("models");
}

// What counts where a price is left out.
Rates resolve(const PriceRates& written, const PriceRates& base) {
  std::array<Bytes, kKinds> texts;
  for (const RateKey& key : kRateKeys) {
    const std::string& own = written.*key.member;
    texts[static_cast<size_t>(key.kind)] = own.empty() ? Bytes(base.*key.member) : Bytes(own);
  }
  const auto as = [&](Kind kind, Kind other) {
    Bytes& text = texts[static_cast<size_t>(kind)];
    if (text.empty()) text = texts[static_cast<size_t>(other)];
  };
  as(Kind::cached_input, Kind::input);
  as(Kind::cache_creation_input, Kind::input);
  as(Kind::reasoning, Kind::output);
  Rates rates{};
  for (const RateKey& key : kRateKeys) {
    const size_t index = static_cast<size_t>(key.kind);
    rates[index] = rate_of(key.kind, texts[index]).value_or(0);
  }
  return rates;
}

struct Read {
  PricesSpec prices;
  std::string problems;
};

Read read(const std::string& path) {
  Read out;
  const auto parse = [&](Bytes text) {
    Report report(path);
    const Path root_path;
    Tree tree = parse_tree(text);
    for (Problem& problem : tree.problems) report.error(problem.place, root_path, std::move(problem.message));
    if (tree.well_formed) {
      Object root(report, tree.root, root_path);
      load_models(root, out.prices);
    }
    for (const Diagnostic& diagnostic : report.take()) {
      if (diagnostic.severity != Diagnostic::Severity::error) continue;
      out.problems.append(out.problems.empty() ? "" : "\n").append(to_string(diagnostic));
    }
  };
  const Result<Secret> text = read_document(path);
  if (text) {
    parse(text->reveal());
  } else {
    out.problems = "the price file " + text.error().message;
  }
  return out;
}

}  // namespace

void load_prices(Object& block, PricesSpec& out) {
  out.file = block.text("file");
  if (block.find("metadataKey") != nullptr) out.metadata_key = block.required_text("metadataKey");
  // It stands in the format of an access log.
  if (out.metadata_key.find_first_of("%():{}\" ") != std::string::npos) {
    block.error("metadataKey", "may hold no % ( ) : { } quotes or spaces");
  }
  if (out.file.empty()) return load_models(block, out);
  for (const char* key : {"currency", "models"}) {
    if (block.find(key) != nullptr) block.error(key, "stands in the file where one is named");
  }
}

Result<policy::price::Table> compile_prices(const PricesSpec& spec) {
  std::vector<policy::price::Entry> entries;
  for (const PriceSpec& price : spec.models) {
    policy::price::Entry entry{price.model, price.backend, price.from.value_or(INT64_MIN), {}};
    entry.tiers.push_back({0, resolve(price.rates, price.rates)});
    for (const PriceTier& tier : price.tiers) entry.tiers.push_back({tier.above, resolve(tier.rates, price.rates)});
    entries.push_back(std::move(entry));
  }
  return policy::price::Table(spec.currency, std::move(entries));
}

Result<policy::price::Table> read_prices(const std::string& path) {
  const Read found = read(path);
  if (!found.problems.empty()) return Failure{FailureKind::internal, found.problems};
  return compile_prices(found.prices);
}

std::string check_prices(const std::string& path) { return read(path).problems; }

}  // namespace aigw::config
