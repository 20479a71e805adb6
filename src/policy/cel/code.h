// A compiled expression's inside: a tree of nodes in one array.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "policy/cel/pattern.h"
#include "policy/cel/value.h"

namespace aigw::policy::cel {

enum class Op : uint8_t {
  constant,
  variable,
  local,  // of a macro
  list,
  map,  // children are keys and values by turns
  negate,
  logical_not,
  logical_and,
  logical_or,
  conditional,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  index,
  has,  // of a map and a key
  call,
  // Macros: the range, and what is evaluated for each of its items.
  all,
  exists,
  exists_one,
  filter,
  map_items,
};

enum class Function : uint8_t {
  size,
  contains,
  starts_with,
  ends_with,
  matches,
  to_int,
  to_uint,
  to_double,
  to_string,
  to_bool,
  to_dyn,
};

struct Node {
  Op op = Op::constant;
  Function function = Function::size;  // of a call
  uint16_t slot = 0;                   // of a variable, a local (also the one that a macro binds), a pattern
  uint32_t children = 0;               // where they begin in Code::children
  uint32_t child_count = 0;
  uint32_t offset = 0;  // in the text, for messages
  Value constant;
};

struct Code {
  std::vector<Node> nodes;
  std::vector<uint32_t> children;
  std::deque<std::string> texts;         // of the constants
  std::deque<std::vector<Value>> values;  // of lists and maps that are constants
  std::deque<Pattern> patterns;   // of matches(), where the pattern is a constant
  uint32_t root = 0;
  Type type = Type::any;

  std::span<const uint32_t> children_of(const Node& node) const {
    return std::span(children).subspan(node.children, node.child_count);
  }
};

}  // namespace aigw::policy::cel
