// Recursive descent, one function a level of precedence:
//   conditional  a ? b : c        logical_or  ||      logical_and  &&      relation  < <= >= > == != in
//   sum  + -      product  * / %      unary  ! -      member  a.b a.f(x) a[i]      primary
#include "policy/cel/parser.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/limits.h"
#include "policy/cel/lexer.h"

namespace aigw::policy::cel {
namespace {

using Index = Result<uint32_t>;  // of a node

struct Binary {
  Bytes mark;
  Op op;
};

constexpr Binary kRelations[] = {{"<", Op::less},           {"<=", Op::less_equal}, {">", Op::greater},
                                 {">=", Op::greater_equal}, {"==", Op::equal},      {"!=", Op::not_equal}};
constexpr Binary kSums[] = {{"+", Op::add}, {"-", Op::subtract}};
constexpr Binary kProducts[] = {{"*", Op::multiply}, {"/", Op::divide}, {"%", Op::modulo}};

struct Named {
  Bytes name;
  Function function;
  bool as_member;  // x.f(…)
  bool as_global;  // f(x, …)
  size_t arguments;  // with the one before the dot
};

constexpr Named kFunctions[] = {
    {"size", Function::size, true, true, 1},
    {"contains", Function::contains, true, false, 2},
    {"startsWith", Function::starts_with, true, false, 2},
    {"endsWith", Function::ends_with, true, false, 2},
    {"matches", Function::matches, true, true, 2},
    {"int", Function::to_int, false, true, 1},
    {"uint", Function::to_uint, false, true, 1},
    {"double", Function::to_double, false, true, 1},
    {"string", Function::to_string, false, true, 1},
    {"bool", Function::to_bool, false, true, 1},
    {"dyn", Function::to_dyn, false, true, 1},
};

struct Macro {
  Bytes name;
  Op op;
};

constexpr Macro kMacros[] = {{"all", Op::all},
                             {"exists", Op::exists},
                             {"exists_one", Op::exists_one},
                             {"filter", Op::filter},
                             {"map", Op::map_items}};

constexpr Bytes kReserved[] = {"as",     "break", "const",     "continue", "else", "for",  "function", "if",   "import",
                               "in",     "let",   "loop",      "package",  "var",  "void", "return",   "while",
                               "namespace"};

// An index that a.b makes, as opposed to a[b].
constexpr uint16_t kBySelection = 1;

class Parser {
 public:
  Parser(Bytes text, std::span<const Variable> variables, Code& code)
      : lexer_(text), variables_(variables), code_(code) {}

  Result<void> parse() {
    AIGW_TRY(advance());
    Index root = conditional();
    if (!root) return root.error();
    if (token_.kind != TokenKind::end) return wrong("an operator or the end is expected");
    code_.root = *root;
    return {};
  }

 private:
  Failure wrong(std::string message) const { return error_at(token_.offset, std::move(message)); }

  Result<void> advance() {
    Result<Token> next = lexer_.next();
    if (!next) return next.error();
    token_ = std::move(*next);
    return {};
  }

  // Says whether the mark stood there, and steps over it.
  Result<bool> accept(Bytes mark) {
    if (!token_.is(mark)) return false;
    AIGW_TRY(advance());
    return true;
  }

  Result<void> expect(Bytes mark) {
    Result<bool> there = accept(mark);
    if (!there) return there.error();
    return *there ? Result<void>() : wrong("expected \"" + std::string(mark) + "\"");
  }

  Index add(Op op, uint32_t offset, std::initializer_list<uint32_t> children) {
    Node node;
    node.op = op;
    node.offset = offset;
    return add(node, std::span(children.begin(), children.size()));
  }

