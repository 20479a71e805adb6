// `aigw extproc`, which is also what a program of the name `extproc` does.
#pragma once

#include <string>
#include <vector>

namespace aigw::cli {

// The arguments after the verb. The exit code.
int run_extproc(const std::vector<std::string>& arguments);

}  // namespace aigw::cli
