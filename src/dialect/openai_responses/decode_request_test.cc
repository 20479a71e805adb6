#include "dialect/openai_responses/decode_request.h"

#include <gtest/gtest.h>

#include "dialect/openai_responses/codec_test_support.h"

namespace aigw::dialect::openai_responses {
namespace {

const std::string kHead = "language openai_responses\n";

std::string described(Bytes body) { return Bench().described(body); }

TEST(DecodeRequest, TakesAStringForAMessage) {
  EXPECT_EQ(described(R"({"model":"m","input":"Hi \u00df"})"),
            kHead + "model m\nuser \n  text \"Hi \xC3\x9F\"\n");
}

TEST(DecodeRequest, MakesMessagesOfItems) {
  Bench bench;
  EXPECT_EQ(bench.described(R"({"instructions":"Be kind.","input":[
      {"role":"developer","content":"Short."},
      {"role":"user","content":[{"type":"input_text","text":"see"},
         {"type":"input_image","image_url":"data:image/png;base64,iVBO","detail":"low"},
         {"type":"input_image","image_url":"https://h/i.png"},
         {"type":"input_image","file_id":"file_1"},
         {"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"},
         {"type":"input_file","file_url":"https://h/a.pdf"},
         {"type":"input_file","file_id":"file_2"},
         {"type":"input_audio","input_audio":{"data":"UklG","format":"wav"}}]},
      {"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"one"},
         {"type":"summary_text","text":"two"}],"encrypted_content":"gAAA"},
      {"type":"message","id":"msg_1","status":"completed","role":"assistant","phase":"commentary",
       "content":[{"type":"output_text","text":"Looking","annotations":[],"logprobs":[]},
                  {"type":"refusal","refusal":"no"}]},
      {"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{\"a\":1}"},
      {"type":"custom_tool_call","call_id":"c2","name":"sh","input":"ls"},
      {"type":"function_call_output","call_id":"c1","output":"42"},
      {"type":"custom_tool_call_output","call_id":"c2","output":[
         {"type":"input_text","text":"t"},{"type":"input_image","image_url":"https://h/s.png"}]},
      {"role":"system","content":"Now loud."},
      {"role":"user","content":"more"},{"role":"user","content":"and more"}]})"),
            kHead +
                "system \n  text \"Be kind.\"\n  text \"Short.\"\n"
                "user \n  text \"see\"\n  image #0 image/png iVBO\n    detail low\n"
                "  image #1  https://h/i.png\n  image #2  file_1\n"
                "  file #0 application/pdf JVBE\n    name a.pdf\n  file #1  https://h/a.pdf\n"
                "  file #2  file_2\n  audio #0 audio/wav UklG\n"
                "assistant \n  reasoning \"one\n\ntwo\"\n    signature openai:rs_1:gAAA\n"
                "  text \"Looking\"\n  refusal \"no\"\n  tool_call c1 f {\"a\":1}\n"
                "  freeform_call c2 sh ls\n"
                "user \n  tool_result c1\n    text \"42\"\n  freeform_result c2\n    text \"t\"\n"
                "    image #1  https://h/s.png\n"
                "system message \n  text \"Now loud.\"\n"
                "user \n  text \"more\"\nuser \n  text \"and more\"\n");
  EXPECT_EQ(bench.dropped(), "input[].phase");
}

TEST(DecodeRequest, GivesReasoningToWhomItBelongs) {
  EXPECT_EQ(described(R"({"input":[
      {"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"},
      {"type":"reasoning","id":"rs_2","summary":[]},
      {"type":"reasoning","id":"rs_3","summary":[],"content":[{"type":"reasoning_text","text":"t"}]},
      {"type":"reasoning","id":"rs_4","summary":[{"type":"summary_text","text":"u"}],
       "encrypted_content":"aigw.signature:EqQB"},
      {"type":"reasoning","id":"rs_5","summary":[],"encrypted_content":"aigw.signature:omitted"},
      {"type":"reasoning","id":"rs_6","summary":[],"encrypted_content":"aigw.redacted:R"},
      {"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},
      {"type":"reasoning","id":"rs_7","summary":[],"encrypted_content":"aigw.call:c1:c2ln"}]})"),
            kHead +
                "assistant \n  reasoning \"\"\n    redacted openai:rs_1:gAAA\n"
                "  reasoning \"t\"\n    signature openai:rs_3:\n"
                "  reasoning \"u\"\n    signature EqQB\n"
                "  reasoning \"\"\n    signature omitted\n"
                "  reasoning \"\"\n    redacted R\n"
                "  tool_call c1 f {}\n    signature c2ln\n");
}