  Index add(Node node, std::span<const uint32_t> children) {
    if (code_.nodes.size() == limits::cel_nodes_max) return error_at(node.offset, "the expression is too long");
    node.children = static_cast<uint32_t>(code_.children.size());
    node.child_count = static_cast<uint32_t>(children.size());
    code_.children.insert(code_.children.end(), children.begin(), children.end());
    size_t depth = 1;
    for (const uint32_t child : children) depth = std::max(depth, depths_[child] + 1);
    if (depth > limits::cel_tree_depth_max) return error_at(node.offset, "the expression is too long");
    depths_.push_back(depth);
    code_.nodes.push_back(node);
    return static_cast<uint32_t>(code_.nodes.size() - 1);
  }

  Index add_constant(uint32_t offset, Value value) {
    Node node;
    node.offset = offset;
    node.constant = value;
    return add(node, {});
  }

  Index add_text(uint32_t offset, std::string text) {
    code_.texts.push_back(std::move(text));
    return add_constant(offset, Value::of(Bytes(code_.texts.back())));
  }

  Index conditional() {
    if (++depth_ > limits::cel_depth_max) return wrong("nested too deep");
    Index condition = logical_or();
    if (!condition) return condition;
    const uint32_t offset = token_.offset;
    Result<bool> asks = accept("?");
    if (!asks) return asks.error();
    if (*asks) {
      const Index yes = logical_or();
      if (!yes) return yes;
      AIGW_TRY(expect(":"));
      const Index no = conditional();
      if (!no) return no;
      condition = add(Op::conditional, offset, {*condition, *yes, *no});
    }
    --depth_;
    return condition;
  }

  Index logical_or() { return chain("||", Op::logical_or, &Parser::logical_and); }
  Index logical_and() { return chain("&&", Op::logical_and, &Parser::relation); }

  Index chain(Bytes mark, Op op, Index (Parser::*operand)()) {
    Index left = (this->*operand)();
    while (left && token_.is(mark)) left = with_right(op, *left, operand);
    return left;
  }

  Index with_right(Op op, uint32_t left, Index (Parser::*operand)()) {
    const uint32_t offset = token_.offset;
    AIGW_TRY(advance());
    const Index right = (this->*operand)();
    if (!right) return right;
    return add(op, offset, {left, *right});
  }

  template <size_t N>
  Index binaries(const Binary (&operators)[N], Index (Parser::*operand)()) {
    Index left = (this->*operand)();
    while (left) {
      const auto found =
          std::find_if(std::begin(operators), std::end(operators), [&](const Binary& b) { return token_.is(b.mark); });
      if (found == std::end(operators)) break;
      left = with_right(found->op, *left, operand);
    }
    return left;
  }

  Index relation() {
    Index left = binaries(kRelations, &Parser::sum);
    while (left && token_.is_word("in")) left = with_right(Op::in, *left, &Parser::sum);
    return left;
  }
  Index sum() { return binaries(kSums, &Parser::product); }
  Index product() { return binaries(kProducts, &Parser::unary); }

  Index unary() {
    const uint32_t offset = token_.offset;
    const bool negates = token_.is("-");
    if (!negates && !token_.is("!")) return member();
    if (++depth_ > limits::cel_depth_max) return wrong("nested too deep");
    AIGW_TRY(advance());
    Index operand = 0u;
    // Of the numbers only this one has no positive counterpart.
    constexpr uint64_t kMinimum = uint64_t{1} << 63;
    if (negates && token_.kind == TokenKind::integer && token_.integer == kMinimum) {
      AIGW_TRY(advance());
      operand = add_constant(offset, Value::of(INT64_MIN));
    } else {
      operand = unary();
      if (operand) operand = add(negates ? Op::negate : Op::logical_not, offset, {*operand});
    }
    --depth_;
    return operand;
  }

  Index member() {
    Index value = primary();
    while (value) {
      const uint32_t offset = token_.offset;
      if (token_.is(".")) {
        AIGW_TRY(advance());
        value = selection(offset, *value);
      } else if (token_.is("[")) {
        AIGW_TRY(advance());
        const Index key = conditional();
        if (!key) return key;
        AIGW_TRY(expect("]"));
        value = add(Op::index, offset, {*value, *key});
      } else {
        break;
      }
    }
    return value;
  }

