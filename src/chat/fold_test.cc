#include "chat/fold.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "chat/grammar.h"
#include "chat/test_text.h"

namespace aigw::chat {
namespace {

using Kind = event::BlockOpen::Kind;

std::string folded(const std::vector<Event>& events) {
  Arena arena(1 << 20);
  Fold fold(arena);
  for (const Event& event : events) fold.on_event(event);
  return test_text(fold.answer());
}

// Cuts every delta into single bytes and puts pings between.
class Shred final : public EventSink {
 public:
  explicit Shred(EventSink& next) : next_(next) {}

  void on_event(const Event& event) override {
    next_.on_event(event::Ping{});
    if (const auto* text = std::get_if<event::TextDelta>(&event)) {
      return each(text->text, [&](Bytes b) { next_.on_event(event::TextDelta{text->index, b}); });
    }
    if (const auto* args = std::get_if<event::ArgsDelta>(&event)) {
      return each(args->arguments,
                  [&](Bytes b) { next_.on_event(event::ArgsDelta{args->index, b}); });
    }
    if (const auto* text = std::get_if<event::ReasoningDelta>(&event)) {
      return each(text->text,
                  [&](Bytes b) { next_.on_event(event::ReasoningDelta{text->index, b}); });
    }
    if (const auto* signature = std::get_if<event::SignatureDelta>(&event)) {
      return each(signature->signature,
                  [&](Bytes b) { next_.on_event(event::SignatureDelta{signature->index, b}); });
    }
    next_.on_event(event);
  }

 private:
  template <class Emit>
  static void each(Bytes bytes, Emit&& emit) {
    for (char c : bytes) {
      const std::string copy(1, c);  // dies after the call, as an event's views do
      emit(Bytes(copy));
    }
    emit(Bytes());
  }

  EventSink& next_;
};

const std::vector<Block>& kinds() {
  static const std::vector<Block> all = {
      Text{},
      Text{.text = "hi", .citations = R"([{"a":"],\"["},[1,2],"x,y"])"},
      Text{.text = "no", .refusal = true},
      Reasoning{.text = "why", .signature = "S", .id = "r1"},
      Reasoning{.redacted = "UkVE"},
      Reasoning{},
      ToolCall{.id = "t1", .name = "f", .arguments = R"({"a":[1]})", .signature = "G"},
      ToolCall{.id = "t2", .name = "g", .arguments = "plain", .freeform = true},
      Image{.source = {.data = "QQ==", .media_type = "image/png"}, .detail = "low"},
      Opaque{.type = "server_tool_use", .raw = R"({"type":"server_tool_use"})"}};
  return all;
}

// Every answer of up to three blocks of every kind.
TEST(Fold, FoldingUndoesUnfolding) {
  Answer answer{.language = "l", .id = "i", .model = "m", .created = 7};
  answer.usage.input = 3;
  answer.usage.cached_input = 0;
  answer.service_tier = "flex";
  answer.stop = StopReason::stop_sequence;
  answer.stop_raw = "stop_sequence";
  answer.stop_sequence = "END";
  const std::vector<Extra> extras = {{"safety", "[1]"}};
  answer.extras = extras;
  std::vector<Block> blocks;
  size_t count = 0;
  const auto enumerate = [&](const auto& self) -> void {
    answer.blocks = std::span<const Block>(blocks);
    Arena arena(1 << 20), shredded_arena(1 << 20);
    Fold fold(arena), shredded(shredded_arena);
    Grammar grammar(&fold);
    unfold(answer, grammar);
    Grammar shredded_grammar(&shredded);
    Shred shred(shredded_grammar);
    unfold(answer, shred);
    ASSERT_TRUE(grammar.complete()) << grammar.violation();
    ASSERT_TRUE(shredded_grammar.complete()) << shredded_grammar.violation();
    ASSERT_TRUE(fold.complete());
    ASSERT_EQ(test_text(fold.answer()), test_text(answer));
    ASSERT_EQ(test_text(shredded.answer()), test_text(answer));
    ++count;
    if (blocks.size() == 3) return;
    for (const Block& block : kinds()) {
      blocks.push_back(block);
      self(self);
      blocks.pop_back();
    }
  };
  enumerate(enumerate);
  EXPECT_EQ(count, 1111u);
}

