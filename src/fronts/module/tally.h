// Counts what happens where no runtime is at hand: in the guard of a hook, and in an upstream filter
// without an exchange.
#pragma once

#include "observe/family.h"
#include "observe/labels.h"

namespace aigw::module {

// Adds one, in the memory that every build of the process counts in. Nothing is counted before the
// first router filter is configured. Takes Envoy's lock of its registry: not for every request.
void tally(observe::Family family, const observe::Labels& labels);

}  // namespace aigw::module
