#include "capture/collapse.h"

#include <map>
#include <memory>
#include <optional>

#include "base/arena.h"
#include "base/limits.h"
#include "chat/fold.h"
#include "exchange/client_answer.h"
#include "exchange/provider.h"
#include "json/cursor.h"
#include "json/text.h"
#include "json/writer.h"
#include "wire/sse.h"

namespace aigw::capture {
namespace {

using config::SchemaName;
using endpoint::EndpointKind;

// What a conversation of an endpoint is spoken in, and whose answers are written so.
struct Language {
  EndpointKind endpoint;
  endpoint::Dialect dialect;
  SchemaName schema;
};
constexpr Language kLanguages[] = {
    {EndpointKind::chat_completions, endpoint::Dialect::openai, SchemaName::openai},
    {EndpointKind::responses, endpoint::Dialect::responses, SchemaName::openai_responses},
    {EndpointKind::messages, endpoint::Dialect::anthropic, SchemaName::anthropic},
    {EndpointKind::generate_content, endpoint::Dialect::gemini, SchemaName::gemini_api},
    {EndpointKind::converse, endpoint::Dialect::converse, SchemaName::aws_bedrock},
};

const Language& language_of(EndpointKind endpoint) {
  for (const Language& one : kLanguages) {
    if (one.endpoint == endpoint) return one;
  }
  return kLanguages[0];
}

// Folds events, and ends a list that does not come to its end.
class Ending final : public chat::EventSink {
 public:
  explicit Ending(chat::Fold& fold) : fold_(fold) {}

  void on_event(const chat::Event& event) override {
    if (done_) return;
    if (std::holds_alternative<chat::event::Fault>(event)) return end();
    if (const auto* open = std::get_if<chat::event::BlockOpen>(&event)) open_ = open->index;
    if (std::holds_alternative<chat::event::BlockClose>(event)) open_.reset();
    if (std::holds_alternative<chat::event::Start>(event)) started_ = true;
    if (std::holds_alternative<chat::event::Finish>(event)) finished_ = true;
    if (std::holds_alternative<chat::event::Done>(event)) done_ = true;
    fold_.on_event(event);
  }

  void end() {
    if (done_) return;
    done_ = true;
    if (!started_) return;
    if (open_) fold_.on_event(chat::event::BlockClose{*open_});
    if (!finished_) fold_.on_event(chat::event::Finish{.reason = chat::StopReason::unknown});
    fold_.on_event(chat::event::Done{});
  }

  bool started() const { return started_; }

 private:
  chat::Fold& fold_;
  std::optional<uint32_t> open_;
  bool started_ = false;
  bool finished_ = false;
  bool done_ = false;
};

// Gemini's streams may come as one JSON array; its elements are what events would carry.
std::string as_events(Bytes array, json::Parser& parser) {
  Arena arena(limits::hub_arena_max(array.size()));
  std::string events;
  const Result<json::Value> root = parser.parse(array, arena);
  if (!root) return events;
  for (const json::Value& one : root->elements()) {
    std::string line(one.raw());
    for (char& c : line) {
      if (c == '\n' || c == '\r') c = ' ';
    }
    events.append("data: ").append(line).append("\n\n");
  }
  return events;
}

std::string collapse_conversation(EndpointKind endpoint, Bytes stream, bool cut) {
  Arena arena(limits::hub_arena_max(stream.size()));
  chat::Drops drops(arena);
  json::Parser parser;
  std::string events;
  if (endpoint == EndpointKind::generate_content && stream.starts_with('[')) {
    events = as_events(stream, parser);
    stream = events;
  }
  chat::Fold fold(arena);
  Ending ending(fold);
  const Language& language = language_of(endpoint);
  const std::unique_ptr<exchange::ProviderStream> decoder =
      exchange::open_provider_stream({.schema = language.schema, .id = {}, .model = {}}, parser, drops, ending);
  decoder->feed(stream);
  if (!cut) decoder->finish();
  ending.end();
  std::string whole;
  if (!ending.started()) return whole;
  const chat::Answer& answer = fold.answer();
  const exchange::AnswerForm form{.dialect = language.dialect,
                                  .source = SchemaName::openai_responses,
                                  .model = answer.model,
                                  .id = answer.id,
                                  .unix_seconds = answer.created.value_or(0)};
  exchange::encode_whole_answer(form, answer, drops, whole);
  return whole;
}

// Completions: the texts of each choice one behind the other.
class Completions final : public wire::SseSink {
 public:
  void on_data(Bytes piece) override { data_ += piece; }
  void on_event(Bytes) override {
    Arena arena(limits::hub_arena_max(data_.size()));
    if (const Result<json::Value> root = parser_.parse(data_, arena)) take(*root);
    data_.clear();
  }

  std::string text() const {
    std::string out;
    if (choices_.empty()) return out;
    json::Writer writer(out);
    writer.begin_object();
    writer.member_unless_empty("id", id_);
    writer.member("object", "text_completion");
    writer.member_unless_empty("model", model_);
    writer.member_array("choices");
    for (const auto& [index, choice] : choices_) {
      writer.begin_object();
      writer.member_number("index", index);
      writer.member("text", choice.text);
      writer.member_unless_empty("finish_reason", choice.finish_reason);
      writer.end_object();
    }
    writer.end_array();
    writer.member_raw_unless_empty("usage", usage_);
    writer.end_object();
    return out;
  }

 private:
  struct Choice {
    std::string text;
    std::string finish_reason;
  };

  void take(const json::Value& root) {
    if (id_.empty()) id_ = root["id"].text();
    if (model_.empty()) model_ = root["model"].text();
    if (root["usage"].is_object()) usage_ = root["usage"].raw();
    for (const json::Value& one : root["choices"].elements()) {
      uint64_t index = 0;
      if (one["index"].is_number()) index = json::to_uint64(one["index"].raw()).value_or(0);
      Choice& choice = choices_[index];
      choice.text += one["text"].text();
      if (one["finish_reason"].is_string()) choice.finish_reason = one["finish_reason"].text();
    }
  }

  json::Parser parser_;
  std::string data_;
  std::string id_;
  std::string model_;
  std::string usage_;
  std::map<uint64_t, Choice> choices_;
};

}  // namespace

std::string collapse(EndpointKind endpoint, Bytes stream, bool cut) {
  if (endpoint::is_conversation(endpoint)) return collapse_conversation(endpoint, stream, cut);
  if (endpoint != EndpointKind::completions) return {};
  Completions completions;
  wire::SseDecoder decoder;
  decoder.feed(stream, completions);
  if (!cut) decoder.finish(completions);
  return completions.text();
}

}  // namespace aigw::capture
