// For tests only: conversations, answers and events as text, so that two of them are equal when
// their texts are, and a difference reads well. Every member shows; absent ones are left out.
#pragma once

#include <optional>
#include <string>
#include <type_traits>

#include "chat/conversation.h"
#include "chat/event.h"
#include "chat/fold.h"

namespace aigw::chat {

// "name(a=1 b='x')"
class TestText {
 public:
  explicit TestText(Bytes name) : text_(name) { text_ += '('; }

  TestText& add(Bytes name, Bytes value) {
    return value.empty() ? *this : raw(name, "'" + std::string(value) + "'");
  }
  TestText& add(Bytes name, const std::optional<Bytes>& value) {
    return value ? raw(name, "'" + std::string(*value) + "'") : *this;
  }
  template <class T>
    requires(std::is_arithmetic_v<T>)
  TestText& add(Bytes name, const std::optional<T>& value) {
    return value ? raw(name, std::to_string(*value)) : *this;
  }
  TestText& flag(Bytes name, bool value) { return value ? raw(name, "1") : *this; }
  template <class T>
    requires(std::is_enum_v<T>)
  TestText& add(Bytes name, T value) {
    return value == T{} ? *this : raw(name, std::to_string(static_cast<int>(value)));
  }
  TestText& raw(Bytes name, const std::string& value) {
    if (text_.back() != '(') text_ += ' ';
    text_ += name;
    text_ += '=';
    text_ += value;
    return *this;
  }
  // Each item's text, when there are any.
  template <class Items>
  TestText& list(Bytes name, const Items& items);

  std::string end() { return text_ + ')'; }

