#include "policy/cel/numbers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace aigw::policy::cel {
namespace {

constexpr const char* kOverflow = "integer overflow";
constexpr const char* kDivision = "division by zero";
constexpr const char* kModulus = "modulus by zero";
constexpr const char* kNoNumber = "not a text that this type can be read from";

// The bounds of the integers as doubles, which the largest integers are not.
constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

Outcome made(auto value) { return {Value::of(value)}; }

template <class T>
Outcome whole(Op op, T a, T b) {
  T result{};
  switch (op) {
    case Op::add:
      if (__builtin_add_overflow(a, b, &result)) return Outcome::fail(kOverflow);
      return made(result);
    case Op::subtract:
      if (__builtin_sub_overflow(a, b, &result)) return Outcome::fail(kOverflow);
      return made(result);
    case Op::multiply:
      if (__builtin_mul_overflow(a, b, &result)) return Outcome::fail(kOverflow);
      return made(result);
    default:
      break;
  }
  if (b == 0) return Outcome::fail(op == Op::divide ? kDivision : kModulus);
  if constexpr (std::is_signed_v<T>) {
    if (a == std::numeric_limits<T>::min() && b == -1) return Outcome::fail(kOverflow);
  }
  return made(op == Op::divide ? static_cast<T>(a / b) : static_cast<T>(a % b));
}

Outcome real(Op op, double a, double b) {
  switch (op) {
    case Op::add:
      return made(a + b);
    case Op::subtract:
      return made(a - b);
    case Op::multiply:
      return made(a * b);
    case Op::divide:
      // IEEE 754 has an answer also for 0, which C++ leaves open.
      if (b != 0.0) return made(a / b);
      if (a == 0.0 || std::isnan(a)) return made(std::numeric_limits<double>::quiet_NaN());
      return made(std::signbit(a) == std::signbit(b) ? std::numeric_limits<double>::infinity()
                                                     : -std::numeric_limits<double>::infinity());
    default:
      return Outcome::fail(kNoOverload);
  }
}

template <class T>
Order order_of(const T& a, const T& b) {
  if (a < b) return Order::less;
  if (a > b) return Order::greater;
  return a == b ? Order::equal : Order::unordered;
}

Order turned(Order order) {
  if (order == Order::less) return Order::greater;
  return order == Order::greater ? Order::less : order;
}

// Exact where the integer has no double: what the double is without its fraction decides first.
Order order_of(uint64_t a, double b) {
  if (std::isnan(b)) return Order::unordered;
  if (b < 0) return Order::greater;
  if (b >= kTwoTo64) return Order::less;
  const Order whole_order = order_of(a, static_cast<uint64_t>(b));
  if (whole_order != Order::equal) return whole_order;
  return b > std::floor(b) ? Order::less : Order::equal;
}

Order order_of(int64_t a, double b) {
  if (a >= 0) return order_of(static_cast<uint64_t>(a), b);
  if (std::isnan(b)) return Order::unordered;
  if (b >= 0) return Order::less;
  return turned(order_of(-static_cast<uint64_t>(a), -b));
}

Order order_of(int64_t a, uint64_t b) { return a < 0 ? Order::less : order_of(static_cast<uint64_t>(a), b); }

Order order_of_numbers(const Value& a, const Value& b) {
  if (a.type == b.type) {
    if (a.type == Type::integer) return order_of(a.integer, b.integer);
    if (a.type == Type::unsigned_integer) return order_of(a.unsigned_integer, b.unsigned_integer);
    return order_of(a.real, b.real);
  }
  // The types are ordered integer, unsigned, real: each pair is handled once.
  if (a.type > b.type) return turned(order_of_numbers(b, a));
  if (a.type == Type::unsigned_integer) return order_of(a.unsigned_integer, b.real);
  return b.type == Type::real ? order_of(a.integer, b.real) : order_of(a.integer, b.unsigned_integer);
}

bool has_entry(const Value& map, const Value& key, const Value& value) {
  for (size_t i = 0; i < map.size; ++i) {
    if (are_equal(map.items[2 * i], key)) return are_equal(map.items[2 * i + 1], value);
  }
  return false;
}

template <class T>
bool reads(Bytes text, T& value) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return false;
  }
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() && !text.empty();
}

Outcome to_int(const Value& from) {
  switch (from.type) {
    case Type::integer:
      return {from};
    case Type::unsigned_integer:
      if (from.unsigned_integer > INT64_MAX) return Outcome::fail(kOverflow);
      return made(static_cast<int64_t>(from.unsigned_integer));
    case Type::real:
      if (!(from.real > -kTwoTo63 && from.real < kTwoTo63)) return Outcome::fail(kOverflow);
      return made(static_cast<int64_t>(from.real));
    case Type::string: {
      int64_t value = 0;
      return reads(from.bytes(), value) ? made(value) : Outcome::fail(kNoNumber);
    }
    default:
      return Outcome::fail(kNoOverload);
  }
}