  // Behind the dot.
  Index selection(uint32_t offset, uint32_t target) {
    if (token_.kind != TokenKind::identifier) return wrong("a name is expected behind the dot");
    const Bytes name = token_.text;
    const uint32_t name_offset = token_.offset;
    AIGW_TRY(advance());
    if (!token_.is("(")) {
      const Index key = add_text(name_offset, std::string(name));
      if (!key) return key;
      Node node;
      node.op = Op::index;
      node.slot = kBySelection;
      node.offset = offset;
      const uint32_t children[] = {target, *key};
      return add(node, children);
    }
    AIGW_TRY(advance());
    for (const Macro& macro : kMacros) {
      if (macro.name == name) return comprehension(macro.op, name_offset, target);
    }
    std::vector<uint32_t> arguments{target};
    AIGW_TRY(list_until(")", arguments));
    return call(name, name_offset, true, arguments);
  }

  // Behind the parenthesis of x.all(i, …).
  Index comprehension(Op op, uint32_t offset, uint32_t range) {
    if (token_.kind != TokenKind::identifier) return wrong("the name of a variable is expected");
    if (locals_.size() == limits::cel_locals_max) return wrong("too many macros inside each other");
    const Bytes name = token_.text;
    AIGW_TRY(advance());
    AIGW_TRY(expect(","));
    locals_.push_back(name);
    const Index body = conditional();
    const size_t slot = locals_.size() - 1;
    locals_.pop_back();
    if (!body) return body;
    AIGW_TRY(expect(")"));
    Node node;
    node.op = op;
    node.slot = static_cast<uint16_t>(slot);
    node.offset = offset;
    const uint32_t children[] = {range, *body};
    return add(node, children);
  }

  Result<void> list_until(Bytes close, std::vector<uint32_t>& items) {
    while (!token_.is(close)) {
      const Index item = conditional();
      if (!item) return item.error();
      items.push_back(*item);
      if (token_.is(close)) break;
      AIGW_TRY(expect(","));
    }
    return advance();
  }

  Index call(Bytes name, uint32_t offset, bool as_member, const std::vector<uint32_t>& arguments) {
    for (const Named& known : kFunctions) {
      if (known.name != name || !(as_member ? known.as_member : known.as_global)) continue;
      if (known.arguments != arguments.size()) {
        return error_at(offset, std::string(name) + "() is called with a wrong number of arguments");
      }
      Node node;
      node.op = Op::call;
      node.function = known.function;
      node.offset = offset;
      if (known.function == Function::matches) AIGW_TRY(compile_pattern(arguments[1], node));
      return add(node, arguments);
    }
    return error_at(offset, "there is no function " + std::string(name) + "()");
  }

  Result<void> compile_pattern(uint32_t argument, Node& node) {
    const Node& pattern = code_.nodes[argument];
    if (pattern.op != Op::constant || pattern.constant.type != Type::string) {
      return error_at(pattern.offset, "the pattern of matches() must be a text that is written out");
    }
    Result<Pattern> compiled = Pattern::compile(pattern.constant.bytes());
    if (!compiled) return error_at(pattern.offset, compiled.error().message);
    node.slot = static_cast<uint16_t>(code_.patterns.size());
    code_.patterns.push_back(std::move(*compiled));
    return {};
  }

