#include "capture/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "base/limits.h"

namespace aigw::capture {
namespace {

using endpoint::EndpointKind;
using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;
using testing::Pair;

// Just enough of protobuf to read what was written.
class Reader {
 public:
  explicit Reader(Bytes message) : rest_(message) {}

  // The next field: `bytes` of those with a length, `number` of the others.
  bool next(uint64_t& field, Bytes& bytes, uint64_t& number) {
    if (rest_.empty()) return false;
    const uint64_t head = varint();
    field = head >> 3;
    bytes = {};
    number = 0;
    switch (head & 7) {
      case 0:
        number = varint();
        break;
      case 1:
        std::memcpy(&number, rest_.data(), 8);
        rest_.remove_prefix(8);
        break;
      default: {
        const uint64_t size = varint();
        bytes = rest_.substr(0, size);
        rest_.remove_prefix(size);
      }
    }
    return true;
  }

 private:
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  Bytes rest_;
};

std::string any_as_text(Bytes any) {
  uint64_t field = 0, number = 0;
  Bytes bytes;
  if (!Reader(any).next(field, bytes, number)) return "";
  if (field == 1) return std::string(bytes);
  if (field == 3) return std::to_string(number);
  if (field == 4) {
    double value;
    std::memcpy(&value, &number, sizeof value);
    std::string text = std::to_string(value);
    return text.substr(0, text.find_last_not_of('0') + 1);
  }
  std::string list;
  Reader elements(bytes);
  while (elements.next(field, bytes, number)) list += (list.empty() ? "" : ",") + any_as_text(bytes);
  return '[' + list + ']';
}

using Attributes = std::map<std::string, std::string>;

Attributes attributes_of(Bytes span, uint64_t* dropped = nullptr) {
  Attributes found;
  Reader fields(span);
  uint64_t field = 0, number = 0;
  Bytes bytes;
  while (fields.next(field, bytes, number)) {
    if (field == 10 && dropped != nullptr) *dropped = number;
    if (field != 9) continue;
    Reader pair(bytes);
    Bytes key, value;
    pair.next(field, key, number);
    pair.next(field, value, number);
    EXPECT_TRUE(found.emplace(key, any_as_text(value)).second) << key << " is there twice";
  }
  return found;
}

struct Said {
  EndpointKind endpoint = EndpointKind::chat_completions;
  std::string request;
  std::string answer;
  bool streaming = false;
};

observe::Content content_of(const Said& said) {
  observe::Content content;
  content.endpoint = static_cast<uint8_t>(said.endpoint);
  content.request = said.request;
  content.request_size = said.request.size();
  content.answer = said.answer;
  content.answer_size = said.answer.size();
  content.answer_type = said.streaming ? "text/event-stream" : "application/json";
  content.streaming = said.streaming;
  return content;
}

observe::SpanOptions everything() {
  observe::SpanOptions options;
  options.limits.attributes = SIZE_MAX;
  return options;
}

Attributes shown(const Said& said, const observe::SpanOptions& options = everything()) {
  observe::EncodedSpan span;
  append_content(content_of(said), options, span);
  return attributes_of(span.bytes);
}

observe::SpanOptions gen_ai(bool messages) {
  observe::SpanOptions options;
  options.semconv = observe::Semconv::gen_ai;
  options.content.capture_messages = messages;
  return options;
}

// The words of a question and its answer, in each language, whole and as a stream.
struct Language {
  const char* name;
  EndpointKind endpoint;
  std::string request;
  std::string whole;
  std::string stream;
};

std::vector<Language> languages() {
  return {
      {"chat", EndpointKind::chat_completions,
       R"({"model":"m","temperature":0.5,"max_tokens":7,"messages":[{"role":"user","content":"Why?"}]})",
       R"({"id":"a1","model":"n","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant",)"
       R"("content":"Because."}}]})",
       "data: {\"id\":\"a1\",\"model\":\"n\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
       "\"Beca\"}}]}\n\ndata: {\"id\":\"a1\",\"model\":\"n\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
       "\"use.\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"},
      {"messages", EndpointKind::messages,
       R"({"model":"m","temperature":0.5,"max_tokens":7,"messages":[{"role":"user","content":"Why?"}]})",
       R"({"id":"a1","type":"message","role":"assistant","model":"n","content":[{"type":"text","text":"Because."}],)"
       R"("stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":2}})",
       "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"a1\",\"type\":\"message\","
       "\"role\":\"assistant\",\"model\":\"n\",\"content\":[],\"usage\":{\"input_tokens\":1,\"output_tokens\":0}}}\n\n"
       "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
       "\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,"
       "\"delta\":{\"type\":\"text_delta\",\"text\":\"Because.\"}}\n\nevent: content_block_stop\ndata: {\"type\":"
       "\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"
       "\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":2}}\n\nevent: message_stop\ndata: {\"type\":"
       "\"message_stop\"}\n\n"},
      {"responses", EndpointKind::responses, R"({"model":"m","temperature":0.5,"max_output_tokens":7,"input":"Why?"})",
       R"({"id":"a1","object":"response","model":"n","status":"completed","output":[{"type":"message","id":"x",)"
       R"("status":"completed","role":"assistant","content":[{"type":"output_text","text":"Because."}]}]})",
       ""},
      {"gemini", EndpointKind::generate_content,
       R"({"generationConfig":{"temperature":0.5,"maxOutputTokens":7},"contents":[{"parts":[{"text":"Why?"}]}]})",
       R"({"responseId":"a1","modelVersion":"n","candidates":[{"content":{"role":"model","parts":[{"text":)"
       R"("Because."}]},"finishReason":"STOP"}]})",
       "data: {\"responseId\":\"a1\",\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":\"Beca\"}]}}"
       "]}\n\ndata: {\"responseId\":\"a1\",\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":"
       "\"use.\"}]},\"finishReason\":\"STOP\"}]}\n\n: end\n\n"},
      {"converse", EndpointKind::converse,
       R"({"inferenceConfig":{"temperature":0.5,"maxTokens":7},"messages":[{"role":"user","content":[{"text":)"
       R"("Why?"}]}]})",
       R"({"output":{"message":{"role":"assistant","content":[{"text":"Because."}]}},"stopReason":"end_turn",)"
       R"("usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}})",
       ""},
  };
}

