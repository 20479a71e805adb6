// A message of an AWS event stream as a case writes it, on a line of its own.
#pragma once

#include <string>

namespace aigw::tests {

// Appends the message that `line` stands for; false where it is none.
//
//   contentBlockDelta {"delta":…}          an event and its payload
//   exception throttlingException {…}      an exception and its payload
//   error 500 what went wrong              an error: its code and its message
//
// `broken` before one of these makes its CRC wrong, `half` leaves out its second half.
bool append_frame(std::string& out, const std::string& line);

}  // namespace aigw::tests
