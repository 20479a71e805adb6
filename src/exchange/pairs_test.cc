// fold(stream) == unary for each pair of languages: one answer, written by a provider whole and as
// a stream, reaches the client as two bodies that mean the same when the client's own language is
// read from them. All small answers, enumerated. The provider's side is written here by hand, so
// that no encoder of ours is judged by its own decoder.
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "base/limits.h"
#include "chat/fold.h"
#include "chat/grammar.h"
#include "chat/testing/describe.h"
#include "exchange/client_answer.h"
#include "exchange/provider.h"
#include "json/text.h"
#include "wire/eventstream.h"

namespace aigw::exchange {
namespace {

using config::SchemaName;
using endpoint::Dialect;

struct Part {
  enum class Kind : uint8_t { thought, redacted, text, call };
  Kind kind;
  std::string text;  // escaped as in JSON; of a call its arguments, without escapes
  std::string signature = {};
  std::string id = {};
};
using Parts = std::vector<Part>;

const Parts& alphabet() {
  using Kind = Part::Kind;
  static const Parts& parts = *new Parts{{Kind::thought, "Hm \\u00e9.", "U2ln"},
                                         {Kind::thought, "", "U2lnMg=="},
                                         {Kind::redacted, "UmVk"},
                                         {Kind::text, "a\\n\\\"b"},
                                         {Kind::text, "c"},
                                         {Kind::call, R"({"x": 1.0})", {}, "t1"},
                                         {Kind::call, "{}", {}, "t2"}};
  return parts;
}

struct Stop {
  Bytes openai, anthropic, bedrock, gemini;
  Bytes incomplete;  // the reason of a response that is not completed; empty for one that is
};
constexpr Stop kStops[] = {{"stop", "end_turn", "end_turn", "STOP", ""},
                           {"length", "max_tokens", "max_tokens", "MAX_TOKENS", "max_output_tokens"},
                           {"tool_calls", "tool_use", "tool_use", "STOP", ""},
                           {"content_filter", "refusal", "content_filtered", "SAFETY", "content_filter"}};

struct Small {
  const Parts& parts;
  const Stop& stop;
  bool caches;
};

struct Wire {
  std::string whole;
  std::string stream;
};

std::string quoted_json(Bytes text) {
  std::string out;
  json::append_quoted(out, text);
  return out;
}

// A text in two pieces, cut between two characters of JSON.
std::vector<std::string> pieces(const std::string& text) {
  if (text.empty()) return {};
  const size_t cut = text[0] == '\\' ? 2 : 1;
  if (text.size() <= cut) return {text};
  return {text.substr(0, cut), text.substr(cut)};
}

// --- Anthropic --------------------------------------------------------------------------------

Wire anthropic(const Small& small) {
  const std::string usage =
      small.caches
          ? R"({"input_tokens":3,"cache_creation_input_tokens":2,"cache_read_input_tokens":4,)"
            R"("output_tokens":5,"output_tokens_details":{"thinking_tokens":1}})"
          : R"({"input_tokens":3,"output_tokens":5})";
  Wire wire;
  const auto event = [&](const std::string& type, const std::string& members) {
    wire.stream += "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + members + "}\n\n";
  };
  event("message_start",
        R"(,"message":{"id":"i","type":"message","role":"assistant","model":"m","content":[],)"
        R"("usage":{"input_tokens":3,"output_tokens":1}})");
  std::string content;
  size_t index = 0;
  for (const Part& part : small.parts) {
    const std::string at = ",\"index\":" + std::to_string(index++);
    const auto start = [&](const std::string& block) {
      event("content_block_start", at + ",\"content_block\":" + block);
    };
    const auto delta = [&](const std::string& what) {
      event("content_block_delta", at + ",\"delta\":{\"type\":" + what + "}");
    };
    if (!content.empty()) content += ',';
    switch (part.kind) {
      case Part::Kind::thought:
        content += R"({"type":"thinking","thinking":")" + part.text + R"(","signature":")" +
                   part.signature + "\"}";
        start(R"({"type":"thinking","thinking":"","signature":""})");
        for (const auto& piece : pieces(part.text))
          delta(R"("thinking_delta","thinking":")" + piece + "\"");
        delta(R"("signature_delta","signature":")" + part.signature + "\"");
        break;
      case Part::Kind::redacted:
        content += R"({"type":"redacted_thinking","data":")" + part.text + "\"}";
        start(R"({"type":"redacted_thinking","data":")" + part.text + "\"}");
        break;
      case Part::Kind::text:
        content += R"({"type":"text","text":")" + part.text + "\"}";
        start(R"({"type":"text","text":""})");
        for (const auto& piece : pieces(part.text))
          delta(R"("text_delta","text":")" + piece + "\"");
        break;
      case Part::Kind::call:
        content +=
            R"({"type":"tool_use","id":")" + part.id + R"(","name":"f","input":)" + part.text + "}";
        start(R"({"type":"tool_use","id":")" + part.id + R"(","name":"f","input":{}})");
        if (part.text == "{}") break;  // said by the start already
        for (const auto& piece : pieces(part.text)) {
          delta(R"("input_json_delta","partial_json":)" + quoted_json(piece));
        }
        break;
    }
    event("content_block_stop", at);
  }
  const std::string stop(small.stop.anthropic);
  event("message_delta",
        R"(,"delta":{"stop_reason":")" + stop + R"(","stop_sequence":null},"usage":)" + usage);
  event("message_stop", "");
  wire.whole = R"({"id":"i","type":"message","role":"assistant","model":"m","content":[)" +
               content + R"(],"stop_reason":")" + stop + R"(","stop_sequence":null,"usage":)" +
               usage + "}";
  return wire;
}

