#include "dialect/openai_chat/decode_request.h"

#include <gtest/gtest.h>

#include "dialect/openai_chat/codec_test_support.h"

namespace aigw::dialect::openai_chat {
namespace {

std::string messages(const std::string& elements) {
  Bench bench;
  return bench.described(R"({"messages":[)" + elements + "]}");
}

std::string root(const std::string& members) {
  Bench bench;
  return bench.described("{" + members + "}");
}

// What every conversation here begins with.
const char* const kHead = "language openai_chat\n";

TEST(DecodeRequest, ReadsAWholeConversation) {
  Bench bench;
  EXPECT_EQ(bench.described(R"({
    "model": "gpt-5", "stream": true, "stream_options": {"include_usage": true},
    "messages": [
      {"role": "system", "content": "Be brief."},
      {"role": "developer", "content": [{"type": "text", "text": "Be kind."}]},
      {"role": "user", "content": "Weather in \u00d6lten?", "name": "ann"},
      {"role": "assistant", "content": null, "tool_calls": [
        {"id": "c1", "type": "function", "function": {"name": "w", "arguments": "{\"at\": 1}"}},
        {"id": "c2", "type": "function", "function": {"name": "w", "arguments": "{"}}]},
      {"role": "tool", "tool_call_id": "c1", "content": "sun"},
      {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "rain"}]},
      {"role": "user", "content": "Go on."}],
    "tools": [{"type": "function", "function": {"name": "w", "description": "",
               "parameters": {"type":  "object"}, "strict": true}}],
    "tool_choice": "required", "parallel_tool_calls": false,
    "max_tokens": 7, "max_completion_tokens": 8, "temperature": 0.70, "stop": "END", "seed": -1})"),
            "language openai_chat\nmodel gpt-5\nstream \ninclude_usage true\n"
            "system \n  text \"Be brief.\"\n  text \"Be kind.\"\n"
            "user \n  name ann\n  text \"Weather in \xC3\x96lten?\"\n"
            "assistant \n  tool_call c1 w {\"at\": 1}\n  tool_call c2 w {\n"
            "user \n  tool_result c1\n    text \"sun\"\n  tool_result c2\n    text \"rain\"\n"
            "user \n  text \"Go on.\"\n"
            "tool \n  name w\n  description \"\"\n  schema {\"type\":  \"object\"}\n  strict true\n"
            "tool_choice #2\nparallel_tool_calls false\n"
            "max_tokens 8\ntemperature 0.70\nseed -1\nstop \"END\"\n");
  EXPECT_EQ(bench.dropped(), "");
}

TEST(DecodeRequest, KeepsSystemMessagesBetweenOthersInTheirPlace) {
  EXPECT_EQ(messages(R"({"role":"user","content":"a"},{"role":"system","content":"b"})"),
            std::string(kHead) + "user \n  text \"a\"\nsystem message \n  text \"b\"\n");
}

TEST(DecodeRequest, ReadsEveryPartOfAUser) {
  EXPECT_EQ(messages(R"({"role":"user","content":[
      {"type":"text","text":"t","cache_control":{"type":"ephemeral","ttl":"1h"}},
      {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBO","detail":"low"}},
      {"type":"image_url","image_url":{"url":"https://h/p.png"}},
      {"type":"image_url","image_url":{"url":"data:application/pdf;base64,JVBE"}},
      {"type":"image_url","image_url":{"url":"https://h/a.PDF"}},
      {"type":"input_audio","input_audio":{"data":"UklG","format":"wav"}},
      {"type":"audio_url","audio_url":{"url":"https://h/a.mp3"}},
      {"type":"video_url","video_url":{"url":"https://h/v.mp4"}},
      {"type":"file","file":{"file_data":"data:application/pdf;base64,JVBE","filename":"a.pdf"}},
      {"type":"file","file":{"file_data":"JVBE","filename":"a.pdf"}},
      {"type":"file","file":{"file_id":"f1"}}]})"),
            std::string(kHead) +
                "user \n  text \"t\"\n  cache_point 1h\n"
                "  image #0 image/png iVBO\n    detail low\n"
                "  image #1  https://h/p.png\n"
                "  file #0 application/pdf JVBE\n"
                "  file #1  https://h/a.PDF\n"
                "  audio #0 audio/wav UklG\n"
                "  audio #1  https://h/a.mp3\n"
                "  opaque video_url "
                R"({"type":"video_url","video_url":{"url":"https://h/v.mp4"}})"
                "\n"
                "  file #0 application/pdf JVBE\n    name a.pdf\n"
                "  file #0 application/pdf JVBE\n    name a.pdf\n"
                "  file #2  f1\n");
}

