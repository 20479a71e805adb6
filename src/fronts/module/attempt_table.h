// The functions through which upstream filters, of this build or another, run the attempts of this build.
#pragma once

#include "fronts/module/handoff.h"

namespace aigw::module {

// Constant data of this build.
const AigwAttemptTable& attempt_table();

}  // namespace aigw::module
