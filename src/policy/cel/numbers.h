// Arithmetic, comparison and conversion, by CEL's rules: an integer that does not fit is an error, never another
// number; doubles follow IEEE 754.
#pragma once

#include <optional>

#include "policy/cel/code.h"
#include "policy/cel/value.h"

namespace aigw::policy::cel {

// Of one of add, subtract, multiply, divide, modulo, on numbers.
Outcome calculate(Op op, const Value& a, const Value& b);
Outcome negate(const Value& a);

enum class Order : uint8_t { less, equal, greater, unordered };

// How two values stand to each other: numbers of any type by what they say, texts by their bytes, false before true.
// Nothing for values that have no order.
std::optional<Order> compare(const Value& a, const Value& b);

// Numbers of different types are equal where they say the same; other types that differ are not equal.
bool are_equal(const Value& a, const Value& b);

// One of to_int, to_uint, to_double, to_string, to_bool.
Outcome convert(Function to, const Value& value, Scratch& scratch);

inline constexpr const char* kNoOverload = "no such overload";
inline constexpr const char* kOutOfMemory = "the expression makes more than it may";

}  // namespace aigw::policy::cel
