// The evaluation of a program: a walk over its tree.
#include <array>
#include <cstring>

#include "base/limits.h"
#include "policy/cel/check.h"
#include "policy/cel/code.h"
#include "policy/cel/lexer.h"
#include "policy/cel/numbers.h"
#include "policy/cel/parser.h"
#include "policy/cel/program.h"

namespace aigw::policy::cel {
namespace {

size_t characters_of(Bytes text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

// A list or a map of these; the items of a map are its keys and values.
Outcome container_of(Op op, const Value* items, size_t count) {
  if (op == Op::list) return {Value::list(items, count)};
  const Value map = Value::map(items, count / 2);
  for (size_t i = 0; i < map.size; ++i) {
    const Value& key = items[2 * i];
    if (key.type != Type::string && key.type != Type::boolean && !(key.is_number() && key.type != Type::real)) {
      return Outcome::fail("a key of a type that no map has");
    }
    for (size_t j = 0; j < i; ++j) {
      if (are_equal(items[2 * j], key)) return Outcome::fail("a map with the same key twice");
    }
  }
  return {map};
}

// Lists and maps that are written out are made once. Children stand before their parents.
Result<void> fold_constants(Code& code) {
  for (Node& node : code.nodes) {
    if (node.op != Op::list && node.op != Op::map) continue;
    std::vector<Value> items;
    for (const uint32_t child : code.children_of(node)) {
      if (code.nodes[child].op == Op::constant) items.push_back(code.nodes[child].constant);
    }
    if (items.size() != node.child_count) continue;
    const std::vector<Value>& kept = code.values.emplace_back(std::move(items));
    const Outcome made = container_of(node.op, kept.data(), kept.size());
    if (made.error != nullptr) return error_at(node.offset, made.error);
    node.op = Op::constant;
    node.constant = made.value;
  }
  return {};
}

class Evaluation {
 public:
  Evaluation(const Code& code, std::span<const Value> variables, Scratch& scratch)
      : code_(code), variables_(variables), scratch_(scratch) {}

  Outcome evaluate(uint32_t index) {
    if (++steps_ > limits::cel_steps_max) return Outcome::fail("the expression takes too many steps");
    const Node& node = code_.nodes[index];
    const std::span<const uint32_t> children = code_.children_of(node);
    switch (node.op) {
      case Op::constant:
        return {node.constant};
      case Op::variable:
        return {variables_[node.slot]};
      case Op::local:
        return {locals_[node.slot]};
      case Op::list:
      case Op::map:
        return container(node, children);
      case Op::logical_and:
      case Op::logical_or:
        return logic(node.op == Op::logical_or, children);
      case Op::conditional:
        return conditional(children);
      case Op::call:
        return call(node, children);
      case Op::all:
      case Op::exists:
        return quantifier(node, children);
      case Op::exists_one:
      case Op::filter:
      case Op::map_items:
        return loop(node, children);
      default:
        return operation(node, children);
    }
  }

 private:
  Outcome container(const Node& node, std::span<const uint32_t> children) {
    Value* items = scratch_.take_values(children.size());
    if (items == nullptr) return Outcome::fail(kOutOfMemory);
    for (size_t i = 0; i < children.size(); ++i) {
      const Outcome item = evaluate(children[i]);
      if (item.error != nullptr) return item;
      new (items + i) Value(item.value);
    }
    return container_of(node.op, items, children.size());
  }

  // `decisive` is the operand's value that settles the result, whatever the other is, even an error.
  Outcome logic(bool decisive, std::span<const uint32_t> children) {
    const Outcome left = evaluate(children[0]);
    if (is(left, decisive)) return left;
    const Outcome right = evaluate(children[1]);
    if (is(right, decisive)) return right;
    if (left.error != nullptr) return left;
    if (right.error != nullptr) return right;
    if (left.value.type != Type::boolean || right.value.type != Type::boolean) return Outcome::fail(kNoOverload);
    return {Value::of(!decisive)};
  }

  static bool is(const Outcome& outcome, bool value) {
    return outcome.error == nullptr && outcome.value.type == Type::boolean && outcome.value.boolean == value;
  }

  Outcome conditional(std::span<const uint32_t> children) {
    const Outcome condition = evaluate(children[0]);
    if (condition.error != nullptr) return condition;
    if (condition.value.type != Type::boolean) return Outcome::fail(kNoOverload);
    return evaluate(children[condition.value.boolean ? 1 : 2]);
  }

  Outcome operation(const Node& node, std::span<const uint32_t> children) {
    const Outcome left = evaluate(children[0]);
    if (left.error != nullptr) return left;
    const Value& a = left.value;
    if (node.op == Op::negate) return negate(a);
    if (node.op == Op::logical_not) {
      return a.type == Type::boolean ? Outcome{Value::of(!a.boolean)} : Outcome::fail(kNoOverload);
    }
    const Outcome right = evaluate(children[1]);
    if (right.error != nullptr) return right;
    const Value& b = right.value;
    switch (node.op) {
      case Op::equal:
        return {Value::of(are_equal(a, b))};
      case Op::not_equal:
        return {Value::of(!are_equal(a, b))};
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
        return order(node.op, a, b);
      case Op::in:
        return contains(a, b);
      case Op::index:
        return element(a, b);
      case Op::has:
        if (a.type != Type::map) return Outcome::fail(kNoOverload);
        return {Value::of(find(a, b) != nullptr)};
      case Op::add:
        if (a.type == b.type && a.type == Type::string) return join_texts(a.bytes(), b.bytes());
        if (a.type == b.type && a.type == Type::list) return join_lists(a, b);
        return calculate(node.op, a, b);
      default:
        return calculate(node.op, a, b);
    }
  }

  static Outcome order(Op op, const Value& a, const Value& b) {
    const std::optional<Order> order = compare(a, b);
    if (!order) return Outcome::fail(kNoOverload);
    const bool is_less = *order == Order::less;
    const bool is_greater = *order == Order::greater;
    const bool is_equal = *order == Order::equal;
    if (op == Op::less) return {Value::of(is_less)};
    if (op == Op::less_equal) return {Value::of(is_less || is_equal)};
    return {Value::of(op == Op::greater ? is_greater : is_greater || is_equal)};
  }

  static const Value* find(const Value& map, const Value& key) {
    for (size_t i = 0; i < map.size; ++i) {
      if (are_equal(map.items[2 * i], key)) return &map.items[2 * i + 1];
    }
    return nullptr;
  }

  static Outcome contains(const Value& item, const Value& in) {
    if (in.type == Type::map) return {Value::of(find(in, item) != nullptr)};
    if (in.type != Type::list) return Outcome::fail(kNoOverload);
    for (size_t i = 0; i < in.size; ++i) {
      if (are_equal(in.items[i], item)) return {Value::of(true)};
    }
    return {Value::of(false)};
  }

  static Outcome element(const Value& of, const Value& key) {
    if (of.type == Type::map) {
      const Value* found = find(of, key);
      return found != nullptr ? Outcome{*found} : Outcome::fail("no such key");
    }
    if (of.type != Type::list) return Outcome::fail(kNoOverload);
    const bool is_index = key.type == Type::integer && key.integer >= 0;
    if (key.type != Type::integer && key.type != Type::unsigned_integer) return Outcome::fail(kNoOverload);
    const bool is_there = (is_index || key.type == Type::unsigned_integer) && key.unsigned_integer < of.size;
    return is_there ? Outcome{of.items[key.unsigned_integer]} : Outcome::fail("index out of range");
  }

  Outcome join_texts(Bytes a, Bytes b) {
    char* text = scratch_.take_text(a.size() + b.size());
    if (text == nullptr) return Outcome::fail(kOutOfMemory);
    if (!a.empty()) std::memcpy(text, a.data(), a.size());
    if (!b.empty()) std::memcpy(text + a.size(), b.data(), b.size());
    return {Value::of(Bytes(text, a.size() + b.size()))};
  }

  Outcome join_lists(const Value& a, const Value& b) {
    Value* items = scratch_.take_values(a.size + b.size);
    if (items == nullptr) return Outcome::fail(kOutOfMemory);
    for (size_t i = 0; i < a.size; ++i) new (items + i) Value(a.items[i]);
    for (size_t i = 0; i < b.size; ++i) new (items + a.size + i) Value(b.items[i]);
    return {Value::list(items, a.size + b.size)};
  }

  Outcome call(const Node& node, std::span<const uint32_t> children) {
    const Outcome target = evaluate(children[0]);
    if (target.error != nullptr) return target;
    const Value& a = target.value;
    switch (node.function) {
      case Function::size:
        if (a.type == Type::string) return {Value::of(static_cast<int64_t>(characters_of(a.bytes())))};
        if (a.type != Type::list && a.type != Type::map) return Outcome::fail(kNoOverload);
        return {Value::of(static_cast<int64_t>(a.size))};
      case Function::to_dyn:
        return target;
      case Function::to_int:
      case Function::to_uint:
      case Function::to_double:
      case Function::to_string:
      case Function::to_bool:
        return convert(node.function, a, scratch_);
      case Function::contains:
      case Function::starts_with:
      case Function::ends_with:
      case Function::matches:
        break;
    }
    const Outcome argument = evaluate(children[1]);
    if (argument.error != nullptr) return argument;
    if (a.type != Type::string || argument.value.type != Type::string) return Outcome::fail(kNoOverload);
    const Bytes wanted = argument.value.bytes();
    switch (node.function) {
      case Function::contains:
        return {Value::of(a.bytes().find(wanted) != Bytes::npos)};
      case Function::starts_with:
        return {Value::of(a.bytes().starts_with(wanted))};
      case Function::ends_with:
        return {Value::of(a.bytes().ends_with(wanted))};
      default:
        return {Value::of(code_.patterns[node.slot].is_in(a.bytes()))};
    }
  }

  // What a macro goes over: the items of a list or the keys of a map.
  struct Range {
    const Value* first;
    size_t count, stride;
  };

  Outcome range_of(uint32_t child, Range& range) {
    const Outcome outcome = evaluate(child);
    if (outcome.error != nullptr) return outcome;
    if (outcome.value.type != Type::list && outcome.value.type != Type::map) return Outcome::fail(kNoOverload);
    range = {outcome.value.items, outcome.value.size, outcome.value.type == Type::map ? 2u : 1u};
    return outcome;
  }

  // all and exists: `and` and `or` over the items, which absorb errors as those do.
  Outcome quantifier(const Node& node, std::span<const uint32_t> children) {
    Range range{};
    if (const Outcome outcome = range_of(children[0], range); outcome.error != nullptr) return outcome;
    const bool decisive = node.op == Op::exists;
    const char* error = nullptr;
    for (size_t i = 0; i < range.count; ++i) {
      locals_[node.slot] = range.first[i * range.stride];
      const Outcome one = evaluate(children[1]);
      if (is(one, decisive)) return one;
      if (one.error != nullptr) {
        error = one.error;
      } else if (one.value.type != Type::boolean) {
        error = kNoOverload;
      }
    }
    return error != nullptr ? Outcome::fail(error) : Outcome{Value::of(!decisive)};
  }

  Outcome loop(const Node& node, std::span<const uint32_t> children) {
    Range range{};
    if (const Outcome outcome = range_of(children[0], range); outcome.error != nullptr) return outcome;
    const bool collects = node.op != Op::exists_one;
    Value* items = collects ? scratch_.take_values(range.count) : nullptr;
    if (collects && items == nullptr) return Outcome::fail(kOutOfMemory);
    size_t count = 0;
    for (size_t i = 0; i < range.count; ++i) {
      const Value item = range.first[i * range.stride];
      locals_[node.slot] = item;
      const Outcome one = evaluate(children[1]);
      if (one.error != nullptr) return one;
      if (node.op != Op::map_items) {
        if (one.value.type != Type::boolean) return Outcome::fail(kNoOverload);
        if (!one.value.boolean) continue;
      }
      if (collects) new (items + count) Value(node.op == Op::filter ? item : one.value);
      ++count;
    }
    return {collects ? Value::list(items, count) : Value::of(count == 1)};
  }

  const Code& code_;
  std::span<const Value> variables_;
  Scratch& scratch_;
  std::array<Value, limits::cel_locals_max> locals_;
  size_t steps_ = 0;
};

}  // namespace

Result<Program> Program::compile(Bytes text, std::span<const Variable> variables) {
  if (text.size() > limits::cel_text_max) {
    return Failure{FailureKind::unprocessable,
                   "longer than " + std::to_string(limits::cel_text_max) + " bytes"};
  }
  auto code = std::make_shared<Code>();
  AIGW_TRY(parse(text, variables, *code));
  AIGW_TRY(check_types(variables, *code));
  AIGW_TRY(fold_constants(*code));
  return Program(std::move(code));
}

Outcome Program::evaluate(std::span<const Value> values, Scratch& scratch) const {
  scratch.clear();
  return Evaluation(*code_, values, scratch).evaluate(code_->root);
}

Type Program::type() const { return code_->type; }

}  // namespace aigw::policy::cel
