// For tests only: conversations and answers as text, one member a line, so that two are equal when
// their descriptions are, and a test that fails shows the difference.
#pragma once

#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "chat/conversation.h"
#include "chat/fold.h"

namespace aigw::chat::testing {

class Describer {
 public:
  std::string text() const { return out_.str(); }

  void member(Bytes name, Bytes value) {
    if (!value.empty()) line(name) << value << '\n';
  }
  void member(Bytes name, const std::optional<Bytes>& value) {
    if (value) line(name) << '"' << *value << "\"\n";
  }
  void member(Bytes name, const std::optional<uint64_t>& value) {
    if (value) line(name) << *value << '\n';
  }
  void member(Bytes name, const std::optional<bool>& value) {
    if (value) line(name) << (*value ? "true" : "false") << '\n';
  }
  template <class Enum>
    requires std::is_enum_v<Enum>
  void member(Bytes name, Enum value) {
    if (value != Enum{}) line(name) << '#' << static_cast<int>(value) << '\n';
  }
  void head(Bytes name) { line(name) << '\n'; }
  void extras(std::span<const Extra> extras) {
    for (const Extra& extra : extras) line("extra") << extra.name << ' ' << extra.raw << '\n';
  }

  void blocks(Blocks blocks) {
    indent_ += "  ";
    for (const Block& block : blocks) std::visit(*this, block.value);
    indent_.resize(indent_.size() - 2);
  }

  void operator()(const Text& text) {
    line(text.refusal ? "refusal" : "text") << '"' << text.text << "\"\n";
    member("  citations", text.citations);
  }
  void operator()(const Image& image) {
    source("image", image.source);
    member("  detail", image.detail);
  }
  void operator()(const File& file) {
    source("file", file.source);
    member("  name", file.name);
    member("  context", file.context);
    member("  citations_config", file.citations_config);
  }
  void operator()(const Audio& audio) { source("audio", audio.source); }
  void operator()(const ToolCall& call) {
    line(call.freeform ? "freeform_call" : "tool_call")
        << call.id << ' ' << call.name << ' ' << call.arguments << '\n';
    member("  signature", call.signature);
  }
  void operator()(const ToolResult& result) {
    line(result.freeform ? "freeform_result" : "tool_result") << result.call_id << '\n';
    member("  is_error", result.is_error);
    blocks(result.content);
  }
  void operator()(const Reasoning& reasoning) {
    line("reasoning") << '"' << reasoning.text << "\"\n";
    member("  signature", reasoning.signature);
    member("  redacted", reasoning.redacted);
    member("  id", reasoning.id);
  }
  void operator()(const CachePoint& point) { line("cache_point") << point.ttl << '\n'; }
  void operator()(const Opaque& opaque) {
    line("opaque") << opaque.type << ' ' << opaque.raw << '\n';
  }

 private:
  std::ostream& line(Bytes name) { return out_ << indent_ << name << ' '; }
  void source(Bytes name, const Source& source) {
    line(name) << '#' << static_cast<int>(source.kind) << ' ' << source.media_type << ' '
               << source.data << '\n';
  }

  std::ostringstream out_;
  std::string indent_;
};

inline void describe_tool(Describer& out, const Tool& tool) {
  out.head("tool");
  out.member("  kind", tool.kind);
  out.member("  name", tool.name);
  out.member("  description", tool.description);
  out.member("  schema", tool.schema);
  out.member("  syntax", tool.grammar.syntax);
  out.member("  grammar", tool.grammar.definition);
  out.member("  strict", tool.strict);
  if (tool.cache) out.head("  cache");
  if (tool.cache) out.member("  ttl", tool.cache->ttl);
}

inline void describe_sampling(Describer& out, const Sampling& sampling) {
  out.member("max_tokens", sampling.max_tokens);
  out.member("temperature", sampling.temperature);
  out.member("top_p", sampling.top_p);
  out.member("top_k", sampling.top_k);
  out.member("frequency_penalty", sampling.frequency_penalty);
  out.member("presence_penalty", sampling.presence_penalty);
  out.member("seed", sampling.seed);
  for (Bytes stop : sampling.stop_sequences) out.member("stop", std::optional<Bytes>(stop));
  out.member("answers", sampling.answers);
  out.member("logprobs", sampling.logprobs);
  out.member("top_logprobs", sampling.top_logprobs);
}

inline std::string describe(const Conversation& from) {
  Describer out;
  out.member("language", from.language);
  out.member("model", from.model);
  if (from.stream) out.head("stream");
  out.member("include_usage", from.include_usage);
  if (!from.system.empty()) out.head("system");
  out.blocks(from.system);
  for (const Message& message : from.messages) {
    out.head(message.role == Role::user        ? "user"
             : message.role == Role::assistant ? "assistant"
                                               : "system message");
    out.member("  name", message.name);
    out.blocks(message.content);
  }
  for (const Tool& tool : from.tools) describe_tool(out, tool);
  out.member("tool_choice", from.tool_choice.mode);
  out.member("  name", from.tool_choice.name);
  out.member("  raw", from.tool_choice.raw);
  out.member("parallel_tool_calls", from.parallel_tool_calls);
  describe_sampling(out, from.sampling);
  out.member("reasoning", from.reasoning.mode);
  out.member("  budget_tokens", from.reasoning.budget_tokens);
  out.member("  include_thoughts", from.reasoning.include_thoughts);
  out.member("  display", from.reasoning.display);
  out.member("  effort", from.reasoning.effort);
  out.member("output", from.output.kind);
  out.member("  name", from.output.name);
  out.member("  description", from.output.description);
  out.member("  schema", from.output.schema);
  out.member("  strict", from.output.strict);
  out.member("service_tier", from.service_tier);
  out.member("verbosity", from.verbosity);
  out.member("user", from.user);
  out.member("metadata", from.metadata);
  out.extras(from.extras);
  return out.text();
}

inline std::string describe(const Answer& from) {
  Describer out;
  out.member("language", from.language);
  out.member("id", from.id);
  out.member("model", from.model);
  out.member("created", from.created);
  out.blocks(from.blocks);
  out.member("input", from.usage.input);
  out.member("output", from.usage.output);
  out.member("total", from.usage.total);
  out.member("cached_input", from.usage.cached_input);
  out.member("cache_creation_input", from.usage.cache_creation_input);
  out.member("reasoning", from.usage.reasoning);
  out.member("service_tier", from.service_tier);
  out.member("stop", from.stop);
  out.member("stop_raw", from.stop_raw);
  out.member("stop_sequence", from.stop_sequence);
  out.extras(from.extras);
  return out.text();
}

}  // namespace aigw::chat::testing