// --- Bedrock ----------------------------------------------------------------------------------

Wire bedrock(const Small& small) {
  const std::string usage =
      small.caches
          ? R"({"inputTokens":3,"cacheWriteInputTokens":2,"cacheReadInputTokens":4,"outputTokens":5,"totalTokens":14})"
          : R"({"inputTokens":3,"outputTokens":5,"totalTokens":8})";
  Wire wire;
  const auto event = [&](Bytes type, const std::string& payload) {
    const wire::EventHeader headers[] = {{":event-type", wire::HeaderType::string, type},
                                         {":message-type", wire::HeaderType::string, "event"}};
    wire::append_event(wire.stream, headers, payload);
  };
  event("messageStart", R"({"role":"assistant"})");
  std::string content;
  size_t index = 0;
  for (const Part& part : small.parts) {
    const std::string at = "{\"contentBlockIndex\":" + std::to_string(index++);
    const auto delta = [&](const std::string& what) {
      event("contentBlockDelta", at + ",\"delta\":" + what + "}");
    };
    if (!content.empty()) content += ',';
    switch (part.kind) {
      case Part::Kind::thought:
        content += R"({"reasoningContent":{"reasoningText":{"text":")" + part.text +
                   R"(","signature":")" + part.signature + "\"}}}";
        for (const auto& piece : pieces(part.text))
          delta(R"({"reasoningContent":{"text":")" + piece + "\"}}");
        delta(R"({"reasoningContent":{"signature":")" + part.signature + "\"}}");
        break;
      case Part::Kind::redacted:
        content += R"({"reasoningContent":{"redactedContent":")" + part.text + "\"}}";
        delta(R"({"reasoningContent":{"redactedContent":")" + part.text + "\"}}");
        break;
      case Part::Kind::text:
        content += R"({"text":")" + part.text + "\"}";
        for (const auto& piece : pieces(part.text)) delta(R"({"text":")" + piece + "\"}");
        break;
      case Part::Kind::call: {
        const std::string id = R"("name":"f","toolUseId":")" + part.id + "\"";
        content += R"({"toolUse":{"input":)" + part.text + "," + id + "}}";
        event("contentBlockStart", at + R"(,"start":{"toolUse":{)" + id + "}}}");
        if (part.text == "{}") break;
        for (const auto& piece : pieces(part.text))
          delta(R"({"toolUse":{"input":)" + quoted_json(piece) + "}}");
        break;
      }
    }
    event("contentBlockStop", at + "}");
  }
  const std::string stop(small.stop.bedrock);
  event("messageStop", R"({"stopReason":")" + stop + "\"}");
  event("metadata", R"({"usage":)" + usage + "}");
  wire.whole = R"({"output":{"message":{"content":[)" + content +
               R"(],"role":"assistant"}},"stopReason":")" + stop + R"(","usage":)" + usage + "}";
  return wire;
}

