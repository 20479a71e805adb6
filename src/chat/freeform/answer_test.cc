#include "chat/freeform/answer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/arena.h"
#include "base/limits.h"
#include "chat/fold.h"

namespace aigw::chat::freeform {
namespace {

using Kind = event::BlockOpen::Kind;

// A call of `name` whose arguments come in `pieces`, as the client gets it.
struct Call {
  std::string input;
  bool freeform = false;
  uint64_t drops = 0;
};

Call called(Bytes name, const std::vector<Bytes>& pieces) {
  Arena arena(1 << 20);
  Drops drops(arena);
  Fold fold(arena);
  FreeformCalls calls("sh\npatch\n", drops, fold);
  calls.on_event(event::Start{});
  calls.on_event(event::BlockOpen{.index = 0, .kind = Kind::tool_call, .id = "1", .name = name});
  for (Bytes piece : pieces) {
    const std::string copy(piece);  // dies after the call, as an event's views do
    calls.on_event(event::ArgsDelta{.index = 0, .arguments = copy});
    calls.on_event(event::Ping{});
  }
  calls.on_event(event::BlockClose{.index = 0});
  calls.on_event(event::Finish{});
  calls.on_event(event::Done{});
  const auto& call = std::get<ToolCall>(fold.answer().blocks[0].value);
  EXPECT_EQ(call.id, "1");
  return {std::string(call.arguments), call.freeform, drops.count()};
}

// Whether `arguments` become `input` however they are cut.
void expect_input(Bytes arguments, Bytes input, uint64_t drops = 0) {
  const auto expect = [&](const std::vector<Bytes>& pieces) {
    const Call call = called("sh", pieces);
    EXPECT_EQ(call.input, input) << arguments;
    EXPECT_TRUE(call.freeform);
    EXPECT_EQ(call.drops, drops) << arguments;
  };
  for (size_t i = 0; i <= arguments.size(); ++i) {
    for (size_t j = i; j <= arguments.size(); ++j) {
      expect({arguments.substr(0, i), arguments.substr(i, j - i), arguments.substr(j)});
    }
  }
  std::vector<Bytes> bytes;
  for (size_t i = 0; i < arguments.size(); ++i) bytes.push_back(arguments.substr(i, 1));
  expect(bytes);
}

TEST(FreeformAnswer, the_text_is_the_member_unescaped) {
  expect_input(R"({"input":"ls -l"})", "ls -l");
  expect_input(R"({"input":""})", "");
  expect_input(R"({"input":"a\"b\\\nc\/d"})", "a\"b\\\nc/d");
  expect_input(R"({"input":"\\\\"})", "\\\\");
  expect_input(" {\n\t\"input\" : \"x\" }\n", "x");
  expect_input(R"({"input":"é\u00e9"})", "éé");
}

TEST(FreeformAnswer, two_escapes_that_are_one_character_stay_together) {
  expect_input(R"({"input":"\ud83d\ude00!"})", "😀!");
  expect_input(R"({"input":"\uD83D\uDE00"})", "😀");
  expect_input(R"({"input":"\ud83d"})", "\xEF\xBF\xBD");
  expect_input(R"({"input":"\ud83d\n"})", "\xEF\xBF\xBD\n");
  expect_input(R"({"input":"\ud83d\u0041"})",
               "\xEF\xBF\xBD"
               "A");
  expect_input(R"({"input":"\ud83d\ud83d\ude00"})", "\xEF\xBF\xBD😀");
  expect_input(R"({"input":"\ude00"})", "\xEF\xBF\xBD");
}

TEST(FreeformAnswer, no_arguments_are_no_text) {
  expect_input("", "");
  expect_input("{}", "");
  expect_input(" { } ", "");
}

