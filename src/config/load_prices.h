// `prices`: what models cost, in the document itself or in a file beside it.
//
//   prices:
//     file: /etc/aigw/prices.yaml   # or, instead, currency and models as in that file
//     metadataKey: llm_cost_micro   # millionths of the currency's unit, in metadata and access logs
//
//   currency: USD
//   models:
//   - model: gpt-4o                 # as the provider calls it; gpt-4o* is every name that begins so
//     backend: ns/name              # only there; left out: anywhere
//     from: 2026-01-01T00:00:00Z    # from then on; left out: always
//     input: 2.50                   # for a million tokens, up to six decimals; also cachedInput,
//     output: 10                    # cacheCreationInput (both else as input), reasoning (else as output)
//     request: 0.001                # for the request itself, up to twelve decimals
//     tiers:
//     - {above: 200000, input: 5}   # of requests with more input tokens; what is left out is as above
#pragma once

#include <string>

#include "base/result.h"
#include "config/document.h"
#include "config/reader.h"
#include "policy/price/price.h"

namespace aigw::config {

// Reads the block, with every problem reported.
void load_prices(Object& block, PricesSpec& out);

// Of a spec with models that load_prices found no error in.
Result<policy::price::Table> compile_prices(const PricesSpec& spec);

// The same of a file, which may not be larger than limits::config_document_max. The failure has a line for each
// problem.
Result<policy::price::Table> read_prices(const std::string& path);

// Whether a price file can be read: "" or its problems.
std::string check_prices(const std::string& path);

}  // namespace aigw::config