// --- OpenAI -----------------------------------------------------------------------------------

// The language has one text, behind the thoughts and before the calls.
bool openai_can_say(const Parts& parts) {
  for (size_t i = 1; i < parts.size(); ++i) {
    const auto rank = [](const Part& part) {
      return part.kind == Part::Kind::redacted ? 0 : static_cast<int>(part.kind);
    };
    if (rank(parts[i]) < rank(parts[i - 1])) return false;
    if (parts[i].kind == Part::Kind::text && parts[i - 1].kind == Part::Kind::text) return false;
  }
  return true;
}

Wire openai(const Small& small) {
  const std::string usage =
      small.caches
          ? R"({"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":4},)"
            R"("completion_tokens_details":{"reasoning_tokens":1}})"
          : R"({"prompt_tokens":3,"completion_tokens":5,"total_tokens":8})";
  Wire wire;
  const std::string head = R"({"id":"i","model":"m","created":7,"choices":[)";
  const auto delta = [&](const std::string& what, const std::string& reason = "null") {
    wire.stream += "data: " + head + R"({"index":0,"delta":)" + what + R"(,"finish_reason":)" +
                   reason + "}]}\n\n";
  };
  delta(R"({"role":"assistant","content":""})");
  std::string thoughts, calls;
  std::string text = "null";
  size_t index = 0;
  for (const Part& part : small.parts) {
    if (part.kind == Part::Kind::text) {
      text = '"' + part.text + '"';
      for (const auto& piece : pieces(part.text)) delta(R"({"content":")" + piece + "\"}");
    } else if (part.kind == Part::Kind::call) {
      if (!calls.empty()) calls += ',';
      calls += R"({"id":")" + part.id +
               R"(","type":"function","function":{"name":"f","arguments":)" +
               quoted_json(part.text) + "}}";
      const std::string at = R"({"tool_calls":[{"index":)" + std::to_string(index++);
      delta(at + R"(,"id":")" + part.id +
            R"(","type":"function","function":{"name":"f","arguments":""}}]})");
      for (const auto& piece : pieces(part.text))
        delta(at + R"(,"function":{"arguments":)" + quoted_json(piece) + "}}]}");
    } else {
      if (!thoughts.empty()) thoughts += ',';
      std::string block = R"({"type":"redacted_thinking","data":")" + part.text + "\"}";
      if (part.kind == Part::Kind::thought) {
        block = R"({"type":"thinking","thinking":")" + part.text + R"(","signature":")" +
                part.signature + "\"}";
      }
      thoughts += block;
      delta(R"({"thinking_blocks":[)" + block + "]}");
    }
  }
  const std::string stop = '"' + std::string(small.stop.openai) + '"';
  delta("{}", stop);
  wire.stream +=
      "data: {\"id\":\"i\",\"model\":\"m\",\"created\":7,\"choices\":[],\"usage\":" + usage +
      "}\n\ndata: [DONE]\n\n";
  wire.whole = head + R"({"index":0,"message":{"role":"assistant","content":)" + text;
  if (!thoughts.empty()) wire.whole += R"(,"thinking_blocks":[)" + thoughts + "]";
  if (!calls.empty()) wire.whole += R"(,"tool_calls":[)" + calls + "]";
  wire.whole += R"(},"finish_reason":)" + stop + R"(}],"usage":)" + usage + "}";
  return wire;
}

// --- OpenAI's responses -----------------------------------------------------------------------

