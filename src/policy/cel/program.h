// Expressions of Google's Common Expression Language, as far as they make sense of a request's costs.
//
// What there is: int, uint, double, bool, string, null, lists and maps; arithmetic that fails on overflow,
// comparison, `in`, logic that absorbs errors, the conditional, field selection and has(), the macros all, exists,
// exists_one, filter and map, size, contains, startsWith, endsWith, matches, and the conversions int, uint, double,
// string, bool and dyn. Types are checked when an expression is compiled, by the rules of cel-go, which the peer
// compiles its expressions with: `input_tokens + 1` is an error, since the one is a uint and the other an int. There
// are no bytes, times, durations and messages: no variable has such a type.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "policy/cel/value.h"

namespace aigw::policy::cel {

struct Code;

struct Variable {
  Bytes name;
  Type type;
};

// A compiled expression: immutable, cheap to copy, shared between threads.
class Program {
 public:
  // Fails with unprocessable; the message names the place in `text`. Nothing of the arguments is referred to
  // afterwards. The size and depth of an expression are bounded by base/limits.h.
  static Result<Program> compile(Bytes text, std::span<const Variable> variables);

  // Allocates nothing, and takes at most a fixed number of steps. `values` has one of its type for each of the
  // variables, in their order; their texts outlive the use of the outcome, as does `scratch`.
  Outcome evaluate(std::span<const Value> values, Scratch& scratch) const;

  // The type that every value of the expression has; `any` where only an evaluation can tell.
  Type type() const;

 private:
  explicit Program(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  std::shared_ptr<const Code> code_;
};

}  // namespace aigw::policy::cel