// One text, whether the language has it as a text or as a list with one.
std::string text_of(const Attributes& attributes, const std::string& message) {
  const auto plain = attributes.find(message + ".message.content");
  if (plain != attributes.end()) return plain->second;
  const auto listed = attributes.find(message + ".message.contents.0.message_content.text");
  return listed != attributes.end() ? listed->second : "";
}

TEST(Languages, SayTheSameInSpans) {
  for (const Language& language : languages()) {
    for (const std::string& answer : {language.whole, language.stream}) {
      if (answer.empty()) continue;
      SCOPED_TRACE(language.name);
      const bool streaming = answer == language.stream;
      const Said said{language.endpoint, language.request, answer, streaming};
      const Attributes inference = shown(said);
      EXPECT_EQ(text_of(inference, "llm.input_messages.0"), "Why?");
      EXPECT_EQ(text_of(inference, "llm.output_messages.0"), "Because.");
      EXPECT_THAT(inference, Contains(Pair("llm.output_messages.0.message.role", "assistant")));
      EXPECT_THAT(inference, Contains(Pair("input.value", language.request)));
      EXPECT_THAT(inference, Contains(Pair("output.value", streaming ? HasSubstr("Because.") : HasSubstr(answer))));
      EXPECT_THAT(inference, Contains(Pair("llm.invocation_parameters", Not(HasSubstr("Why?")))));

      const Attributes conventional = shown(said, gen_ai(true));
      EXPECT_THAT(conventional, Contains(Pair("gen_ai.input.messages",
                                              R"([{"role":"user","parts":[{"type":"text","content":"Why?"}]}])")));
      EXPECT_THAT(conventional, Contains(Pair("gen_ai.output.messages", HasSubstr("\"Because.\"}],\"finish"))));
      EXPECT_THAT(conventional, Contains(Pair("gen_ai.request.temperature", "0.5")));
      EXPECT_THAT(conventional, Contains(Pair("gen_ai.request.max_tokens", "7")));
      if (language.endpoint != EndpointKind::converse) {
        EXPECT_THAT(conventional, Contains(Pair("gen_ai.response.id", "a1")));
      }

      const Attributes silent = shown(said, gen_ai(false));
      for (const auto& [key, value] : silent) {
        EXPECT_THAT(value, Not(HasSubstr("Why?"))) << key;
        EXPECT_THAT(value, Not(HasSubstr("Because."))) << key;
      }
      EXPECT_THAT(silent, Contains(Key("gen_ai.response.finish_reasons")));
    }
  }
}

