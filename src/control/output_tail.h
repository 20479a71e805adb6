// What is kept of the output of an Envoy that has not served yet, and what of it a person is shown.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::control {

// Cuts `output` to its last limits::envoy_output_kept_max bytes.
void keep_end(std::string& output);

// The last limits::envoy_lines_shown_max lines that are not empty, each behind a line end and two
// blanks, and cut to a length that a person reads (limits::envoy_line_shown_max): Envoy repeats whole
// configurations in its errors.
std::string last_lines(Bytes output);

}  // namespace aigw::control
