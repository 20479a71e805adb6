// Reads single members of an answer that a scanner has been through.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "json/scanner.h"

namespace aigw::scan {

// The token count of a watched member; nothing where it is no whole number.
std::optional<uint64_t> read_count(const json::Scanner& scanner, size_t watch);

// Puts the name that a watched member holds into `model`; leaves it where there is none that is fit: empty, too long,
// or not UTF-8.
void read_model(const json::Scanner& scanner, size_t watch, std::string& model);

}  // namespace aigw::scan