Outcome to_uint(const Value& from) {
  switch (from.type) {
    case Type::integer:
      if (from.integer < 0) return Outcome::fail(kOverflow);
      return made(static_cast<uint64_t>(from.integer));
    case Type::unsigned_integer:
      return {from};
    case Type::real:
      if (!(from.real >= 0 && from.real < kTwoTo64)) return Outcome::fail(kOverflow);
      return made(static_cast<uint64_t>(from.real));
    case Type::string: {
      uint64_t value = 0;
      const bool has_sign = from.bytes().starts_with('+') || from.bytes().starts_with('-');
      return !has_sign && reads(from.bytes(), value) ? made(value) : Outcome::fail(kNoNumber);
    }
    default:
      return Outcome::fail(kNoOverload);
  }
}

Outcome to_double(const Value& from) {
  switch (from.type) {
    case Type::integer:
      return made(static_cast<double>(from.integer));
    case Type::unsigned_integer:
      return made(static_cast<double>(from.unsigned_integer));
    case Type::real:
      return {from};
    case Type::string: {
      double value = 0;
      return reads(from.bytes(), value) ? made(value) : Outcome::fail(kNoNumber);
    }
    default:
      return Outcome::fail(kNoOverload);
  }
}

Outcome to_bool(const Value& from) {
  if (from.type == Type::boolean) return {from};
  if (from.type != Type::string) return Outcome::fail(kNoOverload);
  for (Bytes word : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (from.bytes() == word) return made(true);
  }
  for (Bytes word : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (from.bytes() == word) return made(false);
  }
  return Outcome::fail(kNoNumber);
}

// As Go writes a double, which cel-go does: without an exponent from 1e-4 up to 1e6.
std::to_chars_result write_real(char* begin, char* end, double value) {
  if (std::isnan(value) || std::isinf(value)) {
    const Bytes word = std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    return {std::copy(word.begin(), word.end(), begin), std::errc()};
  }
  const double size = std::fabs(value);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e6);
  return std::to_chars(begin, end, value, plain ? std::chars_format::fixed : std::chars_format::scientific);
}

Outcome to_string(const Value& from, Scratch& scratch) {
  char digits[64];
  std::to_chars_result written{digits, std::errc()};
  switch (from.type) {
    case Type::string:
      return {from};
    case Type::boolean:
      return made(Bytes(from.boolean ? "true" : "false"));
    case Type::integer:
      written = std::to_chars(digits, digits + sizeof digits, from.integer);
      break;
    case Type::unsigned_integer:
      written = std::to_chars(digits, digits + sizeof digits, from.unsigned_integer);
      break;
    case Type::real:
      written = write_real(digits, digits + sizeof digits, from.real);
      break;
    default:
      return Outcome::fail(kNoOverload);
  }
  const size_t size = static_cast<size_t>(written.ptr - digits);
  char* text = scratch.take_text(size);
  if (text == nullptr) return Outcome::fail(kOutOfMemory);
  std::memcpy(text, digits, size);
  return made(Bytes(text, size));
}

}  // namespace

Outcome calculate(Op op, const Value& a, const Value& b) {
  if (a.type != b.type) return Outcome::fail(kNoOverload);
  if (a.type == Type::integer) return whole(op, a.integer, b.integer);
  if (a.type == Type::unsigned_integer) return whole(op, a.unsigned_integer, b.unsigned_integer);
  return a.type == Type::real ? real(op, a.real, b.real) : Outcome::fail(kNoOverload);
}

Outcome negate(const Value& a) {
  if (a.type == Type::real) return made(-a.real);
  if (a.type != Type::integer) return Outcome::fail(kNoOverload);
  return whole(Op::subtract, int64_t{0}, a.integer);
}

std::optional<Order> compare(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return order_of_numbers(a, b);
  if (a.type != b.type) return std::nullopt;
  if (a.type == Type::string) return order_of(a.bytes(), b.bytes());
  if (a.type == Type::boolean) return order_of(a.boolean, b.boolean);
  return std::nullopt;
}

bool are_equal(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return order_of_numbers(a, b) == Order::equal;
  if (a.type != b.type) return false;
  switch (a.type) {
    case Type::boolean:
      return a.boolean == b.boolean;
    case Type::string:
      return a.bytes() == b.bytes();
    case Type::list:
      return a.size == b.size && std::equal(a.items, a.items + a.size, b.items, are_equal);
    case Type::map:
      if (a.size != b.size) return false;
      for (size_t i = 0; i < a.size; ++i) {
        if (!has_entry(b, a.items[2 * i], a.items[2 * i + 1])) return false;
      }
      return true;
    default:
      return true;  // null
  }
}

Outcome convert(Function to, const Value& value, Scratch& scratch) {
  switch (to) {
    case Function::to_int:
      return to_int(value);
    case Function::to_uint:
      return to_uint(value);
    case Function::to_double:
      return to_double(value);
    case Function::to_bool:
      return to_bool(value);
    default:
      return to_string(value, scratch);
  }
}

}  // namespace aigw::policy::cel