TEST(DecodeRequest, ReadsReasoningWhereverAClientKeepsIt) {
  const std::string thought =
      std::string(kHead) + "assistant \n  reasoning \"t\"\n    signature S\n";
  for (const char* form : {
           R"("content":[{"type":"thinking","text":"t","signature":"S"}])",
           R"("thinking_blocks":[{"type":"thinking","thinking":"t","signature":"S"}])",
           R"("reasoning_content":"t","thinking_blocks":[{"type":"thinking","signature":"S"}])",
           R"("thinking_blocks":[{"type":"thinking","thinking":"t"},{"type":"thinking",)"
           R"("signature":"S"}])",
           R"("reasoning_content":"t",
              "thinking_blocks":[{"type":"thinking","thinking":"t","signature":"S"}])",
           R"("reasoning_content":{"reasoningContent":{"reasoningText":{"text":"t",)"
           R"("signature":"S"}}})",
           R"("reasoning_content":"t","content":[{"type":"thinking","text":"t","signature":"S"}])",
       }) {
    EXPECT_EQ(messages(R"({"role":"assistant",)" + std::string(form) + "}"), thought) << form;
  }
  EXPECT_EQ(messages(R"({"role":"assistant","reasoning_content":"t","content":"c"})"),
            std::string(kHead) + "assistant \n  reasoning \"t\"\n  text \"c\"\n");
  EXPECT_EQ(messages(R"({"role":"assistant","content":[
      {"type":"redacted_thinking","redactedContent":"UkVE"},{"type":"refusal","refusal":"no"}]})"),
            std::string(kHead) +
                "assistant \n  reasoning \"\"\n    redacted UkVE\n  refusal \"no\"\n");
}

TEST(DecodeRequest, KnowsFreeformCallsAndTheirResults) {
  EXPECT_EQ(messages(R"({"role":"assistant","tool_calls":[
      {"id":"c","type":"custom","custom":{"name":"sh","input":"ls"}}]},
      {"role":"tool","tool_call_id":"c","content":"","cache_control":{"type":"ephemeral"}})"),
            std::string(kHead) +
                "assistant \n  freeform_call c sh ls\n"
                "user \n  freeform_result c\n  cache_point \n");
}

TEST(DecodeRequest, ReadsEveryFormOfTools) {
  EXPECT_EQ(root(R"("tools":[{"type":"google_search","exclude_domains":[]},
      {"function":{"name":"f"},"cache_control":{"type":"ephemeral"}},
      {"type":"custom","custom":{"name":"c","format":{"type":"text"}}}],
      "tool_choice":{"type":"function","function":{"name":"f"}})"),
            std::string(kHead) +
                "tool \n  kind #2\n  name google_search\n"
                "  schema {\"type\":\"google_search\",\"exclude_domains\":[]}\n"
                "tool \n  name f\n  cache \n"
                "tool \n  kind #1\n  name c\n  schema {\"type\":\"text\"}\n"
                "tool_choice #4\n  name f\n");
  EXPECT_EQ(root(R"("tool_choice":"any")"), std::string(kHead) + "tool_choice #2\n");
  EXPECT_EQ(root(R"("tool_choice":"function")"),
            std::string(kHead) + "tool_choice #5\n  raw \"function\"\n");
}

