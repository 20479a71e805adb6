#include "wire/sse.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "base/test_slices.h"

namespace aigw::wire {
namespace {

// Writes "type|data" for each event.
class Recorder : public SseSink {
 public:
  void on_data(Bytes piece) override {
    EXPECT_FALSE(piece.empty());
    data_ += piece;
    ++pieces;
  }
  void on_event(Bytes type) override {
    events.push_back(std::string(type) + "|" + data_);
    data_.clear();
  }
  bool has_rest() const { return !data_.empty(); }

  std::vector<std::string> events;
  size_t pieces = 0;

 private:
  std::string data_;
};

using Events = std::vector<std::string>;

// The events of a stream, which must be the same for every slicing.
Events events_of(Bytes stream) {
  Events first;
  bool any = false;
  SseDecoder decoder;
  for_every_slicing(stream, [&](const Slicing& slicing) {
    Recorder recorder;
    slicing.for_each_piece([&](Bytes piece) { decoder.feed(piece, recorder); });
    decoder.finish(recorder);
    EXPECT_FALSE(recorder.has_rest());
    if (!any) first = recorder.events;
    any = true;
    EXPECT_EQ(recorder.events, first) << slicing.name();
  });
  return first;
}

// `text` with each "\n" as `line_end`.
std::string with_line_ends(Bytes text, Bytes line_end) {
  std::string out;
  for (char c : text) c == '\n' ? out += line_end : out += c;
  return out;
}

TEST(Sse, TakesEveryShapeWithEveryLineEnd) {
  const struct {
    Bytes stream;
    Events events;
  } cases[] = {
      {"", {}},
      {"\n\n\n", {}},
      {"data: a\n\ndata: b\n\n", {"|a", "|b"}},
      {"data:a\n\ndata:  b \n\n", {"|a", "| b "}},
      {"data: {\"x\": \"a:b\"}\n\n", {"|{\"x\": \"a:b\"}"}},
      {"event: message_start\ndata: {}\n\n", {"message_start|{}"}},
      {"data: {}\nevent:after\n\ndata: x\n\n", {"after|{}", "|x"}},
      {"event: one\nevent: two\ndata: x\n\n", {"two|x"}},
      {"event: gone\nevent\ndata: x\n\n", {"|x"}},
      {"data: first\ndata: second\ndata:\ndata: last\n\n", {"|first\nsecond\n\nlast"}},
      {"data\n\ndata\ndata\n\ndata:", {"|", "|\n", "|"}},
      {": comment\n\n:\n\n: data: no\ndata: x\n: in between\n\n", {"|x"}},
      {"event: no data\n\ndata: x\n\n", {"|x"}},
      {"id: 7\nretry: 100\nunknown: field\nnothing\ndata: x\n\n", {"|x"}},
      {"datax: no\ndat: no\nDATA: no\n data: no\ndata : no\ndata: x\n\n", {"|x"}},
      {"events: no\neven: no\ndata: x\n\n", {"|x"}},
      {"data: a\n\ndata: missing blank line\n", {"|a", "|missing blank line"}},
      {"data: a\n\nevent: e\ndata: missing line end", {"|a", "e|missing line end"}},
      {"data: a\n\ndat", {"|a"}},
      {"data: a\n\ndata", {"|a", "|"}},
      {"data: a\ndata", {"|a\n"}},
      {"data: a\n\nevent: no data", {"|a"}},
      {"data: [DONE]\n\n", {"|[DONE]"}},
      {"\xef\xbb\xbf"
       "data: bom\n\n",
       {"|bom"}},
      {"\xef\xbb\xbf\n\xef\xbb\xbf"
       "data: not at the start\n\ndata: x\n\n",
       {"|x"}},
      {"\xef\xbb"
       "data: half a bom\n\ndata: x\n\n",
       {"|x"}},
      {"\xef\n\ndata: x\n\n", {"|x"}},
      {"data: \xc3\xa9\xf0\x9f\x98\x80\n\n", {"|\xc3\xa9\xf0\x9f\x98\x80"}},
      {"data: longer than one vector of bytes, so that the line end is found by the wide loop\n\n",
       {"|longer than one vector of bytes, so that the line end is found by the wide loop"}},
  };
  for (const auto& c : cases) {
    for (Bytes line_end : {"\n", "\r", "\r\n"}) {
      EXPECT_EQ(events_of(with_line_ends(c.stream, line_end)), c.events) << c.stream;
    }
  }
}

TEST(Sse, TakesMixedLineEnds) {
  EXPECT_EQ(events_of("data: a\r\ndata: b\rdata: c\n\r\ndata: d\n\rdata: e\r\r"),
            (Events{"|a\nb\nc", "|d", "|e"}));
  EXPECT_EQ(events_of("data: a\r\n\r\n\n\r\rdata: b\r\n\n"), (Events{"|a", "|b"}));
}

TEST(Sse, TellsWhereAStreamIsCutBeforeItsData) {
  const struct {
    Bytes stream;
    bool whole;
  } cases[] = {
      {"", true},         {"\n", true},          {"data: a\n\n", true},           {"data: a\n", true},
      {"data: a", true},  {": comm", true},      {"id: 7", true},                 {"event: e\ndata: a", true},
      {"da", false},      {"data", false},       {"data:", false},                {"data: a\nda", false},
      {"event", false},   {"event:", false},     {"event: messa", false},         {"event: e\n", false},
      {"data: a\n\nevent: e\n", false},         {"event: e\n: comment\n", false}, {"data: a\n\ndata:", false},
  };
  for (const auto& c : cases) {
    for_every_slicing(c.stream, [&](const Slicing& slicing) {
      SseDecoder decoder;
      Recorder recorder;
      slicing.for_each_piece([&](Bytes piece) { decoder.feed(piece, recorder); });
      EXPECT_EQ(decoder.finish(recorder), c.whole) << c.stream << ", " << slicing.name();
    });
  }
}

TEST(Sse, NulBytesAreData) {
  const Bytes stream("data: a\0b\n\n", 11);
  EXPECT_EQ(events_of(stream), (Events{std::string("|a\0b", 4)}));
}

TEST(Sse, AnEventIsHandedOnWithTheByteThatCompletesIt) {
  SseDecoder decoder;
  Recorder recorder;
  decoder.feed("data: a\r\n\r", recorder);
  EXPECT_EQ(recorder.events, (Events{"|a"}));
  decoder.feed("\ndata: b\n", recorder);
  EXPECT_EQ(recorder.events.size(), 1u);
  decoder.feed("\n", recorder);
  EXPECT_EQ(recorder.events, (Events{"|a", "|b"}));
  decoder.finish(recorder);
  EXPECT_EQ(recorder.events.size(), 2u);
}

TEST(Sse, DataIsAViewOfTheInput) {
  class Pointers : public SseSink {
   public:
    void on_data(Bytes piece) override { data = piece.data(); }
    void on_event(Bytes) override {}
    const char* data = nullptr;
  } sink;
  const Bytes stream = "data: abc\n\n";
  SseDecoder decoder;
  decoder.feed(stream, sink);
  EXPECT_EQ(sink.data, stream.data() + 6);
}

TEST(Sse, ALongTypeIsCutAtTheLimit) {
  const std::string fits(limits::sse_event_type_max, 't');
  for (const char* more : {"", "x", "more than that"}) {
    SseDecoder decoder;
    Recorder recorder;
    Slicing("event: " + fits + more + "\ndata: d\n\n", {100, 262}).for_each_piece([&](Bytes piece) {
      decoder.feed(piece, recorder);
    });
    EXPECT_EQ(recorder.events, (Events{fits + "|d"}));
  }
}

TEST(Sse, FinishMakesItReadyForAnotherStream) {
  SseDecoder decoder;
  Recorder recorder;
  decoder.feed("event: left over\ndata: a\r", recorder);
  decoder.finish(recorder);
  decoder.feed(
      "\xef\xbb\xbf"
      "data: b\n\n",
      recorder);
  decoder.finish(recorder);
  EXPECT_EQ(recorder.events, (Events{"left over|a", "|b"}));
}

}  // namespace
}  // namespace aigw::wire
