// Requests as lines of a terminal.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::cli {

// The line that stands above them.
std::string tap_heading();

// What the gateway's admin address answered at /tap: its events as lines, and where to go on.
struct TapPage {
  std::string lines;
  std::string next;        // the position for the next question; empty where `text` is no answer
  unsigned long long lost = 0;
  unsigned long long requests = 0;  // that ended
};
TapPage tap_page(Bytes text);

}  // namespace aigw::cli
