// A gateway with one backend of each schema, and the tables from which a harness picks its requests
// and answers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "drivers/case_file.h"
#include "endpoint/table.h"
#include "fuzz/fuzz.h"

namespace aigw::fuzz {

std::shared_ptr<const config::Config> gateway_config();
std::shared_ptr<const endpoint::Table> gateway_endpoints();

// A request to one of the endpoints, for one or two of the backends, and what those answer. An
// input reads as: the client's body, 0xFF, the first answer's body, 0xFF, the second's; its last
// bytes choose everything else.
tests::Case pick_case(Input& input);

// An input from which pick_case makes `story`, as near as its tables come; `schemas` are those of
// its backends.
std::string input_of(const tests::Case& story, const std::vector<config::SchemaName>& schemas);

}  // namespace aigw::fuzz
