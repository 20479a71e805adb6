#include "policy/cel/check.h"

#include <array>

#include "base/limits.h"
#include "policy/cel/lexer.h"

namespace aigw::policy::cel {
namespace {

// What is known of an expression. Lists of lists are not told apart: their items are `any`.
struct Known {
  Type type = Type::any;
  Type item = Type::any;  // of a list its items, of a map its values
  Type key = Type::any;   // of a map
};

bool is(const Known& known, Type type) { return known.type == type || known.type == Type::any; }

bool is_number_like(const Known& known) {
  return is(known, Type::integer) || is(known, Type::unsigned_integer) || is(known, Type::real);
}

bool fits(Type a, Type b) { return a == b || a == Type::any || b == Type::any; }

// Whether one type can stand for both; null compares with nothing here but itself.
bool fits(const Known& a, const Known& b) { return fits(a.type, b.type) && fits(a.item, b.item) && fits(a.key, b.key); }

Known wider(const Known& a, const Known& b) {
  const auto of = [](Type x, Type y) { return x == y ? x : Type::any; };
  return {of(a.type, b.type), of(a.item, b.item), of(a.key, b.key)};
}

class Checker {
 public:
  Checker(std::span<const Variable> variables, const Code& code) : variables_(variables), code_(code) {}

  Result<Known> check(uint32_t index) {
    const Node& node = code_.nodes[index];
    switch (node.op) {
      case Op::constant:
        return Known{node.constant.type};
      case Op::variable:
        return Known{variables_[node.slot].type};
      case Op::local:
        return Known{locals_[node.slot]};
      case Op::all:
      case Op::exists:
      case Op::exists_one:
      case Op::filter:
      case Op::map_items:
        return check_macro(node);
      default:
        break;
    }
    std::array<Known, 3> operands;
    Known items;
    Known keys;
    const std::span<const uint32_t> children = code_.children_of(node);
    for (size_t i = 0; i < children.size(); ++i) {
      const Result<Known> child = check(children[i]);
      if (!child) return child;
      if (i < operands.size()) operands[i] = *child;
      Known& of = node.op == Op::map && i % 2 == 0 ? keys : items;
      const bool first = i == 0 || (node.op == Op::map && i == 1);
      of = first ? *child : wider(of, *child);
    }
    if (node.op == Op::list) return Known{Type::list, items.type};
    if (node.op == Op::map) return map_of(node, keys.type, items.type);
    if (node.op == Op::call) return call(node, operands);
    return operation(node, operands);
  }

 private:
  Result<Known> check_macro(const Node& node) {
    const std::span<const uint32_t> children = code_.children_of(node);
    const Result<Known> range = check(children[0]);
    if (!range) return range;
    if (!is(*range, Type::list) && !is(*range, Type::map)) return mismatch(node, *range);
    const Type outer = locals_[node.slot];
    locals_[node.slot] = range->type == Type::map ? range->key : range->item;
    const Result<Known> body = check(children[1]);
    const Type item = locals_[node.slot];
    locals_[node.slot] = outer;
    if (!body) return body;
    if (node.op == Op::map_items) return Known{Type::list, body->type};
    if (!is(*body, Type::boolean)) return mismatch(node, *body);
    return node.op == Op::filter ? Known{Type::list, item} : Known{Type::boolean};
  }

  Result<Known> map_of(const Node& node, Type key, Type item) {
    if (key == Type::real || key == Type::list || key == Type::map || key == Type::null) {
      return error_at(node.offset, std::string("a map has no keys of type ") + to_string(key));
    }
    return Known{Type::map, item, key};
  }

  Failure mismatch(const Node& node, const Known& a) const {
    return error_at(node.offset, std::string("nothing fits an operand of type ") + to_string(a.type));
  }
  Failure mismatch(const Node& node, const Known& a, const Known& b) const {
    return error_at(node.offset, std::string("nothing fits operands of types ") + to_string(a.type) + " and " +
                                     to_string(b.type));
  }

