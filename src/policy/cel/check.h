// The types of an expression, by cel-go's rules: operands must fit one overload; the items of a list may differ, and
// are then of type dyn, which fits everything until the evaluation tells.
#pragma once

#include <span>

#include "base/result.h"
#include "policy/cel/code.h"
#include "policy/cel/program.h"

namespace aigw::policy::cel {

// Sets the type of the code.
Result<void> check_types(std::span<const Variable> variables, Code& code);

}  // namespace aigw::policy::cel
