#include "dialect/anthropic/decode_request.h"

#include <gtest/gtest.h>

#include "dialect/anthropic/test_support.h"

namespace aigw::dialect::anthropic {
namespace {

// The description, without blanks at the end of its lines.
std::string lines(const chat::Conversation& conversation) {
  std::string all;
  for (char c : chat::testing::describe(conversation)) {
    if (c == '\n' && !all.empty() && all.back() == ' ') all.pop_back();
    all += c;
  }
  return all;
}

std::string failure_of(Bytes body) {
  Room room;
  const Result<chat::Conversation> decoded = room.decode(body);
  return decoded ? "" : decoded.error().message;
}

TEST(DecodeMessagesRequest, EveryKindOfBlock) {
  Room room;
  const auto decoded = room.decode(R"({
    "model": "claude-x", "max_tokens": 100,
    "system": [{"type": "text", "text": "Be brief", "cache_control": {"type": "ephemeral"}}],
    "messages": [
      {"role": "user", "content": [
        {"type": "text", "text": "Look"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAA="}},
        {"type": "image", "source": {"type": "url", "url": "https://x/y.png"},
         "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf",
         "data": "JVBERi0="}, "title": "T", "context": "C", "citations": {"enabled":true}},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "D"}},
        {"type": "document", "source": {"type": "file", "file_id": "f1"}},
        {"type":"search_result","cache_control":{"type":"ephemeral"}}]},
      {"role": "assistant", "content": [
        {"type": "thinking", "thinking": "Hm", "signature": "S="},
        {"type": "redacted_thinking", "data": "R"},
        {"type": "text", "text": "Right", "citations": [{"type":"char_location"}]},
        {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1.50}},
        {"type": "tool_use", "id": "t2", "name": "g", "input": {}}]},
      {"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "t1", "content": "Out", "is_error": true},
        {"type": "tool_result", "tool_use_id": "t2", "content": [
          {"type": "text", "text": "In"},
          {"type": "image", "source": {"type": "url", "url": "u"}}]}]},
      {"role": "system", "content": "Now shout"}]})");
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(lines(*decoded), R"(language anthropic
model claude-x
system
  text "Be brief"
  cache_point
user
  text "Look"
  image #0 image/png AAA=
  image #1  https://x/y.png
  cache_point 1h
  file #0 application/pdf JVBERi0=
    name T
    context C
    citations_config {"enabled":true}
  file #3 text/plain D
  file #2  f1
  opaque search_result {"type":"search_result","cache_control":{"type":"ephemeral"}}
assistant
  reasoning "Hm"
    signature S=
  reasoning ""
    redacted R
  text "Right"
    citations [{"type":"char_location"}]
  tool_call t1 f {"a": 1.50}
  tool_call t2 g {}
user
  tool_result t1
    is_error true
    text "Out"
  tool_result t2
    text "In"
    image #1  u
system message
  text "Now shout"
max_tokens 100
)");
  EXPECT_EQ(room.dropped(), "");
}

TEST(DecodeMessagesRequest, EverySetting) {
  Room room;
  const auto decoded = room.decode(R"({"model":"m","max_tokens":1e2,"messages":[],"stream":true,
    "system":"S","temperature":0.70,"top_p":1,"top_k":5,"stop_sequences":["a","b"],
    "metadata":{"user_id":"u","team":"x"},"service_tier":"auto",
    "thinking":{"type":"enabled","budget_tokens":1024,"display":"omitted"},
    "output_config":{"effort":"high","format":{"type":"json_schema","schema":{"type":"object"}}},
    "tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},
    "tools":[{"name":"f","description":"","input_schema":{"type":"object"},"strict":false,
              "cache_control":{"type":"ephemeral","ttl":"5m"}},
             {"type":"custom","name":"g"},
             {"type":"web_search_20250305","name":"web_search"}],
    "container":"c1","context_management":null})");
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(lines(*decoded), R"(language anthropic
model m
stream
system
  text "S"
tool
  name f
  description ""
  schema {"type":"object"}
  strict false
  cache
  ttl 5m
tool
  name g
tool
  kind #2
  name web_search_20250305
  schema {"type":"web_search_20250305","name":"web_search"}
tool_choice #4
  name f
parallel_tool_calls false
max_tokens 100
temperature 0.70
top_p 1
top_k 5
stop "a"
stop "b"
reasoning #1
  budget_tokens 1024
  display omitted
  effort high
output #3
  schema {"type":"object"}
service_tier auto
user u
metadata {"team":"x"}
extra container "c1"
extra context_management null
)");
  EXPECT_EQ(room.dropped(), "");
}