class ResponsesStream {
 public:
  void event(const std::string& type, const std::string& members) {
    text += "event: response." + type + "\ndata: {\"type\":\"response." + type + R"(","sequence_number":)" +
            std::to_string(number_++) + members + "}\n\n";
  }

  // The events of one item; returns the whole item.
  std::string item(const Part& part) {
    at_ = ",\"output_index\":" + std::to_string(index_);
    id_ = "it" + std::to_string(index_++);
    of_ = ",\"item_id\":\"" + id_ + "\"" + at_;
    const std::string whole = part.kind == Part::Kind::text   ? message(part.text)
                              : part.kind == Part::Kind::call ? call(part)
                                                              : reasoning(part);
    event("output_item.done", at_ + ",\"item\":" + whole);
    return whole;
  }

  std::string text;

 private:
  std::string item(const std::string& members) const { return R"({"id":")" + id_ + R"(","type":)" + members + "}"; }
  void added(const std::string& members) { event("output_item.added", at_ + ",\"item\":" + item(members)); }

  std::string reasoning(const Part& part) {
    const bool shown = part.kind == Part::Kind::thought && !part.text.empty();
    const std::string sealed = part.kind == Part::Kind::thought ? part.signature : part.text;
    const std::string summary = shown ? R"({"type":"summary_text","text":")" + part.text + "\"}" : "";
    added(R"("reasoning","summary":[])");
    if (shown) {
      event("reasoning_summary_part.added", of_ + R"(,"summary_index":0,"part":{"type":"summary_text","text":""})");
      for (const auto& piece : pieces(part.text)) {
        event("reasoning_summary_text.delta", of_ + R"(,"summary_index":0,"delta":")" + piece + "\"");
      }
    }
    return item(R"("reasoning","summary":[)" + summary + R"(],"encrypted_content":")" + sealed + "\"");
  }

  std::string message(const std::string& said) {
    const auto content = [](const std::string& words) {
      return R"({"type":"output_text","annotations":[],"text":")" + words + "\"}";
    };
    const std::string head = R"("message","role":"assistant","status":"completed","content":[)";
    added(head + "]");
    event("content_part.added", of_ + R"(,"content_index":0,"part":)" + content(""));
    for (const auto& piece : pieces(said)) {
      event("output_text.delta", of_ + R"(,"content_index":0,"delta":")" + piece + "\"");
    }
    return item(head + content(said) + "]");
  }

  std::string call(const Part& part) {
    const std::string head =
        R"("function_call","status":"completed","name":"f","call_id":")" + part.id + R"(","arguments":)";
    added(head + R"("")");
    for (const auto& piece : pieces(part.text)) {
      event("function_call_arguments.delta", of_ + ",\"delta\":" + quoted_json(piece));
    }
    return item(head + quoted_json(part.text));
  }

  size_t number_ = 0;
  size_t index_ = 0;
  std::string at_, id_, of_;
};

Wire responses(const Small& small) {
  const std::string usage =
      small.caches
          ? R"({"input_tokens":9,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":2},"output_tokens":5,)"
            R"("output_tokens_details":{"reasoning_tokens":1},"total_tokens":14})"
          : R"({"input_tokens":3,"output_tokens":5,"total_tokens":8})";
  const auto response = [](const std::string& status, const std::string& output, const std::string& more) {
    return R"({"id":"i","object":"response","created_at":7,"model":"m","status":")" + status + R"(","output":[)" +
           output + "]" + more + "}";
  };
  ResponsesStream stream;
  stream.event("created", ",\"response\":" + response("in_progress", "", ""));
  std::string output;
  for (const Part& part : small.parts) {
    if (!output.empty()) output += ',';
    output += stream.item(part);
  }
  const bool completed = small.stop.incomplete.empty();
  const std::string status = completed ? "completed" : "incomplete";
  std::string more = ",\"usage\":" + usage;
  if (!completed) more += R"(,"incomplete_details":{"reason":")" + std::string(small.stop.incomplete) + "\"}";
  const std::string whole = response(status, output, more);
  stream.event(status, ",\"response\":" + whole);
  return {whole, stream.text};
}

// --- Gemini -----------------------------------------------------------------------------------

// Redacted thoughts have no words there, and parts of one kind in a row are one that comes in pieces.
bool gemini_can_say(const Parts& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].kind == Part::Kind::redacted) return false;
    if (i > 0 && parts[i].kind == parts[i - 1].kind && parts[i].kind != Part::Kind::call) return false;
  }
  return true;
}

