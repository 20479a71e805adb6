// What an expression computes with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/limits.h"

namespace aigw::policy::cel {

enum class Type : uint8_t {
  null,
  boolean,
  integer,           // CEL's int, 64 bits
  unsigned_integer,  // CEL's uint, 64 bits
  real,              // CEL's double
  string,            // UTF-8
  list,
  map,
  any,  // of an expression whose type is only known when it is evaluated; no value has it
};

// CEL's own name of a type: "int", "dyn".
const char* to_string(Type type);

// A plain value. Texts and items are views: of the program, of the variables, or of the scratch memory of the
// evaluation that made them.
struct Value {
  Type type = Type::null;
  union {
    bool boolean;
    int64_t integer;
    uint64_t unsigned_integer = 0;
    double real;
    size_t size;  // of a text in bytes, of a list in items, of a map in entries
  };
  union {
    const char* text = nullptr;
    const Value* items;  // of a map: a key and its value after each other
  };

  static Value of(bool value);
  static Value of(int64_t value);
  static Value of(uint64_t value);
  static Value of(double value);
  static Value of(Bytes value);
  static Value list(const Value* items, size_t size);
  static Value map(const Value* entries, size_t size);

  Bytes bytes() const { return {text, size}; }
  bool is_number() const {
    return type == Type::integer || type == Type::unsigned_integer || type == Type::real;
  }
};

// A value, or what went wrong.
struct Outcome {
  Value value;
  const char* error = nullptr;  // static text; null where there is a value

  static Outcome fail(const char* why) { return {{}, why}; }
};

// The memory of one evaluation. What an evaluation makes lives until the next one that uses the same scratch.
class Scratch {
 public:
  Scratch() {}  // the arrays stay as they are
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  void clear() { values_used_ = text_used_ = 0; }
  // Null where no room is left.
  Value* take_values(size_t count);
  char* take_text(size_t size);

 private:
  size_t values_used_ = 0;
  size_t text_used_ = 0;
  union {
    std::array<Value, limits::cel_values_max> values_;
  };
  std::array<char, limits::cel_value_text_max> text_;
};

}  // namespace aigw::policy::cel
