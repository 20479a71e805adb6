// What differs between the two carriers of the core by their structure, with the reasons: the text of tests/parity.txt.
#pragma once

#include <string_view>

namespace aigw::cli {

std::string_view parity_text();

}  // namespace aigw::cli
