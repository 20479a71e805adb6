#include "chat/grammar.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chat/test_text.h"

namespace aigw::chat {
namespace {

using Kind = event::BlockOpen::Kind;

std::string violation(const std::vector<Event>& events) {
  Grammar grammar;
  for (const Event& event : events) grammar.on_event(event);
  return std::string(grammar.violation());
}

event::BlockOpen open(uint32_t index, Kind kind) { return {.index = index, .kind = kind}; }

TEST(Grammar, TakesAWholeAnswer) {
  const Block image = Image{};
  Grammar grammar;
  for (const Event& event : std::vector<Event>{event::Ping{},
                                               event::Start{},
                                               event::UsageReport{},
                                               open(0, Kind::reasoning),
                                               event::ReasoningDelta{0, "r"},
                                               event::Ping{},
                                               event::SignatureDelta{0, "s"},
                                               event::BlockClose{0},
                                               open(1, Kind::reasoning),
                                               event::Redacted{1, "x"},
                                               event::BlockClose{1},
                                               open(2, Kind::tool_call),
                                               event::ArgsDelta{2, "{}"},
                                               event::SignatureDelta{2, "s"},
                                               event::BlockClose{2},
                                               event::BlockWhole{3, &image},
                                               open(4, Kind::text),
                                               event::Citation{4, "1"},
                                               event::TextDelta{4, ""},
                                               event::AnswerExtra{},
                                               event::BlockClose{4},
                                               event::Finish{},
                                               event::UsageReport{},
                                               event::Ping{}}) {
    grammar.on_event(event);
    EXPECT_EQ(grammar.violation(), "") << test_text(event);
    EXPECT_FALSE(grammar.complete());
  }
  grammar.on_event(event::Done{});
  EXPECT_TRUE(grammar.complete());
}

TEST(Grammar, AFaultMayComeAtAnyPoint) {
  const std::vector<Event> answer = {event::Start{}, open(0, Kind::text), event::TextDelta{0, "t"},
                                     event::BlockClose{0}, event::Finish{}};
  for (size_t size = 0; size <= answer.size(); ++size) {
    Grammar grammar;
    for (size_t i = 0; i < size; ++i) grammar.on_event(answer[i]);
    grammar.on_event(event::Fault{502});
    EXPECT_TRUE(grammar.complete()) << size;
    grammar.on_event(event::Ping{});
    EXPECT_EQ(grammar.violation(), "an event after the end");
  }
}

TEST(Grammar, NamesWhatIsMisplaced) {
  const Event start = event::Start{}, text = open(0, Kind::text);
  const Event reasoning = open(0, Kind::reasoning), call = open(0, Kind::tool_call);
  const Block whole_text = Text{}, image = Image{};
  EXPECT_EQ(violation({text}), "an event before the start");
  EXPECT_EQ(violation({start, start}), "a second start");
  EXPECT_EQ(violation({start, open(1, Kind::text)}), "a block with the wrong index");
  EXPECT_EQ(violation({start, text, open(1, Kind::text)}), "a block inside a block");
  EXPECT_EQ(violation({start, text, event::BlockWhole{1, &image}}), "a block inside a block");
  EXPECT_EQ(violation({start, event::BlockWhole{0, &whole_text}}),
            "a whole block of a kind that comes in deltas");
  EXPECT_EQ(violation({start, event::BlockWhole{0, &image}, event::BlockClose{0}}),
            "a close outside of a block");
  EXPECT_EQ(violation({start, event::TextDelta{0, "t"}}), "a delta outside of a block");
  EXPECT_EQ(violation({start, text, event::TextDelta{1, "t"}}), "a delta of another block");
  EXPECT_EQ(violation({start, text, event::BlockClose{1}}), "a close of another block");
  for (const Event& delta :
       std::vector<Event>{event::ArgsDelta{0, "a"}, event::ReasoningDelta{0, "r"},
                          event::SignatureDelta{0, "s"}, event::Redacted{0, "R"}}) {
    EXPECT_EQ(violation({start, text, delta}), "a delta of the wrong kind") << test_text(delta);
  }
  EXPECT_EQ(violation({start, call, event::TextDelta{0, "t"}}), "a delta of the wrong kind");
  EXPECT_EQ(violation({start, call, event::Citation{0, "1"}}), "a delta of the wrong kind");
  EXPECT_EQ(violation({start, reasoning, event::ReasoningDelta{0, "r"}, event::Redacted{0, "R"}}),
            "redacted data beside something else");
  EXPECT_EQ(violation({start, reasoning, event::Redacted{0, "R"}, event::SignatureDelta{0, "s"}}),
            "a delta beside redacted data");
  EXPECT_EQ(violation({start, text, event::Finish{}}), "a finish inside a block");
  EXPECT_EQ(violation({start, event::Finish{}, event::Finish{}}), "a second finish");
  EXPECT_EQ(violation({start, event::Finish{}, text}), "a block after the finish");
  EXPECT_EQ(violation({start, event::Done{}}), "done without a finish");
  EXPECT_EQ(violation({start, event::Finish{}, event::Done{}, event::UsageReport{}}),
            "an event after the end");
}

TEST(Grammar, PassesEverythingOn) {
  TestEvents events;
  Grammar grammar(&events);
  grammar.on_event(event::Done{});
  grammar.on_event(event::Ping{});
  EXPECT_EQ(events.text(), "done()\nping()\n");
  EXPECT_EQ(grammar.violation(), "an event before the start");
}

}  // namespace
}  // namespace aigw::chat