TEST(DecodeRequest, ReadsTheGrammarOfAFreeformTool) {
  EXPECT_EQ(root(R"("tools":[{"type":"custom","custom":{"name":"c","format":
      {"type":"grammar","grammar":{"syntax":"regex","definition":"a+"}}}}])"),
            std::string(kHead) +
                "tool \n  kind #1\n  name c\n  schema {\"type\":\"grammar\",\"grammar\":"
                "{\"syntax\":\"regex\",\"definition\":\"a+\"}}\n"
                "  syntax regex\n  grammar a+\n");
}

TEST(DecodeRequest, ReadsHowToThinkAndWhatTheAnswerLooksLike) {
  EXPECT_EQ(root(R"("thinking":{"type":"enabled","budget_tokens":1024,"includeThoughts":true,
                   "display":"omitted"},"reasoning_effort":"high")"),
            std::string(kHead) +
                "reasoning #1\n  budget_tokens 1024\n  include_thoughts true\n  display omitted\n"
                "  effort high\n");
  EXPECT_EQ(root(R"("response_format":{"type":"json_schema","json_schema":{"name":"n",
                   "schema":{"a": 1},"strict":false}},"guided_regex":"a+")"),
            std::string(kHead) +
                "output #3\n  name n\n"
                "  schema {\"a\": 1}\n  strict false\nextra guided_regex \"a+\"\n");
  EXPECT_EQ(root(R"("guided_choice":["a","b"])"),
            std::string(kHead) + "output #4\n  schema [\"a\",\"b\"]\n");
}

TEST(DecodeRequest, KeepsUnknownMembersOfTheRootAndReportsOthers) {
  Bench bench;
  EXPECT_EQ(bench.described(R"({"logit_bias":{"1": 2},"store":null,"safetySettings":[],
      "stream_options":{"include_obfuscation":false},
      "messages":[{"role":"user","content":[{"type":"text","text":"t","x":1}],"y":2}]})"),
            std::string(kHead) +
                "user \n  text \"t\"\nextra logit_bias {\"1\": 2}\nextra safetySettings []\n");
  EXPECT_EQ(bench.dropped(),
            "stream_options.include_obfuscation messages[].content[].x messages[].y");
}

TEST(DecodeRequest, NamesThePlaceOfWhatIsWrong) {
  EXPECT_EQ(messages(R"({"role":"robot"})"),
            "invalid request body: messages[0].role: must be system, developer, user, assistant or "
            "tool");
  EXPECT_EQ(messages(R"({"content":""})"), "invalid request body: messages[0].role: required");
  EXPECT_EQ(messages(R"({"role":"user","content":[{"type":"smell"}]})"),
            "invalid request body: messages[0].content[0].type: is no type of content part that is "
            "known here");
  EXPECT_EQ(messages(R"({"role":"assistant","content":[{"type":"image_url",)"
                     R"("image_url":{"url":"u"}}]})"),
            "invalid request body: messages[0].content[0].type: is no type of content part that is "
            "known here");
  EXPECT_EQ(messages(R"({"role":"user","content":7})"),
            "invalid request body: messages[0].content: must be a string or an array of parts");
  EXPECT_EQ(messages(R"({"role":"user","content":[{"type":"image_url",
                       "image_url":{"url":"data:image/png,raw"}}]})"),
            "invalid request body: messages[0].content[0].image_url.url: must be a URL, or a data: "
            "URL in base64");
  EXPECT_EQ(root(R"("temperature":"hot")"), "invalid request body: temperature: must be a number");
  EXPECT_EQ(root(R"("thinking":{"type":"deep"})"),
            "invalid request body: thinking.type: must be enabled, adaptive or disabled");
  EXPECT_EQ(root(R"("tools":[{"type":"function"}])"),
            "invalid request body: tools[0].function: required");
  Bench bench;
  EXPECT_EQ(bench.described("[]"), "invalid request body: a JSON object is expected");
  EXPECT_EQ(bench.described("{").find("malformed request: failed to parse JSON for "
                                      "/v1/chat/completions: "),
            0u);
  EXPECT_EQ(bench.decode("{").error().kind, FailureKind::malformed_request);
}

}  // namespace
}  // namespace aigw::dialect::openai_chat
