// The grammar of an expression.
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "policy/cel/code.h"
#include "policy/cel/program.h"

namespace aigw::policy::cel {

// Fills in the nodes, without types.
Result<void> parse(Bytes text, std::span<const Variable> variables, Code& code);

}  // namespace aigw::policy::cel