TEST(DecodeMessagesRequest, ReportsMembersThatTheHubHasNoWordFor) {
  Room room;
  ASSERT_TRUE(room.decode(R"({"model":"m","messages":[{"role":"user","note":1,"content":[
      {"type":"text","text":"a","extra":1},{"type":"text","text":"b","extra":1,"gone":null},
      {"type":"image","source":{"type":"url","url":"u"},"transformations":{}}]}],
    "tools":[{"name":"f","defer_loading":true}],"output_config":{"task_budget":{}},
    "tool_choice":{"type":"any","more":1}})"));
  EXPECT_EQ(room.dropped(),
            "messages[].content[].extra=2; messages[].content[].transformations; messages[].note; "
            "tools[].defer_loading; tool_choice.more; output_config.task_budget");
}

TEST(DecodeMessagesRequest, WhatItCannotNameTravelsWhole) {
  Room room;
  const auto decoded = room.decode(R"({"model":"m","messages":[{"role":"user","content":[
      {"type":"document","source":{"type":"content","content":"x"}},
      {"type":"image","source":{"type":"hologram"}}]}],
    "thinking":{"type":"between_tools"},"tool_choice":{"type":"some","names":["f"]}})");
  ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
  EXPECT_EQ(lines(*decoded), R"(language anthropic
model m
user
  opaque document {"type":"document","source":{"type":"content","content":"x"}}
  opaque image {"type":"image","source":{"type":"hologram"}}
tool_choice #5
  raw {"type":"some","names":["f"]}
extra thinking {"type":"between_tools"}
)");
}

TEST(DecodeMessagesRequest, NamesWhatIsWrong) {
  EXPECT_EQ(failure_of("[]"), "invalid request body: a JSON object is expected");
  EXPECT_EQ(failure_of(R"({"model":"m"})"), "messages: required");
  EXPECT_EQ(failure_of(R"({"model":"m","messages":{}})"), "messages: must be an array");
  EXPECT_EQ(failure_of(R"({"model":"m","messages":[{"role":"tool","content":""}]})"),
            "messages[0].role: must be user, assistant or system");
  EXPECT_EQ(failure_of(R"({"model":"m","messages":[{"role":"user"}]})"),
            "messages[0].content: required");
  EXPECT_EQ(failure_of(R"({"model":"m","messages":[{"role":"user","content":7}]})"),
            "messages[0].content: must be a string or an array of content blocks");
  EXPECT_EQ(failure_of(R"({"model":"m","messages":[{"role":"user","content":[{"text":"a"}]}]})"),
            "messages[0].content[0].type: required");
  EXPECT_EQ(failure_of(R"({"model":"m","messages":[
      {"role":"user","content":[{"type":"image"}]}]})"),
            "messages[0].content[0].source: required");
  EXPECT_EQ(failure_of(R"({"model":"m","messages":[],"max_tokens":1.5})"),
            "max_tokens: must be a whole number");
  EXPECT_EQ(failure_of(R"({"model":"m","messages":[],"tools":[{"description":"x"}]})"),
            "tools[0].name: required");
  EXPECT_EQ(failure_of(R"({"model":"m","messages":[],"output_config":{"format":
      {"type":"json_schema"}}})"),
            "output_config.format.schema: required");
}

}  // namespace
}  // namespace aigw::dialect::anthropic