TEST(FreeformAnswer, other_arguments_are_the_text) {
  expect_input("ls -l", "ls -l");
  expect_input(R"({"inputs":"x"})", R"({"inputs":"x"})");
  expect_input(R"({"in put":"x"})", R"({"in put":"x"})");
  expect_input(R"({"input": null})", R"({"input": null})");
  expect_input(R"({"cmd":"x","input":"y"})", R"({"cmd":"x","input":"y"})");
  expect_input(R"("input")", R"("input")");
  expect_input(R"({"inp)", R"({"inp)");
  const std::string blanks(100, ' ');
  EXPECT_EQ(called("sh", {"{", blanks, R"("input":"x"})"}).input, "{" + blanks + R"("input":"x"})");
}

TEST(FreeformAnswer, a_head_is_held_up_to_the_limit) {
  const std::string head = R"({"input":")";
  for (const size_t at : {size_t{1}, head.find(':'), head.size() - 1}) {
    const auto padded = [&](size_t size) {
      return head.substr(0, at) + std::string(size - head.size(), ' ') + head.substr(at) + R"(x"})";
    };
    const std::string most = padded(limits::freeform_head_max), more = padded(limits::freeform_head_max + 1);
    expect_input(most, "x");
    expect_input(more, more);
  }
  // Blanks that come when as much is held already.
  const std::string full = "{" + std::string(limits::freeform_head_max - 1, ' ') + R"("input")";
  const std::string late = full + std::string(1000, ' ') + R"(:"x"})";
  EXPECT_EQ(called("sh", {late}).input, late);
}

TEST(FreeformAnswer, what_is_cut_is_given_as_far_as_it_came) {
  expect_input(R"({"input":"ls)", "ls");
  expect_input(R"({"input":"ls\)", "ls");
  expect_input(R"({"input":"ls\u00)", "ls");
  expect_input(R"({"input":")", "");
}

TEST(FreeformAnswer, what_stands_beside_the_text_is_dropped) {
  expect_input(R"({"input":"x","why":"y"})", "x", 1);
}

TEST(FreeformAnswer, text_goes_on_at_once) {
  struct Last final : EventSink {
    void on_event(const Event& event) override {
      if (const auto* delta = std::get_if<event::ArgsDelta>(&event)) text += delta->arguments;
    }
    std::string text;
  } last;
  Arena arena(1 << 16);
  Drops drops(arena);
  FreeformCalls calls("sh\n", drops, last);
  calls.on_event(event::BlockOpen{.index = 0, .kind = Kind::tool_call, .name = "sh"});
  calls.on_event(event::ArgsDelta{.index = 0, .arguments = R"({"input":"a\)"});
  EXPECT_EQ(last.text, "a");
  calls.on_event(event::ArgsDelta{.index = 0, .arguments = "nb"});
  EXPECT_EQ(last.text, "a\nb");
}

TEST(FreeformAnswer, calls_of_functions_pass_untouched) {
  const Call call = called("f", {R"({"inp)", R"(ut":"x\n"})"});
  EXPECT_FALSE(call.freeform);
  EXPECT_EQ(call.input, R"({"input":"x\n"})");
}

TEST(FreeformAnswer, each_call_begins_anew) {
  Arena arena(1 << 16);
  Drops drops(arena);
  Fold fold(arena);
  FreeformCalls calls("sh\n", drops, fold);
  const auto call = [&](uint32_t index, Bytes name, Bytes arguments) {
    calls.on_event(event::BlockOpen{.index = index, .kind = Kind::tool_call, .name = name});
    calls.on_event(event::ArgsDelta{.index = index, .arguments = arguments});
    calls.on_event(event::SignatureDelta{.index = index, .signature = "S"});
    calls.on_event(event::BlockClose{.index = index});
  };
  call(0, "sh", R"({"input":"a\u00)");
  call(1, "f", R"({"input":1})");
  call(2, "sh", R"({"input":"b"})");
  const Blocks blocks = fold.answer().blocks;
  EXPECT_EQ(std::get<ToolCall>(blocks[0].value).arguments, "a");
  EXPECT_EQ(std::get<ToolCall>(blocks[1].value).arguments, R"({"input":1})");
  EXPECT_EQ(std::get<ToolCall>(blocks[2].value).arguments, "b");
  EXPECT_EQ(std::get<ToolCall>(blocks[2].value).signature, "S");
}

}  // namespace
}  // namespace aigw::chat::freeform