TEST(Tools, AreShownWithTheirCallsAndResults) {
  const char* chat = R"({"tools":[{"type":"function"}],"messages":[{"role":"assistant","tool_calls":[{"id":"c1",)"
                     R"("type":"function","function":{"name":"f","arguments":"{}"}}]},)"
                     R"({"role":"tool","tool_call_id":"c1","content":"42"}]})";
  const char* messages = R"({"tools":[{"type":"function"}],"messages":[{"role":"assistant","content":[{"type":)"
                         R"("tool_use","id":"c1","name":"f","input":{}}]},{"role":"user","content":[{"type":)"
                         R"("tool_result","tool_use_id":"c1","content":"42"}]}]})";
  const char* responses = R"({"tools":[{"type":"function"}],"input":[{"type":"function_call","call_id":"c1",)"
                          R"("name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c1",)"
                          R"("output":"42"}]})";
  const char* converse = R"({"toolConfig":{"tools":[{"type":"function"}]},"messages":[{"role":"assistant","content":)"
                         R"([{"toolUse":{"toolUseId":"c1","name":"f","input":{}}}]},{"role":"user","content":)"
                         R"([{"toolResult":{"toolUseId":"c1","content":[{"text":"42"}]}}]}]})";
  const char* gemini = R"({"tools":[{"type":"function"}],"contents":[{"role":"assistant","parts":[{"functionCall":)"
                       R"({"id":"c1","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":)"
                       R"({"id":"c1","response":42}}]}]})";
  const std::pair<EndpointKind, const char*> all[] = {{EndpointKind::chat_completions, chat},
                                                      {EndpointKind::messages, messages},
                                                      {EndpointKind::responses, responses},
                                                      {EndpointKind::converse, converse},
                                                      {EndpointKind::generate_content, gemini}};
  for (const auto& [endpoint, request] : all) {
    SCOPED_TRACE(request);
    const Attributes inference = shown({endpoint, request, "", false});
    const std::string call = "llm.input_messages.0.message.tool_calls.0.tool_call.";
    EXPECT_THAT(inference, Contains(Pair("llm.input_messages.0.message.role", "assistant")));
    EXPECT_THAT(inference, Contains(Pair(call + "id", "c1")));
    EXPECT_THAT(inference, Contains(Pair(call + "function.name", "f")));
    EXPECT_THAT(inference, Contains(Pair(call + "function.arguments", "{}")));
    EXPECT_THAT(inference, Contains(Pair("llm.input_messages.1.message.role", "tool")));
    EXPECT_THAT(inference, Contains(Pair("llm.input_messages.1.message.tool_call_id", "c1")));
    EXPECT_EQ(text_of(inference, "llm.input_messages.1"), "42");
    EXPECT_THAT(inference, Contains(Pair("llm.tools.0.tool.json_schema", R"({"type":"function"})")));
    EXPECT_THAT(inference, Not(Contains(Key("llm.input_messages.2.message.role"))));
    const Attributes conventional = shown({endpoint, request, "", false}, gen_ai(true));
    EXPECT_THAT(conventional,
                Contains(Pair("gen_ai.input.messages",
                              R"([{"role":"assistant","parts":[{"type":"tool_call","id":"c1","name":"f",)"
                              R"("arguments":"{}"}]},{"role":"tool","parts":[{"type":"tool_call_response",)"
                              R"("content":"42","id":"c1"}]}])")));
    EXPECT_THAT(conventional, Contains(Pair("gen_ai.tool.definitions", R"([{"type":"function"}])")));
  }
}