Wire gemini(const Small& small) {
  const std::string usage =
      small.caches ? R"({"promptTokenCount":9,"cachedContentTokenCount":4,"candidatesTokenCount":4,)"
                     R"("thoughtsTokenCount":1,"totalTokenCount":14})"
                   : R"({"promptTokenCount":3,"candidatesTokenCount":5,"totalTokenCount":8})";
  const auto body = [&](const std::string& parts, bool last) {
    std::string all = R"({"candidates":[{"content":{"role":"model","parts":[)" + parts + R"(]},"index":0)";
    if (last) all += R"(,"finishReason":")" + std::string(small.stop.gemini) + "\"";
    all += R"(}],"modelVersion":"m","responseId":"i")";
    if (last) all += ",\"usageMetadata\":" + usage;
    return all + "}";
  };
  Wire wire;
  const auto item = [&](const std::string& part, bool last = false) {
    wire.stream += "data: " + body(part, last) + "\r\n\r\n";
  };
  std::string all;
  for (const Part& part : small.parts) {
    if (!all.empty()) all += ',';
    if (part.kind == Part::Kind::call) {
      const std::string call =
          R"({"functionCall":{"id":")" + part.id + R"(","name":"f","args":)" + part.text + "}}";
      all += call;
      item(call);
      continue;
    }
    const bool thought = part.kind == Part::Kind::thought;
    const std::string mark = thought ? R"(,"thought":true)" : "";
    const std::string signature = thought ? R"(,"thoughtSignature":")" + part.signature + "\"" : "";
    all += R"({"text":")" + part.text + "\"" + mark + signature + "}";
    for (const auto& piece : pieces(part.text)) item(R"({"text":")" + piece + "\"" + mark + "}");
    if (thought) item(R"({"text":"")" + mark + signature + "}");
  }
  item(R"({"text":""})", true);
  wire.whole = body(all, true);
  return wire;
}

// --- the gateway, and the client --------------------------------------------------------------

// Texts in a row as one, and thoughts up to a signature: what comes in pieces has no other ends in Gemini's language.
std::vector<chat::Block> joined(chat::Blocks blocks, std::deque<std::string>& texts) {
  std::vector<chat::Block> all;
  for (const chat::Block& block : blocks) {
    auto* before = all.empty() ? nullptr : &all.back().value;
    if (const auto* text = std::get_if<chat::Text>(&block.value)) {
      if (text->text.empty()) continue;
      if (auto* last = before == nullptr ? nullptr : std::get_if<chat::Text>(before)) {
        last->text = texts.emplace_back(std::string(last->text) + std::string(text->text));
        continue;
      }
    }
    all.push_back(block);
  }
  return all;
}

// What the client reads. A chat client sees thoughts, text and calls, each of them in order, but
// not how they were mixed; a count of 0 says no more than none.
std::string meaning(const chat::Answer& answer, Dialect client) {
  chat::Answer plain = answer;
  std::string text;
  std::deque<std::string> texts;
  std::vector<chat::Block> thoughts, calls, pieces;
  if (client == Dialect::gemini) {
    pieces = joined(answer.blocks, texts);
    plain.blocks = std::span<const chat::Block>(pieces);
  }
  if (client == Dialect::openai) {
    for (const chat::Block& block : answer.blocks) {
      if (const auto* words = std::get_if<chat::Text>(&block.value)) text += words->text;
      if (std::holds_alternative<chat::Reasoning>(block.value)) thoughts.push_back(block);
      if (std::holds_alternative<chat::ToolCall>(block.value)) calls.push_back(block);
    }
    if (!text.empty()) thoughts.push_back(chat::Text{.text = text});
    thoughts.insert(thoughts.end(), calls.begin(), calls.end());
    plain.blocks = std::span<const chat::Block>(thoughts);
  }
  for (std::optional<uint64_t>* count :
       {&plain.usage.cached_input, &plain.usage.cache_creation_input, &plain.usage.reasoning}) {
    if (count->value_or(0) == 0) count->reset();
  }
  return chat::testing::describe(plain);
}

class Gateway {
 public:
  std::string whole(SchemaName provider, Dialect client, Bytes body) {
    arena_.reset();
    chat::Drops drops(arena_);
    chat::Fold fold(arena_);
    chat::Grammar check(&fold);
    EXPECT_TRUE(decode_whole_answer(context(provider), body, parser_, arena_, drops, check))
        << body;
    EXPECT_FALSE(fold.fault()) << body;
    EXPECT_TRUE(check.complete()) << check.violation();
    std::string out;
    encode_whole_answer(form(provider, client), fold.answer(), drops, out);
    return read(client, out, false);
  }

  std::string stream(SchemaName provider, Dialect client, Bytes body, size_t step) {
    arena_.reset();
    chat::Drops drops(arena_);
    std::string out;
    const AnswerForm answer_form = form(provider, client);
    const auto sink = open_client_stream(answer_form, drops, out);
    chat::Grammar check(sink.get());
    const AnswerContext answer_context = context(provider);
    const auto source = open_provider_stream(answer_context, parser_, drops, check);
    for (; !body.empty(); body.remove_prefix(std::min(step, body.size())))
      source->feed(body.substr(0, step));
    source->finish();
    EXPECT_TRUE(check.complete()) << check.violation();
    return read(client, out, true);
  }