 private:
  std::string text_;
};

inline std::string test_text(Bytes bytes) { return "'" + std::string(bytes) + "'"; }

inline std::string test_text(const Source& source) {
  return TestText("source")
      .add("kind", source.kind)
      .add("data", source.data)
      .add("type", source.media_type)
      .end();
}

inline std::string test_text(const Extra& extra) {
  return TestText("extra").add("name", extra.name).add("raw", extra.raw).end();
}

inline std::string test_text(const Block& block);

template <class Items>
TestText& TestText::list(Bytes name, const Items& items) {
  if (items.empty()) return *this;
  std::string all = "[";
  for (const auto& item : items) all += (all.size() == 1 ? "" : " ") + test_text(item);
  return raw(name, all + "]");
}

inline std::string test_text(const Block& block) {
  return std::visit(
      Overload{
          [](const Text& b) {
            return TestText("text")
                .add("text", b.text)
                .add("citations", b.citations)
                .flag("refusal", b.refusal)
                .end();
          },
          [](const Image& b) {
            return TestText("image")
                .raw("source", test_text(b.source))
                .add("detail", b.detail)
                .end();
          },
          [](const File& b) {
            return TestText("file")
                .raw("source", test_text(b.source))
                .add("name", b.name)
                .add("context", b.context)
                .add("citations_config", b.citations_config)
                .end();
          },
          [](const Audio& b) { return TestText("audio").raw("source", test_text(b.source)).end(); },
          [](const ToolCall& b) {
            return TestText("tool_call")
                .add("id", b.id)
                .add("name", b.name)
                .add("arguments", b.arguments)
                .flag("freeform", b.freeform)
                .add("signature", b.signature)
                .end();
          },
          [](const ToolResult& b) {
            return TestText("tool_result")
                .add("call_id", b.call_id)
                .list("content", b.content)
                .add("is_error", b.is_error)
                .flag("freeform", b.freeform)
                .end();
          },
          [](const Reasoning& b) {
            return TestText("reasoning")
                .add("text", b.text)
                .add("signature", b.signature)
                .add("redacted", b.redacted)
                .add("id", b.id)
                .end();
          },
          [](const CachePoint& b) { return TestText("cache_point").add("ttl", b.ttl).end(); },
          [](const Opaque& b) {
            return TestText("opaque").add("type", b.type).add("raw", b.raw).end();
          }},
      block.value);
}

inline std::string test_text(const Message& message) {
  return TestText("message")
      .add("role", message.role)
      .add("name", message.name)
      .list("content", message.content)
      .end();
}

inline std::string test_text(const Tool& tool) {
  TestText text("tool");
  text.add("kind", tool.kind).add("name", tool.name).add("description", tool.description);
  text.add("schema", tool.schema).add("strict", tool.strict);
  text.add("syntax", tool.grammar.syntax).add("grammar", tool.grammar.definition);
  if (tool.cache) text.raw("cache", test_text(*tool.cache));
  return text.end();
}

inline std::string test_text(const Sampling& s) {
  return TestText("sampling")
      .add("max_tokens", s.max_tokens)
      .add("temperature", s.temperature)
      .add("top_p", s.top_p)
      .add("top_k", s.top_k)
      .add("frequency_penalty", s.frequency_penalty)
      .add("presence_penalty", s.presence_penalty)
      .add("seed", s.seed)
      .list("stop", s.stop_sequences)
      .add("answers", s.answers)
      .add("logprobs", s.logprobs)
      .add("top_logprobs", s.top_logprobs)
      .end();
}

inline std::string test_text(const ReasoningRequest& r) {
  return TestText("reasoning")
      .add("mode", r.mode)
      .add("budget_tokens", r.budget_tokens)
      .add("include_thoughts", r.include_thoughts)
      .add("display", r.display)
      .add("effort", r.effort)
      .end();
}

inline std::string test_text(const OutputFormat& f) {
  return TestText("output")
      .add("kind", f.kind)
      .add("name", f.name)
      .add("description", f.description)
      .add("schema", f.schema)
      .add("strict", f.strict)
      .end();
}

inline std::string test_text(const ToolChoice& choice) {
  return TestText("choice")
      .add("mode", choice.mode)
      .add("name", choice.name)
      .add("raw", choice.raw)
      .end();
}

inline std::string test_text(const Conversation& c) {
  return TestText("conversation")
      .add("language", c.language)
      .add("model", c.model)
      .flag("stream", c.stream)
      .add("include_usage", c.include_usage)
      .list("system", c.system)
      .list("messages", c.messages)
      .list("tools", c.tools)
      .raw("tool_choice", test_text(c.tool_choice))
      .add("parallel_tool_calls", c.parallel_tool_calls)
      .raw("sampling", test_text(c.sampling))
      .raw("reasoning", test_text(c.reasoning))
      .raw("output", test_text(c.output))
      .add("service_tier", c.service_tier)
      .add("verbosity", c.verbosity)
      .add("user", c.user)
      .add("metadata", c.metadata)
      .list("extras", c.extras)
      .end();
}

inline std::string test_text(const Usage& usage) {
  return TestText("usage")
      .add("input", usage.input)
      .add("output", usage.output)
      .add("total", usage.total)
      .add("cached_input", usage.cached_input)
      .add("cache_creation_input", usage.cache_creation_input)
      .add("reasoning", usage.reasoning)
      .end();
}

inline std::string test_text(const Answer& answer) {
  return TestText("answer")
      .add("language", answer.language)
      .add("id", answer.id)
      .add("model", answer.model)
      .add("created", answer.created)
      .list("blocks", answer.blocks)
      .raw("usage", test_text(answer.usage))
      .add("service_tier", answer.service_tier)
      .add("stop", answer.stop)
      .add("stop_raw", answer.stop_raw)
      .add("stop_sequence", answer.stop_sequence)
      .list("extras", answer.extras)
      .end();
}

inline std::string test_text(const event::BlockOpen& e) {
  return TestText("open")
      .raw("index", std::to_string(e.index))
      .add("kind", e.kind)
      .add("id", e.id)
      .add("name", e.name)
      .flag("refusal", e.refusal)
      .flag("freeform", e.freeform)
      .end();
}

inline std::string test_text(const Event& event) {
  const auto delta = [](Bytes name, uint32_t index, Bytes text) {
    return TestText(name).raw("index", std::to_string(index)).add("", text).end();
  };
  return std::visit(
      Overload{
          [](const event::Start& e) {
            return TestText("start")
                .add("language", e.language)
                .add("id", e.id)
                .add("model", e.model)
                .add("created", e.created)
                .end();
          },
          [](const event::BlockOpen& e) { return test_text(e); },
          [&](const event::TextDelta& e) { return delta("text", e.index, e.text); },
          [&](const event::Citation& e) { return delta("citation", e.index, e.raw); },
          [&](const event::ArgsDelta& e) { return delta("args", e.index, e.arguments); },
          [&](const event::ReasoningDelta& e) { return delta("reasoning", e.index, e.text); },
          [&](const event::SignatureDelta& e) { return delta("signature", e.index, e.signature); },
          [&](const event::Redacted& e) { return delta("redacted", e.index, e.data); },
          [&](const event::BlockClose& e) { return delta("close", e.index, {}); },
          [](const event::BlockWhole& e) {
            return TestText("whole")
                .raw("index", std::to_string(e.index))
                .raw("block", test_text(*e.block))
                .end();
          },
          [](const event::UsageReport& e) {
            return TestText("report")
                .raw("usage", test_text(e.usage))
                .add("service_tier", e.service_tier)
                .end();
          },
          [](const event::AnswerExtra& e) { return test_text(e.extra); },
          [](const event::Finish& e) {
            return TestText("finish")
                .add("reason", e.reason)
                .add("raw", e.raw)
                .add("stop_sequence", e.stop_sequence)
                .end();
          },
          [](const event::Done&) { return std::string("done()"); },
          [](const event::Fault& e) {
            return TestText("fault")
                .raw("status", std::to_string(e.status))
                .add("type", e.type)
                .add("message", e.message)
                .add("code", e.code)
                .add("param", e.param)
                .end();
          },
          [](const event::Ping&) { return std::string("ping()"); },
      },
      event);
}

// Keeps the events' texts, one a line.
class TestEvents final : public EventSink {
 public:
  void on_event(const Event& event) override { text_ += test_text(event) + '\n'; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace aigw::chat