TEST(Streams, ThatAreCutSayWhatHasCome) {
  for (const Language& language : languages()) {
    if (language.stream.empty()) continue;
    SCOPED_TRACE(language.name);
    observe::Content content = content_of({language.endpoint, language.request, language.stream, true});
    const std::string whole = content.answer;
    bool seen = false;
    // Cut at every byte: never a crash, and never words that were not there.
    for (size_t size = 0; size < whole.size(); ++size) {
      content.answer = whole.substr(0, size);
      observe::EncodedSpan span;
      append_content(content, everything(), span);
      const std::string text = text_of(attributes_of(span.bytes), "llm.output_messages.0");
      EXPECT_TRUE(std::string("Because.").starts_with(text)) << text;
      seen = seen || text == "Because.";
    }
    EXPECT_TRUE(seen) << "the words were there before the end";
  }
}

TEST(Streams, OfCompletionsAreJoined) {
  const Attributes inference =
      shown({EndpointKind::completions, R"({"model":"m","prompt":["a","b"]})",
             "data: {\"id\":\"c\",\"choices\":[{\"index\":1,\"text\":\"x\"},{\"index\":0,\"text\":\"y\"}]}\n\n"
             "data: {\"choices\":[{\"index\":1,\"text\":\"z\",\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
             true});
  EXPECT_THAT(inference, Contains(Pair("llm.choices.0.completion.text", "y")));
  EXPECT_THAT(inference, Contains(Pair("llm.choices.1.completion.text", "xz")));
  EXPECT_THAT(inference, Contains(Pair("llm.prompts.1.prompt.text", "b")));
}

TEST(Endpoints, WithoutMessages) {
  const Attributes embeddings =
      shown({EndpointKind::embeddings, R"({"model":"m","input":["a","b"]})",
             R"({"data":[{"embedding":[1,-0.5]},{"embedding":"AACAPwAAAL8="}]})", false});
  EXPECT_THAT(embeddings, Contains(Pair("embedding.embeddings.1.embedding.text", "b")));
  EXPECT_THAT(embeddings, Contains(Pair("embedding.embeddings.0.embedding.vector", "[1.,-0.5]")));
  EXPECT_THAT(embeddings, Contains(Pair("embedding.embeddings.1.embedding.vector", "[1.,-0.5]"))) << "from base64";
  EXPECT_THAT(embeddings, Contains(Pair("embedding.invocation_parameters", R"({"model":"m"})")));
  const Attributes rerank = shown({EndpointKind::rerank, R"({"query":"q","top_n":2,"documents":["a","b"]})",
                                   R"({"results":[{"index":1,"relevance_score":0.5}]})", false});
  EXPECT_THAT(rerank, Contains(Pair("reranker.query", "q")));
  EXPECT_THAT(rerank, Contains(Pair("reranker.top_k", "2")));
  EXPECT_THAT(rerank, Contains(Pair("reranker.input_documents.1.document.content", "b")));
  EXPECT_THAT(rerank, Contains(Pair("reranker.output_documents.0.document.score", "0.5")));
  const Attributes tokens = shown({EndpointKind::tokenize, R"({"prompt":"p"})",
                                   R"({"count":3,"max_model_len":9,"tokens":[1,2,3]})", false});
  EXPECT_THAT(tokens, Contains(Pair("tokenize.token_count", "3")));
  EXPECT_THAT(tokens, Contains(Pair("tokenize.tokens_returned", "3")));
}

