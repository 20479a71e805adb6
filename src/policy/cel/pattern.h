// The patterns of matches(): RE2's syntax as far as it says whether a text has a match. Literals, `.`, classes with
// ranges and \d \w \s, groups, alternation, * + ? {m,n}, ^ $ \b \B, and the flag (?i). Matching takes time in
// proportion to text × pattern, never more, and no memory but the stack's.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::policy::cel {

class Pattern {
 public:
  // Fails with unprocessable for what is no pattern, or one that is too large.
  static Result<Pattern> compile(Bytes text);

  // Whether a part of `text` matches; ^ and $ hold it to its ends.
  bool is_in(Bytes text) const;

  struct Range {
    uint32_t first, last;  // characters, both included
  };

  struct Step {
    enum class Kind : uint8_t { one_of, none_of, fork, jump, begin, end, boundary, no_boundary };
    Kind kind = Kind::one_of;
    // one_of, none_of: the ranges. fork, jump: how far the targets are from here; so steps can be copied.
    int32_t a = 0, b = 0;
  };

 private:
  friend class PatternParser;
  Pattern() = default;

  std::vector<Step> steps_;  // the end of them is the match
  std::vector<Range> ranges_;
};

}  // namespace aigw::policy::cel
