// Edits of a JSON body by configured rules, in the words that the peer's have: a path as sjson writes it, and a value
// that is JSON or else a text. Everything that can be wrong with a rule is found when it is made.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::policy::edit {

// One name of a path: of a member, or of an element where it is a number and an array stands there.
struct Step {
  std::string name;             // unescaped
  std::optional<size_t> index;  // where the name is a number that was not written as :3
  bool appends = false;         // "-1": behind the last element
};

// Puts a value at a path or takes away what is there.
struct Rule {
  std::vector<Step> path;  // at least one
  std::string value;       // JSON; "" takes away
};

// "metadata.user\.id", "messages.0.content", "stop.-1". Fails with unprocessable on an empty name, and on what sjson
// takes for a query: * ? # | @.
Result<std::vector<Step>> parse_path(Bytes text);

// The JSON of a value as written: what looks like JSON has to be JSON; everything else is a text.
Result<std::string> parse_value(Bytes text);

// Applies the rules to `body`, each for itself, in their order. One that does not fit what stands there leaves the
// body as it was. Returns how many those were. What no rule names keeps its bytes. A member that stands there several
// times is edited at every place.
size_t apply(const std::vector<Rule>& rules, std::string& body);

}  // namespace aigw::policy::edit