TEST(DecodeRequest, KeepsItemsOfHostedToolsOnTheirSide) {
  EXPECT_EQ(described(R"({"input":[{"type":"web_search_call","id":"ws_1"},
                                   {"type":"computer_call_output","call_id":"c"}]})"),
            kHead +
                "assistant \n  opaque web_search_call {\"type\":\"web_search_call\",\"id\":\"ws_1\"}\n"
                "user \n  opaque computer_call_output "
                "{\"type\":\"computer_call_output\",\"call_id\":\"c\"}\n");
}

TEST(DecodeRequest, ReadsTheGrammarOfAFreeformTool) {
  Bench bench;
  EXPECT_EQ(bench.described(R"({"tools":[{"type":"custom","name":"sh","format":
      {"type":"grammar","syntax":"lark","definition":"start: \"a\""}}]})"),
            kHead +
                "tool \n  kind #1\n  name sh\n"
                "  schema {\"type\":\"grammar\",\"syntax\":\"lark\","
                "\"definition\":\"start: \\\"a\\\"\"}\n"
                "  syntax lark\n  grammar start: \"a\"\n");
}

TEST(DecodeRequest, ReadsToolsAndSettings) {
  Bench bench;
  EXPECT_EQ(bench.described(R"({"stream":true,"tools":[
      {"type":"function","name":"f","description":"d","parameters":{"type": "object"},"strict":true},
      {"type":"function","name":"g","parameters":null},
      {"type":"custom","name":"sh","format":{"type":"text"}},{"type":"web_search"}],
      "tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false,
      "max_output_tokens":100,"temperature":0.70,"top_p":1e-1,"top_logprobs":3,
      "include":["reasoning.encrypted_content","message.output_text.logprobs",
                 "file_search_call.results"],
      "reasoning":{"effort":"high","summary":"detailed"},"service_tier":"flex","user":"u",
      "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","description":"d",
              "schema":{"type": "object"},"strict":false}},
      "metadata":{"k": "v"},"store":false,"prompt_cache_key":"p",
      "stream_options":{"include_obfuscation":false}})"),
            kHead +
                "stream \n"
                "tool \n  name f\n  description \"d\"\n  schema {\"type\": \"object\"}\n"
                "  strict true\n"
                "tool \n  name g\n"
                "tool \n  kind #1\n  name sh\n  schema {\"type\":\"text\"}\n"
                "tool \n  kind #2\n  name web_search\n  schema {\"type\":\"web_search\"}\n"
                "tool_choice #4\n  name f\nparallel_tool_calls false\n"
                "max_tokens 100\ntemperature 0.70\ntop_p 1e-1\nlogprobs true\ntop_logprobs 3\n"
                "  include_thoughts true\n  effort high\n"
                "output #3\n  name n\n  description d\n  schema {\"type\": \"object\"}\n"
                "  strict false\n"
                "service_tier flex\nverbosity low\nuser u\nmetadata {\"k\": \"v\"}\n"
                "extra store false\nextra prompt_cache_key \"p\"\n");
  EXPECT_EQ(bench.dropped(), "include of file_search_call.results reasoning.summary of detailed");
}

TEST(DecodeRequest, NamesThePlaceOfWhatIsWrong) {
  const std::string_view head = "invalid request body: ";
  const struct {
    const char* body;
    const char* complaint;
  } cases[] = {
      {"[]", "a JSON object is expected"},
      {R"({"input":[{"role":"tool","content":"x"}]})",
       "input[0].role: must be user, assistant, system or developer"},
      {R"({"input":[{"content":"x"}]})", "input[0].role: required"},
      {R"({"input":[{"role":"user","content":[{"type":"video","text":"x"}]}]})",
       "input[0].content[0].type: is no type of content part that is known here"},
      {R"({"input":[{"role":"assistant","content":[{"type":"input_image"}]}]})",
       "input[0].content[0].type: is no type of content part that is known here"},
      {R"({"input":[{"role":"user","content":[{"type":"input_image"}]}]})",
       "input[0].content[0]: must have image_url or file_id"},
      {R"({"input":[{"role":"user","content":[{"type":"input_file"}]}]})",
       "input[0].content[0]: must have file_data, file_url or file_id"},
      {R"({"input":[{"role":"user","content":[{"type":"input_image","image_url":"data:x"}]}]})",
       "input[0].content[0].image_url: must be a URL, or a data: URL in base64"},
      {R"({"input":[{"type":"function_call","name":"f","arguments":"{}"}]})",
       "input[0].call_id: required"},
      {R"({"tools":[{"name":"f"}]})", "tools[0].type: required"},
      {R"({"tools":[{"type":"function"}]})", "tools[0].name: required"},
      {R"({"text":{"format":{"type":"xml"}}})",
       "text.format.type: must be text, json_object or json_schema"},
      {R"({"tool_choice":1})", "tool_choice: must be a string or an object"},
  };
  for (const auto& [body, complaint] : cases) {
    EXPECT_EQ(described(body), std::string(head) + complaint) << body;
  }
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
