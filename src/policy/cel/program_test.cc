#include "policy/cel/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

#include "base/limits.h"

namespace {

// Counts what this program allocates, for the promise that an evaluation allocates nothing.
size_t allocations = 0;

}  // namespace

void* operator new(size_t size) {
  ++allocations;
  void* made = std::malloc(size == 0 ? 1 : size);
  if (made == nullptr) throw std::bad_alloc();
  return made;
}
void operator delete(void* gone) noexcept { std::free(gone); }
void operator delete(void* gone, size_t) noexcept { std::free(gone); }

namespace aigw::policy::cel {
namespace {

constexpr Variable kVariables[] = {{"model", Type::string}, {"n", Type::unsigned_integer}, {"i", Type::integer}};

// What an expression becomes: "uint 5", or "error: …", or for one that does not compile "refused: …".
std::string shown(const Value& value) {
  switch (value.type) {
    case Type::null:
      return "null";
    case Type::boolean:
      return value.boolean ? "true" : "false";
    case Type::integer:
      return "int " + std::to_string(value.integer);
    case Type::unsigned_integer:
      return "uint " + std::to_string(value.unsigned_integer);
    case Type::real:
      return "double " + std::to_string(value.real);
    case Type::string:
      return "string " + std::string(value.bytes());
    default:
      return "of size " + std::to_string(value.size);
  }
}

std::string result_of(Bytes text) {
  const Result<Program> program = Program::compile(text, kVariables);
  if (!program) return "refused: " + program.error().message;
  const Value values[] = {Value::of(Bytes("gpt-4o")), Value::of(uint64_t{7}), Value::of(int64_t{-3})};
  Scratch scratch;
  const size_t before = allocations;
  const Outcome outcome = program->evaluate(values, scratch);
  EXPECT_EQ(allocations, before) << text;
  return outcome.error != nullptr ? std::string("error: ") + outcome.error : shown(outcome.value);
}

bool refuses(Bytes text) { return result_of(text).starts_with("refused: "); }

TEST(Cel, Arithmetic) {
  EXPECT_EQ(result_of("n * 2u + 1u"), "uint 15");
  EXPECT_EQ(result_of("1 + 2 * 3 - 4 / 2"), "int 5");
  EXPECT_EQ(result_of("(1 + 2) * 3"), "int 9");
  EXPECT_EQ(result_of("-7 / 2"), "int -3");
  EXPECT_EQ(result_of("-7 % 2"), "int -1");
  EXPECT_EQ(result_of("0x10 + 0x0F"), "int 31");
  EXPECT_EQ(result_of("1.5 * 2.0"), "double 3.000000");
  EXPECT_EQ(result_of("1.0 / 0.0"), "double inf");
  EXPECT_EQ(result_of("-9223372036854775808"), "int -9223372036854775808");
  EXPECT_EQ(result_of("uint(double(n) * 0.5)"), "uint 3");
}

TEST(Cel, AnIntegerThatDoesNotFitIsAnError) {
  const std::string overflow = "error: integer overflow";
  for (Bytes text : {"9223372036854775807 + 1", "-9223372036854775807 - 2", "9223372036854775807 * 2",
                     "-9223372036854775808 / -1", "-(-9223372036854775808)", "1u - 2u", "n - 8u",
                     "18446744073709551615u + 1u", "18446744073709551615u * 2u", "uint(i)", "int(1e19)",
                     "int(18446744073709551615u)", "uint(-0.5)", "int(0.0 / 0.0)"}) {
    EXPECT_EQ(result_of(text), overflow) << text;
  }
  EXPECT_EQ(result_of("1u / 0u"), "error: division by zero");
  EXPECT_EQ(result_of("1 % 0"), "error: modulus by zero");
}

TEST(Cel, TypesThatDoNotFitAreRefused) {
  for (Bytes text : {"n + 1", "1 + 1.0", "n == 7", "n < 7", "model + 1", "!n", "-n", "n && true", "1 ? 2 : 3",
                     "true ? 1 : 2u", "model.startsWith(1)", "size(1)", "1.0 % 2.0", "model in [1]", "[1][1u]",
                     "model.name", "{1.5: 1}", "int(true)", "null < null", "[1].all(x, x)"}) {
    EXPECT_TRUE(refuses(text)) << text << " = " << result_of(text);
  }
  EXPECT_EQ(result_of("n + 1"), "refused: column 3: nothing fits operands of types uint and int");
  EXPECT_EQ(result_of("dyn(n) + 1"), "error: no such overload");
  EXPECT_EQ(result_of("dyn(n) == 7"), "true");
}

TEST(Cel, LogicAbsorbsErrors) {
  EXPECT_EQ(result_of("false && 1 / 0 > 0"), "false");
  EXPECT_EQ(result_of("1 / 0 > 0 && false"), "false");
  EXPECT_EQ(result_of("1 / 0 > 0 || true"), "true");
  EXPECT_EQ(result_of("true && 1 / 0 > 0"), "error: division by zero");
  EXPECT_EQ(result_of("1 / 0 > 0 || false"), "error: division by zero");
  EXPECT_EQ(result_of("true ? 1 : 1 / 0"), "int 1");
  EXPECT_EQ(result_of("1 / 0 > 0 ? 1 : 2"), "error: division by zero");
  EXPECT_EQ(result_of("dyn(1) && false"), "false");
  EXPECT_EQ(result_of("dyn(1) && true"), "error: no such overload");
}

TEST(Cel, Comparison) {
  EXPECT_EQ(result_of("n >= 7u && n <= 7u && n != 8u && i < 0"), "true");
  EXPECT_EQ(result_of("'a' < 'b' && false < true"), "true");
  EXPECT_EQ(result_of("[1, 2] == [1, 2] && {'a': 1, 'b': 2} == {'b': 2, 'a': 1}"), "true");
  EXPECT_EQ(result_of("0.0 / 0.0 == 0.0 / 0.0"), "false");
  // Across types by what the numbers say, exactly.
  EXPECT_EQ(result_of("dyn(9007199254740993) > 9007199254740992.0"), "true");
  EXPECT_EQ(result_of("dyn(-1) < 1u && dyn(1u) < 1.5 && dyn(-1.5) < -1"), "true");
  EXPECT_EQ(result_of("dyn(18446744073709551615u) == 18446744073709551616.0"), "false");
}

TEST(Cel, TextsListsAndMaps) {
  EXPECT_EQ(result_of("model.startsWith('gpt') && model.endsWith('4o') && model.contains('-')"), "true");
  EXPECT_EQ(result_of("model.matches('^gpt-[0-9]')"), "true");
  EXPECT_EQ(result_of("size('h\\u00e9llo') + 'ab'.size() + size([1, 2]) + size({1: 2})"), "int 10");
  EXPECT_EQ(result_of("model + '/' + string(n)"), "string gpt-4o/7");
  EXPECT_EQ(result_of("model in ['gpt-4o', 'o3'] ? n * 3u : n"), "uint 21");
  EXPECT_EQ(result_of("{'gpt-4o': 5u}[model] * n"), "uint 35");
  EXPECT_EQ(result_of("{'o3': 5u}[model]"), "error: no such key");
  EXPECT_EQ(result_of("model in {'o3': 5u}"), "false");
  EXPECT_EQ(result_of("has({'a': 1}.a) && !has({'a': 1}.b)"), "true");
  EXPECT_EQ(result_of("{'a': 1}.a"), "int 1");
  EXPECT_EQ(result_of("[10, 20][1]"), "int 20");
  EXPECT_EQ(result_of("[10, 20][2]"), "error: index out of range");
  EXPECT_EQ(result_of("([1] + [2, 3])[2]"), "int 3");
  EXPECT_EQ(result_of("r'\\d' + \"\\x41\\101\" + '''a\n'b'''"), "string \\dAAa\n'b");
  EXPECT_EQ(result_of("string(1e6) + string(0.5) + string(-3)"), "string 1e+060.5-3");
  EXPECT_EQ(result_of("int('42') + int(-1.9) + int('-2')"), "int 39");
  EXPECT_EQ(result_of("int('4 2')"), "error: not a text that this type can be read from");
  EXPECT_EQ(result_of("bool('TRUE') && !bool('0')"), "true");
}

TEST(Cel, Macros) {
  EXPECT_EQ(result_of("['gpt', 'o3'].exists(p, model.startsWith(p))"), "true");
  EXPECT_EQ(result_of("[1, 2].all(x, x > 1)"), "false");
  EXPECT_EQ(result_of("[1, 2, 3].exists_one(x, x > 2)"), "true");
  EXPECT_EQ(result_of("[1, 2, 3].filter(x, x > 1).map(x, x * 2)[1]"), "int 6");
  EXPECT_EQ(result_of("[0, 1].exists(x, 1 / x == 1)"), "true");
  EXPECT_EQ(result_of("[0, 2].exists(x, 1 / x == 1)"), "error: division by zero");
  EXPECT_EQ(result_of("[1, 2].all(x, [3, 4].all(y, y > x))"), "true");
  EXPECT_EQ(result_of("{'a': 1}.exists(k, k == 'a')"), "true");
  EXPECT_TRUE(refuses("[1].all(x, true) && x > 0"));  // x ends with its macro
}

TEST(Cel, WhatIsNoExpressionIsRefused) {
  for (Bytes text : {"", "1 +", "(1", "1)", "1 2", "'abc", "nothing", "f(1)", "size()", "a b", "n.", "[1", "{1}",
                     "{1: 2", "1u2", "99999999999999999999", "9223372036854775808", "'\\q'", "'\\ud800'", "b'x'",
                     "has(n)", "model.matches(model)", "while", "@", "1 = 1", "x.all(1, true)"}) {
    EXPECT_TRUE(refuses(text)) << text << " = " << result_of(text);
  }
  EXPECT_EQ(result_of("tokens * 2u"), "refused: column 1: there is no variable \"tokens\"; there are model, n, i");
}

TEST(Cel, SizeDepthAndStepsAreBounded) {
  const auto repeated = [](std::string text, size_t times) {
    std::string all;
    for (size_t i = 0; i < times; ++i) all += text;
    return all;
  };
  EXPECT_EQ(result_of("1" + repeated(" + 1", limits::cel_tree_depth_max - 1)), "int 300");
  EXPECT_TRUE(refuses("1" + repeated(" + 1", limits::cel_tree_depth_max)));
  EXPECT_EQ(result_of(repeated("(", limits::cel_depth_max - 1) + "1" + repeated(")", limits::cel_depth_max - 1)),
            "int 1");
  EXPECT_TRUE(refuses(repeated("(", limits::cel_depth_max) + "1" + repeated(")", limits::cel_depth_max)));
  EXPECT_TRUE(refuses(repeated("!", 5000) + "true"));
  EXPECT_EQ(result_of("size([" + repeated("1,", limits::cel_nodes_max - 3) + "1])"), "int 3998");
  EXPECT_TRUE(refuses("size([" + repeated("1,", limits::cel_nodes_max - 2) + "1])"));
  EXPECT_EQ(result_of("1" + std::string(limits::cel_text_max - 1, ' ')), "int 1");
  EXPECT_TRUE(refuses("1" + std::string(limits::cel_text_max, ' ')));
  const std::string list = "[" + repeated("1,", 100) + "1]";
  EXPECT_EQ(result_of(list + ".all(a, " + list + ".all(b, a == b))"), "error: the expression takes too many steps");
  EXPECT_TRUE(refuses("{'a': 1, 'a': 2}.a"));
}

TEST(Cel, WhatAnEvaluationMakesIsBounded) {
  const auto list_of = [](const std::string& element, size_t elements) {
    std::string list = "[" + element;
    while (--elements > 0) list += "," + element;
    return "size(" + list + "])";
  };
  const std::string too_much = "error: the expression makes more than it may";
  EXPECT_EQ(result_of(list_of("i", limits::cel_values_max)), "int 256");
  EXPECT_EQ(result_of(list_of("i", limits::cel_values_max + 1)), too_much);
  EXPECT_EQ(result_of(list_of("1", limits::cel_values_max + 1)), "int 257") << "made once, beforehand";
  const auto longer_by = [](size_t size) { return "size(model + '" + std::string(size, 'x') + "')"; };
  const size_t most = limits::cel_value_text_max - Bytes("gpt-4o").size();
  EXPECT_EQ(result_of(longer_by(most)), "int 4096");
  EXPECT_EQ(result_of(longer_by(most + 1)), too_much);
}

TEST(Cel, MacrosInsideEachOtherAreBounded) {
  const auto nested = [](size_t macros) {
    std::string text;
    for (size_t i = 0; i < macros; ++i) text += "[1].all(x" + std::to_string(i) + ", ";
    return text + "true" + std::string(macros, ')');
  };
  EXPECT_EQ(result_of(nested(limits::cel_locals_max)), "true");
  EXPECT_THAT(result_of(nested(limits::cel_locals_max + 1)), testing::HasSubstr("too many macros inside each other"));
}

// Two loops, one in the other, take 2 + 99 * (2 + 200) steps, and a `!` one more.
TEST(Cel, AnEvaluationTakesSoManyStepsAndNoMore) {
  static_assert(limits::cel_steps_max == 2 + 99 * (2 + 200));
  const auto list = [](size_t elements) {
    std::string text = "[1";
    while (--elements > 0) text += ",1";
    return text + "]";
  };
  const std::string loops = list(99) + ".all(a, " + list(200) + ".all(b, true))";
  EXPECT_EQ(result_of(loops), "true");
  EXPECT_EQ(result_of("!" + loops), "error: the expression takes too many steps");
}

}  // namespace
}  // namespace aigw::policy::cel
