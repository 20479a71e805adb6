// What a model can do that the API refuses for others, told from its name.
#pragma once

#include "base/bytes.h"

namespace aigw::dialect::anthropic {

// Takes output_config.format. Names are matched by what they contain, whatever the case.
bool takes_output_format(Bytes model);

// Takes output_config.effort.
bool takes_effort(Bytes model);

// Takes thinking of type adaptive.
bool takes_adaptive_thinking(Bytes model);

}  // namespace aigw::dialect::anthropic