 private:
  static AnswerContext context(SchemaName provider) { return {provider, "i", "m"}; }
  static AnswerForm form(SchemaName provider, Dialect client) {
    return {.dialect = client, .source = provider, .model = "m", .id = "i", .unix_seconds = 7};
  }

  // The client's own library is the decoder of that language's providers, held elsewhere to what it must read.
  static SchemaName language_of(Dialect client) {
    switch (client) {
      case Dialect::openai:
      case Dialect::cohere:
        break;
      case Dialect::responses:
        return SchemaName::openai_responses;
      case Dialect::anthropic:
        return SchemaName::anthropic;
      case Dialect::gemini:
        return SchemaName::gemini_api;
      case Dialect::converse:
        return SchemaName::aws_bedrock;
    }
    return SchemaName::openai;
  }

  std::string read(Dialect client, const std::string& body, bool stream) {
    Arena arena(limits::hub_arena_max(1 << 20));
    chat::Drops drops(arena);
    chat::Fold fold(arena);
    chat::Grammar check(&fold);
    const AnswerContext told = context(language_of(client));
    if (stream) {
      const auto source = open_provider_stream(told, parser_, drops, check);
      source->feed(body);
      source->finish();
    } else {
      EXPECT_TRUE(decode_whole_answer(told, body, parser_, arena, drops, check)) << body;
    }
    EXPECT_TRUE(fold.complete() && !fold.fault()) << body;
    EXPECT_EQ(drops.count(), 0u) << body;
    return fold.complete() && !fold.fault() ? meaning(fold.answer(), client) : "no answer";
  }

  Arena arena_{limits::hub_arena_max(1 << 20)};
  json::Parser parser_;
};

// Calls `visit(parts)` with every list of up to three parts.
template <class Visit>
void for_each_small_answer(Visit&& visit) {
  Parts parts;
  const auto extend = [&](const auto& self) -> void {
    visit(std::as_const(parts));
    if (parts.size() == 3) return;
    for (const Part& part : alphabet()) {
      parts.push_back(part);
      self(self);
      parts.pop_back();
    }
  };
  extend(extend);
}

// A whole answer from Bedrock tells a client of chat the text of its thoughts a second time, in
// `reasoning_content` (the peer's shape). A thought without text takes it for its own there.
bool bedrock_and_chat_can_say(const Parts& parts) {
  const auto thinks = [](const Part& part) { return part.kind == Part::Kind::thought; };
  const auto silent = [&](const Part& part) { return thinks(part) && part.text.empty(); };
  return std::count_if(parts.begin(), parts.end(), thinks) < 2 ||
         std::none_of(parts.begin(), parts.end(), silent);
}

size_t compare_all(SchemaName provider, Dialect client, Wire (*write)(const Small&)) {
  Gateway gateway;
  size_t tried = 0;
  for_each_small_answer([&](const Parts& parts) {
    if (provider == SchemaName::openai && !openai_can_say(parts)) return;
    if (provider == SchemaName::gemini_api && !gemini_can_say(parts)) return;
    if (provider == SchemaName::aws_bedrock && client == Dialect::openai &&
        !bedrock_and_chat_can_say(parts)) {
      return;
    }
    if (testing::Test::HasFailure()) return;
    const Stop& stop = kStops[tried % std::size(kStops)];
    const Wire wire = write({parts, stop, tried % 2 == 0});
    const std::string whole = gateway.whole(provider, client, wire.whole);
    EXPECT_EQ(gateway.stream(provider, client, wire.stream, wire.stream.size()), whole)
        << wire.whole;
    EXPECT_EQ(gateway.stream(provider, client, wire.stream, 1 + tried % 40), whole) << wire.whole;
    ++tried;
  });
  return tried;
}

constexpr size_t kAll = 1 + 7 + 7 * 7 + 7 * 7 * 7;

