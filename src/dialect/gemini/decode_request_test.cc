#include "dialect/gemini/decode_request.h"

#include <gtest/gtest.h>

#include "dialect/gemini/signature.h"
#include "dialect/gemini/test_support.h"

namespace aigw::dialect::gemini {
namespace {

std::string decoded(Bytes body) {
  Room room;
  return room.decode(body);
}

const std::string kHead = "language gemini\nmodel m\n";

TEST(GeminiDecode, Text) {
  EXPECT_EQ(decoded(R"({"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"}]},
                        {"role":"model","parts":[{"text":"c"}]},{"parts":[{"text":"d"}]}],
                        "systemInstruction":{"role":"system","parts":[{"text":"s"}]}})"),
            kHead + "system \n  text \"s\"\nuser \n  text \"a\"\n  text \"b\"\nassistant \n"
                    "  text \"c\"\nuser \n  text \"d\"\n");
}

TEST(GeminiDecode, BothSpellingsAndSingleElements) {
  EXPECT_EQ(decoded(R"({"contents":{"role":"user","parts":{"text":"a"}},
                        "system_instruction":"s",
                        "generation_config":{"max_output_tokens":5,"top_k":40.0,"top_p":0.5,
                        "stop_sequences":["x"],"seed":7}})"),
            kHead + "system \n  text \"s\"\nuser \n  text \"a\"\nmax_tokens 5\ntop_p 0.5\n"
                    "top_k 40\nseed 7\nstop \"x\"\n");
}

TEST(GeminiDecode, ModelAndStreamAreThePaths) {
  Room room;
  EXPECT_EQ(room.decode(R"({"contents":[],"model":"other"})", "mine", true),
            "language gemini\nmodel mine\nstream \n");
}

TEST(GeminiDecode, Media) {
  EXPECT_EQ(decoded(R"({"contents":[{"parts":[
                {"inlineData":{"mimeType":"image/png","data":"-_8"},
                 "mediaResolution":{"level":"MEDIA_RESOLUTION_LOW"}},
                {"inline_data":{"mime_type":"audio/wav","data":"AA=="}},
                {"inlineData":{"mimeType":"application/pdf","data":"AA==","displayName":"n"}},
                {"fileData":{"mimeType":"image/jpeg","fileUri":"gs://b/p"}},
                {"videoMetadata":{"fps":1}}]}]})"),
            kHead + "user \n  image #0 image/png +/8=\n    detail low\n  audio #0 audio/wav AA==\n"
                    "  file #0 application/pdf AA==\n    name n\n  image #1 image/jpeg gs://b/p\n"
                    "  opaque videoMetadata {\"videoMetadata\":{\"fps\":1}}\n");
}

TEST(GeminiDecode, CallsAndTheirResultsFindEachOther) {
  EXPECT_EQ(decoded(R"({"contents":[{"role":"model","parts":[
                {"functionCall":{"name":"f","args":{"a": 1}},"thoughtSignature":"c2ln"},
                {"functionCall":{"name":"f"}},{"functionCall":{"id":"x","name":"g","args":{}}}]},
              {"role":"user","parts":[
                {"functionResponse":{"name":"f","response":{"output":"one"}}},
                {"functionResponse":{"name":"g","id":"x","response":{"error":"no"}}},
                {"functionResponse":{"name":"f","response":{"result":{"n": 2}}}},
                {"functionResponse":{"name":"h","response":{"a": 1,"b":2}}}]}]})"),
            kHead + "assistant \n  tool_call call_0 f {\"a\": 1}\n    signature c2ln\n"
                    "  tool_call call_1 f {}\n  tool_call x g {}\n"
                    "user \n  tool_result call_0\n    text \"one\"\n"
                    "  tool_result x\n    is_error true\n    text \"no\"\n"
                    "  tool_result call_1\n    text \"{\"n\": 2}\"\n"
                    "  tool_result h\n    text \"{\"a\": 1,\"b\":2}\"\n");
}

TEST(GeminiDecode, PicturesInResults) {
  EXPECT_EQ(decoded(R"({"contents":[{"parts":[{"functionResponse":{"name":"f",
                "response":{"output":""},"parts":[
                {"inlineData":{"mimeType":"image/png","data":"AA=="}}]}}]}]})"),
            kHead + "user \n  tool_result f\n    image #0 image/png AA==\n");
}

TEST(GeminiDecode, Thoughts) {
  Room room;
  const std::string redacted = wire_signature({}, "R");
  EXPECT_EQ(room.decode(R"({"contents":[{"role":"model","parts":[
                {"text":"h","thought":true},{"text":"m","thought":true},
                {"thought":true,"thoughtSignature":"c2ln"},
                {"thought":true,"thoughtSignature":"Zm9v"},
                {"text":"","thought":true,"thoughtSignature":")" + redacted + R"("},
                {"text":"a","thoughtSignature":"c2ln"}]}]})"),
            kHead + "assistant \n  reasoning \"hm\"\n    signature c2ln\n  reasoning \"\"\n"
                    "    signature Zm9v\n  reasoning \"\"\n    redacted R\n  text \"a\"\n");
  EXPECT_EQ(room.dropped(), "contents[].parts[].thoughtSignature of a text");
}