  Index primary() {
    const Token token = token_;
    if (token.kind == TokenKind::end) return wrong("the expression ends where a value is expected");
    AIGW_TRY(advance());
    switch (token.kind) {
      case TokenKind::integer:
        if (token.integer > INT64_MAX) return error_at(token.offset, "an int of more than 63 bits: write it with u");
        return add_constant(token.offset, Value::of(static_cast<int64_t>(token.integer)));
      case TokenKind::unsigned_integer:
        return add_constant(token.offset, Value::of(token.integer));
      case TokenKind::real:
        return add_constant(token.offset, Value::of(token.real));
      case TokenKind::string:
        return add_text(token.offset, token.string);
      case TokenKind::identifier:
        return word(token);
      case TokenKind::punctuation:
      case TokenKind::end:
        break;
    }
    if (token.is("(")) {
      const Index inner = conditional();
      if (!inner) return inner;
      AIGW_TRY(expect(")"));
      return inner;
    }
    if (token.is("[")) {
      std::vector<uint32_t> items;
      AIGW_TRY(list_until("]", items));
      Node node;
      node.op = Op::list;
      node.offset = token.offset;
      return add(node, items);
    }
    if (token.is("{")) return map(token.offset);
    return error_at(token.offset, "a value is expected");
  }

  // Behind the brace.
  Index map(uint32_t offset) {
    std::vector<uint32_t> entries;
    while (!token_.is("}")) {
      for (const Bytes then : {":", ""}) {
        const Index part = conditional();
        if (!part) return part;
        entries.push_back(*part);
        if (!then.empty()) AIGW_TRY(expect(then));
      }
      if (token_.is("}")) break;
      AIGW_TRY(expect(","));
    }
    AIGW_TRY(advance());
    Node node;
    node.op = Op::map;
    node.offset = offset;
    return add(node, entries);
  }

  Index word(const Token& token) {
    if (token.text == "true" || token.text == "false") {
      return add_constant(token.offset, Value::of(token.text == "true"));
    }
    if (token.text == "null") return add_constant(token.offset, Value());
    if (std::find(std::begin(kReserved), std::end(kReserved), token.text) != std::end(kReserved)) {
      return error_at(token.offset, "\"" + std::string(token.text) + "\" is a reserved word");
    }
    if (token_.is("(")) {
      AIGW_TRY(advance());
      std::vector<uint32_t> arguments;
      AIGW_TRY(list_until(")", arguments));
      return token.text == "has" ? has(token.offset, arguments) : call(token.text, token.offset, false, arguments);
    }
    return name(token);
  }

  Index name(const Token& token) {
    Node node;
    node.offset = token.offset;
    for (size_t i = locals_.size(); i-- > 0;) {
      if (locals_[i] != token.text) continue;
      node.op = Op::local;
      node.slot = static_cast<uint16_t>(i);
      return add(node, {});
    }
    std::string known;
    for (size_t i = 0; i < variables_.size(); ++i) {
      if (variables_[i].name == token.text) {
        node.op = Op::variable;
        node.slot = static_cast<uint16_t>(i);
        return add(node, {});
      }
      known.append(known.empty() ? "" : ", ").append(variables_[i].name);
    }
    const std::string name(token.text.substr(0, limits::quoted_in_error_max));
    return error_at(token.offset, "there is no variable \"" + name + "\"" +
                                      (known.empty() ? "" : "; there are " + known));
  }

  Index has(uint32_t offset, const std::vector<uint32_t>& arguments) {
    const bool selects = arguments.size() == 1 && code_.nodes[arguments[0]].op == Op::index &&
                         code_.nodes[arguments[0]].slot == kBySelection;
    if (!selects) return error_at(offset, "has() takes a selection, as in has(a.b)");
    const std::span<const uint32_t> parts = code_.children_of(code_.nodes[arguments[0]]);
    return add(Op::has, offset, {parts[0], parts[1]});
  }

  Lexer lexer_;
  Token token_;
  std::span<const Variable> variables_;
  Code& code_;
  std::vector<Bytes> locals_;
  std::vector<size_t> depths_;  // of the tree below each node
  size_t depth_ = 0;            // of what is being parsed
};

}  // namespace

Result<void> parse(Bytes text, std::span<const Variable> variables, Code& code) {
  return Parser(text, variables, code).parse();
}

}  // namespace aigw::policy::cel