TEST(FoldOfAStream, AnthropicToChat) {
  EXPECT_EQ(compare_all(SchemaName::anthropic, Dialect::openai, anthropic), kAll);
}
TEST(FoldOfAStream, BedrockToChat) {
  EXPECT_GT(compare_all(SchemaName::aws_bedrock, Dialect::openai, bedrock), 340u);
}
TEST(FoldOfAStream, OpenAiToMessages) {
  EXPECT_GT(compare_all(SchemaName::openai, Dialect::anthropic, openai), 80u);
}
TEST(FoldOfAStream, BedrockToMessages) {
  EXPECT_EQ(compare_all(SchemaName::aws_bedrock, Dialect::anthropic, bedrock), kAll);
}
TEST(FoldOfAStream, AnthropicToResponses) {
  EXPECT_EQ(compare_all(SchemaName::anthropic, Dialect::responses, anthropic), kAll);
}
TEST(FoldOfAStream, BedrockToResponses) {
  EXPECT_EQ(compare_all(SchemaName::aws_bedrock, Dialect::responses, bedrock), kAll);
}
TEST(FoldOfAStream, OpenAiToResponses) {
  EXPECT_GT(compare_all(SchemaName::openai, Dialect::responses, openai), 80u);
}
TEST(FoldOfAStream, AnthropicToGemini) {
  EXPECT_EQ(compare_all(SchemaName::anthropic, Dialect::gemini, anthropic), kAll);
}
TEST(FoldOfAStream, BedrockToGemini) {
  EXPECT_EQ(compare_all(SchemaName::aws_bedrock, Dialect::gemini, bedrock), kAll);
}
TEST(FoldOfAStream, OpenAiToGemini) {
  EXPECT_GT(compare_all(SchemaName::openai, Dialect::gemini, openai), 80u);
}
TEST(FoldOfAStream, AnthropicToConverse) {
  EXPECT_EQ(compare_all(SchemaName::anthropic, Dialect::converse, anthropic), kAll);
}
TEST(FoldOfAStream, OpenAiToConverse) {
  EXPECT_GT(compare_all(SchemaName::openai, Dialect::converse, openai), 80u);
}
TEST(FoldOfAStream, ResponsesToChat) {
  EXPECT_EQ(compare_all(SchemaName::openai_responses, Dialect::openai, responses), kAll);
}
TEST(FoldOfAStream, ResponsesToMessages) {
  EXPECT_EQ(compare_all(SchemaName::openai_responses, Dialect::anthropic, responses), kAll);
}
TEST(FoldOfAStream, ResponsesToGemini) {
  EXPECT_EQ(compare_all(SchemaName::openai_responses, Dialect::gemini, responses), kAll);
}
TEST(FoldOfAStream, ResponsesToConverse) {
  EXPECT_EQ(compare_all(SchemaName::openai_responses, Dialect::converse, responses), kAll);
}
TEST(FoldOfAStream, ResponsesToResponses) {
  EXPECT_EQ(compare_all(SchemaName::openai_responses, Dialect::responses, responses), kAll);
}
// Not Gemini to chat, whose whole answers tell all thoughts as one (the peer's shape).
TEST(FoldOfAStream, GeminiToMessages) {
  EXPECT_GT(compare_all(SchemaName::gemini_api, Dialect::anthropic, gemini), 100u);
}
TEST(FoldOfAStream, GeminiToResponses) {
  EXPECT_GT(compare_all(SchemaName::gemini_api, Dialect::responses, gemini), 100u);
}
TEST(FoldOfAStream, GeminiToConverse) {
  EXPECT_GT(compare_all(SchemaName::gemini_api, Dialect::converse, gemini), 100u);
}
TEST(FoldOfAStream, GeminiToGemini) {
  EXPECT_GT(compare_all(SchemaName::gemini_api, Dialect::gemini, gemini), 100u);
}
// The cells that are spliced: what translating would say.
TEST(FoldOfAStream, BedrockToConverse) {
  EXPECT_EQ(compare_all(SchemaName::aws_bedrock, Dialect::converse, bedrock), kAll);
}
TEST(FoldOfAStream, AnthropicToMessages) {
  EXPECT_EQ(compare_all(SchemaName::anthropic, Dialect::anthropic, anthropic), kAll);
}
TEST(FoldOfAStream, OpenAiToChat) {
  EXPECT_GT(compare_all(SchemaName::openai, Dialect::openai, openai), 80u);
}

}  // namespace
}  // namespace aigw::exchange