  Result<Known> operation(const Node& node, const std::array<Known, 3>& operands) {
    const Known& a = operands[0];
    const Known& b = operands[1];
    switch (node.op) {
      case Op::negate:
        if (is(a, Type::integer) || is(a, Type::real)) return a;
        return mismatch(node, a);
      case Op::logical_not:
        if (is(a, Type::boolean)) return Known{Type::boolean};
        return mismatch(node, a);
      case Op::logical_and:
      case Op::logical_or:
        if (is(a, Type::boolean) && is(b, Type::boolean)) return Known{Type::boolean};
        return mismatch(node, a, b);
      case Op::conditional:
        if (!is(a, Type::boolean)) return mismatch(node, a);
        if (!fits(b, operands[2])) return mismatch(node, b, operands[2]);
        return wider(b, operands[2]);
      case Op::equal:
      case Op::not_equal:
        if (fits(a, b)) return Known{Type::boolean};
        return mismatch(node, a, b);
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
        if (fits(a.type, b.type) && is_ordered(a) && is_ordered(b)) return Known{Type::boolean};
        return mismatch(node, a, b);
      case Op::in:
        if (b.type == Type::any || (b.type == Type::list && fits(a.type, b.item)) ||
            (b.type == Type::map && fits(a.type, b.key))) {
          return Known{Type::boolean};
        }
        return mismatch(node, a, b);
      case Op::index:
      case Op::has:
        return element(node, a, b);
      default:
        return arithmetic(node, a, b);
    }
  }

  static bool is_ordered(const Known& a) { return is_number_like(a) || is(a, Type::string) || is(a, Type::boolean); }

  Result<Known> element(const Node& node, const Known& a, const Known& b) {
    const bool of_list = node.op == Op::index && a.type == Type::list && is(b, Type::integer);
    const bool of_map = a.type == Type::map && fits(a.key, b.type);
    if (!of_list && !of_map && a.type != Type::any) return mismatch(node, a, b);
    return Known{node.op == Op::has ? Type::boolean : a.item};
  }

  Result<Known> arithmetic(const Node& node, const Known& a, const Known& b) {
    if (!fits(a, b)) return mismatch(node, a, b);
    const bool counts = is_number_like(a) && is_number_like(b);
    const bool joins = (is(a, Type::string) && is(b, Type::string)) || (is(a, Type::list) && is(b, Type::list));
    const bool is_real = a.type == Type::real || b.type == Type::real;
    const bool fine = node.op == Op::add ? counts || joins : counts && !(node.op == Op::modulo && is_real);
    if (!fine) return mismatch(node, a, b);
    Known result = wider(a, b);
    // An operand that is known decides for the other.
    if (a.type == Type::any) result.type = b.type;
    if (b.type == Type::any) result.type = a.type;
    return result;
  }

  Result<Known> call(const Node& node, const std::array<Known, 3>& operands) {
    const Known& a = operands[0];
    const auto from = [&](std::initializer_list<Type> types, Type result) -> Result<Known> {
      if (a.type == Type::any) return Known{result};
      for (Type type : types) {
        if (a.type == type) return Known{result};
      }
      return mismatch(node, a);
    };
    constexpr Type kInt = Type::integer, kUint = Type::unsigned_integer, kReal = Type::real, kText = Type::string;
    switch (node.function) {
      case Function::size:
        return from({kText, Type::list, Type::map}, kInt);
      case Function::to_int:
        return from({kInt, kUint, kReal, kText}, kInt);
      case Function::to_uint:
        return from({kInt, kUint, kReal, kText}, kUint);
      case Function::to_double:
        return from({kInt, kUint, kReal, kText}, kReal);
      case Function::to_string:
        return from({kInt, kUint, kReal, kText, Type::boolean}, kText);
      case Function::to_bool:
        return from({Type::boolean, kText}, Type::boolean);
      case Function::to_dyn:
        return Known{Type::any};
      case Function::contains:
      case Function::starts_with:
      case Function::ends_with:
      case Function::matches:
        break;
    }
    if (is(a, kText) && is(operands[1], kText)) return Known{Type::boolean};
    return mismatch(node, a, operands[1]);
  }

  std::span<const Variable> variables_;
  const Code& code_;
  std::array<Type, limits::cel_locals_max> locals_{};
};

}  // namespace

Result<void> check_types(std::span<const Variable> variables, Code& code) {
  const Result<Known> known = Checker(variables, code).check(code.root);
  if (!known) return known.error();
  code.type = known->type;
  return {};
}

}  // namespace aigw::policy::cel