TEST(GeminiDecode, Tools) {
  EXPECT_EQ(decoded(R"({"contents":[],"tools":[{"functionDeclarations":[
                {"name":"f","description":"","parameters":{"type":"OBJECT","properties":
                  {"a":{"type":"STRING","nullable":true}}}},
                {"name":"g","parametersJsonSchema":{"type": "object"}}]},
                {"google_search":{},"codeExecution":{}}],
              "toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}})"),
            kHead + "tool \n  name f\n  description \"\"\n"
                    "  schema {\"type\":\"object\",\"properties\":{\"a\":{\"type\":[\"string\","
                    "\"null\"]}}}\ntool \n  name g\n  schema {\"type\": \"object\"}\n"
                    "tool \n  kind #2\n  name googleSearch\n  schema {\"google_search\":{}}\n"
                    "tool \n  kind #2\n  name codeExecution\n  schema {\"codeExecution\":{}}\n"
                    "tool_choice #4\n  name f\n");
}

TEST(GeminiDecode, Choices) {
  const auto choice = [](const std::string& config) {
    Room room;
    const std::string text = room.decode(
        R"({"contents":[],"toolConfig":{"functionCallingConfig":)" + config + "}}");
    return (text.starts_with(kHead) ? text.substr(kHead.size()) : text) + room.dropped();
  };
  EXPECT_EQ(choice(R"({"mode":"AUTO"})"), "tool_choice #1\n");
  EXPECT_EQ(choice(R"({"mode":"VALIDATED"})"), "tool_choice #1\n");
  EXPECT_EQ(choice(R"({"mode":"ANY"})"), "tool_choice #2\n");
  EXPECT_EQ(choice(R"({"mode":"NONE"})"), "tool_choice #3\n");
  EXPECT_EQ(choice(R"({"mode":"ANY","allowedFunctionNames":["f","g"]})"),
            "tool_choice #2\ntoolConfig.functionCallingConfig.allowedFunctionNames");
  EXPECT_EQ(choice(R"({"mode":"SOME"})"),
            "toolConfig.functionCallingConfig.mode: must be AUTO, ANY, NONE or VALIDATED");
}

TEST(GeminiDecode, Config) {
  EXPECT_EQ(decoded(R"({"contents":[],"safetySettings":[{"category":"C"}],"cached_content":"c",
              "generationConfig":{"temperature":0.70,"presencePenalty":1,"frequencyPenalty":-1,
                "candidateCount":1,"responseLogprobs":true,"logprobs":3,
                "responseModalities":["TEXT"],"thinkingConfig":{"includeThoughts":true,
                "thinkingBudget":1024,"thinkingLevel":"HIGH"}}})"),
            kHead + "temperature 0.70\nfrequency_penalty -1\npresence_penalty 1\nanswers 1\n"
                    "logprobs true\ntop_logprobs 3\nreasoning #1\n  budget_tokens 1024\n"
                    "  include_thoughts true\n  effort high\n"
                    "extra generationConfig {\"responseModalities\":[\"TEXT\"]}\n"
                    "extra safetySettings [{\"category\":\"C\"}]\nextra cachedContent \"c\"\n");
  const auto thinking = [](const std::string& budget) {
    return decoded(R"({"contents":[],"generationConfig":{"thinkingConfig":{"thinkingBudget":)" +
                   budget + "}}}")
        .substr(kHead.size());
  };
  EXPECT_EQ(thinking("0"), "reasoning #3\n");
  EXPECT_EQ(thinking("-1"), "reasoning #2\n");
}

TEST(GeminiDecode, Formats) {
  const auto format = [](const std::string& config) {
    return decoded(R"({"contents":[],"generationConfig":)" + config + "}").substr(kHead.size());
  };
  EXPECT_EQ(format(R"({"responseMimeType":"text/plain"})"), "output #1\n");
  EXPECT_EQ(format(R"({"responseMimeType":"application/json"})"), "output #2\n");
  EXPECT_EQ(format(R"({"responseMimeType":"application/json","responseSchema":{"type":"STRING"}})"),
            "output #3\n  schema {\"type\":\"string\"}\n");
  EXPECT_EQ(format(R"({"responseJsonSchema":{"type": "string"}})"),
            "output #3\n  schema {\"type\": \"string\"}\n");
  EXPECT_EQ(format(R"({"responseMimeType":"text/x.enum","responseSchema":{"enum":["a"]}})"),
            "output #4\n  schema [\"a\"]\n");
}

TEST(GeminiDecode, Faults) {
  EXPECT_EQ(decoded("[]"), "invalid request body: a JSON object is expected");
  EXPECT_EQ(decoded("{}"), "contents: required");
  EXPECT_EQ(decoded(R"({"contents":[{"role":"robot","parts":[]}]})"),
            "contents[0].role: must be user or model");
  EXPECT_NE(decoded(R"({"contents":7})").find("contents: "), std::string::npos);
  EXPECT_NE(decoded(R"({"contents":[{"parts":[{"text":7}]}]})").find("contents[0].parts[0].text: "),
            std::string::npos);
  EXPECT_EQ(decoded(R"({"contents":[{"parts":[{"functionCall":{}}]}]})"),
            "contents[0].parts[0].functionCall.name: required");
  EXPECT_NE(decoded(R"({"contents":[],"generationConfig":[]})").find("generationConfig: "),
            std::string::npos);
}

}  // namespace
}  // namespace aigw::dialect::gemini