// Every list of up to nine events that the grammar allows: it folds, and the answer's own events
// fold to the same answer.
TEST(Fold, EveryAllowedListFoldsToWhatItsAnswerFoldsTo) {
  static const Block opaque = Opaque{.type = "x", .raw = "{}"};
  std::vector<Event> events;
  size_t complete = 0;
  const auto enumerate = [&](const auto& self, const Grammar& so_far, uint32_t blocks) -> void {
    if (so_far.complete()) {
      ++complete;
      Arena arena(1 << 16);
      Fold fold(arena);
      for (const Event& event : events) fold.on_event(event);
      ASSERT_TRUE(fold.complete());
      std::string text = test_text(fold.answer());
      Arena again_arena(1 << 16);
      Fold again(again_arena);
      Grammar grammar(&again);
      unfold(fold.answer(), grammar);
      ASSERT_TRUE(grammar.complete()) << text << grammar.violation();
      ASSERT_EQ(test_text(again.answer()), text);
      return;
    }
    if (events.size() == 9) return;
    const uint32_t open = blocks == 0 ? 0 : blocks - 1;
    Usage usage;
    usage.output = events.size();
    const std::vector<Event> next = {event::Start{.id = "i"},
                                     event::BlockOpen{.index = blocks, .kind = Kind::text},
                                     event::BlockOpen{.index = blocks, .kind = Kind::reasoning},
                                     event::BlockOpen{.index = blocks, .kind = Kind::tool_call},
                                     event::BlockWhole{blocks, &opaque},
                                     event::TextDelta{open, "t"},
                                     event::Citation{open, "1"},
                                     event::ArgsDelta{open, "a"},
                                     event::ReasoningDelta{open, "r"},
                                     event::SignatureDelta{open, "s"},
                                     event::Redacted{open, "R"},
                                     event::BlockClose{open},
                                     event::UsageReport{usage},
                                     event::Finish{},
                                     event::Done{}};
    for (const Event& event : next) {
      Grammar grammar = so_far;
      grammar.on_event(event);
      if (!grammar.violation().empty()) continue;
      events.push_back(event);
      const bool opens = std::holds_alternative<event::BlockOpen>(event) ||
                         std::holds_alternative<event::BlockWhole>(event);
      self(self, grammar, blocks + opens);
      events.pop_back();
    }
  };
  enumerate(enumerate, Grammar(), 0);
  EXPECT_GT(complete, 1000u);
}

TEST(Fold, UsageIsMergedWhereverItComes) {
  Usage first, last;
  first.input = 10;
  first.output = 1;
  last.output = 5;
  EXPECT_EQ(folded({event::Start{}, event::UsageReport{first}, event::Finish{},
                    event::UsageReport{last, "flex"}, event::Done{}}),
            "answer(usage=usage(input=10 output=5) service_tier='flex')");
}

TEST(Fold, AFaultEndsTheListAndKeepsWhatWasClosed) {
  Arena arena(1 << 16);
  Fold fold(arena);
  fold.on_event(event::Start{});
  fold.on_event(event::BlockOpen{.index = 0, .kind = Kind::text});
  fold.on_event(event::TextDelta{0, "half"});
  fold.on_event(event::BlockClose{0});
  fold.on_event(event::BlockOpen{.index = 1, .kind = Kind::tool_call});
  EXPECT_FALSE(fold.complete());
  {
    const std::string message = "overloaded";
    fold.on_event(event::Fault{529, "overloaded_error", message});
  }
  EXPECT_TRUE(fold.complete());
  ASSERT_TRUE(fold.fault());
  EXPECT_EQ(test_text(Event(*fold.fault())),
            "fault(status=529 type='overloaded_error' message='overloaded')");
  EXPECT_EQ(test_text(fold.answer()), "answer(blocks=[text(text='half')] usage=usage())");
}

TEST(Fold, ABrokenListIsOurBug) {
  Arena arena(1 << 16);
  Fold fold(arena);
  EXPECT_THROW(fold.on_event(event::TextDelta{0, "x"}), BrokenInvariant);
}

TEST(Fold, CopiesGoDeep) {
  Arena arena(1 << 16);
  std::string bytes = "xyz";
  const std::vector<Block> inner = {Text{.text = bytes}, File{.name = bytes}};
  Block copy = ToolResult{.call_id = bytes, .content = std::span<const Block>(inner)};
  const std::string before = test_text(copy);
  copy = copy_block(copy, arena);
  bytes = "???";
  EXPECT_EQ(test_text(copy), before);
}

}  // namespace
}  // namespace aigw::chat