TEST(Limits, OfAttributesAreOpenTelemetrys) {
  observe::SpanOptions options;
  options.limits = {.attributes = 4, .value_characters = 3};
  observe::EncodedSpan span;
  span.attributes = 2;  // the span has some already
  append_content(content_of({EndpointKind::chat_completions, R"({"messages":[{"role":"üser"}]})", "", false}), options,
                 span);
  uint64_t dropped = 0;
  const Attributes attributes = attributes_of(span.bytes, &dropped);
  EXPECT_EQ(attributes.size(), 2u);
  EXPECT_EQ(span.attributes, 4u);
  EXPECT_EQ(dropped, 2u);
  EXPECT_THAT(attributes, Contains(Pair("input.value", "{\"m")));
  options.limits.attributes = 10;
  span = {};
  append_content(content_of({EndpointKind::chat_completions, R"({"messages":[{"role":"üser"}]})", "", false}), options,
                 span);
  EXPECT_THAT(attributes_of(span.bytes), Contains(Pair("llm.input_messages.0.message.role", "üse")))
      << "characters, not bytes";
}

TEST(Limits, OfAttributesHaveADefault) {
  const Said said{EndpointKind::chat_completions, R"({"messages":[{"role":"user","content":"a"}]})", "", false};
  const size_t of_content = shown(said).size();
  ASSERT_GT(of_content, 1u);
  for (const size_t more : {0, 1}) {
    observe::EncodedSpan span;
    span.attributes = static_cast<uint32_t>(limits::span_attributes_max - of_content + more);
    append_content(content_of(said), {}, span);
    uint64_t dropped = 0;
    EXPECT_EQ(attributes_of(span.bytes, &dropped).size(), of_content - more);
    EXPECT_EQ(dropped, more);
  }
}

TEST(Limits, OfImagesHaveADefault) {
  const std::string head = "data:image/png;base64,";
  const auto image_of = [&](size_t size) {
    const std::string url = head + std::string(size - head.size(), 'A');
    const Attributes attributes = shown({EndpointKind::chat_completions,
                                         R"({"messages":[{"role":"user","content":[{"type":"image_url","image_url":)"
                                         R"({"url":")" + url + R"("}}]}]})",
                                         "", false});
    const std::string& image =
        attributes.at("llm.input_messages.0.message.contents.0.message_content.image.image.url");
    return image == url ? "whole" : image;
  };
  EXPECT_EQ(image_of(limits::span_image_max), "whole");
  EXPECT_EQ(image_of(limits::span_image_max + 1), "__REDACTED__");
}

TEST(Limits, WhatIsTooLongIsShownAsFarAsItGoes) {
  observe::Content content = content_of({EndpointKind::chat_completions, std::string(limits::span_content_max, '{'),
                                         "", false});
  observe::EncodedSpan whole;
  append_content(content, {}, whole);
  EXPECT_THAT(attributes_of(whole.bytes), testing::Not(Contains(Key("aigw.input.size"))));
  content.request_size += 5;
  observe::EncodedSpan span;
  append_content(content, {}, span);
  const Attributes attributes = attributes_of(span.bytes);
  EXPECT_THAT(attributes, Contains(Pair("aigw.input.size", std::to_string(limits::span_content_max + 5))));
  EXPECT_THAT(attributes, Contains(Key("input.value")));
}

TEST(Content, ThatIsNoneIsLeftOut) {
  for (const char* bad : {"", "{", "[]", "nonsense", R"({"messages":7})", R"({"messages":[1,"a",null,{"content":{}}]})",
                          R"({"choices":[[]],"content":"x","output":{}})"}) {
    for (int kind = 0; kind <= static_cast<int>(EndpointKind::models); ++kind) {
      for (const bool streaming : {false, true}) {
        const Said said{static_cast<EndpointKind>(kind), bad, bad, streaming};
        shown(said);
        shown(said, gen_ai(true));
      }
    }
  }
}

}  // namespace
}  // namespace aigw::capture
