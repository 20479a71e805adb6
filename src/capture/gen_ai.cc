// Names and values: OpenTelemetry's semantic conventions for generative AI, in the peer's selection.
#include <algorithm>

#include "capture/capture.h"
#include "json/text.h"
#include "json/writer.h"

namespace aigw::capture {
namespace {

using endpoint::EndpointKind;
using observe::SpanAttributes;

// A member of a request, by the name that one of the languages gives it.
struct Parameter {
  Bytes member;
  Bytes attribute;
  bool is_count;
};
constexpr Parameter kParameters[] = {
    {"max_completion_tokens", "gen_ai.request.max_tokens", true},
    {"max_output_tokens", "gen_ai.request.max_tokens", true},
    {"maxOutputTokens", "gen_ai.request.max_tokens", true},
    {"max_tokens", "gen_ai.request.max_tokens", true},
    {"maxTokens", "gen_ai.request.max_tokens", true},
    {"temperature", "gen_ai.request.temperature", false},
    {"top_p", "gen_ai.request.top_p", false},
    {"topP", "gen_ai.request.top_p", false},
    {"top_k", "gen_ai.request.top_k", true},
    {"topK", "gen_ai.request.top_k", true},
    {"frequency_penalty", "gen_ai.request.frequency_penalty", false},
    {"frequencyPenalty", "gen_ai.request.frequency_penalty", false},
    {"presence_penalty", "gen_ai.request.presence_penalty", false},
    {"presencePenalty", "gen_ai.request.presence_penalty", false},
    {"seed", "gen_ai.request.seed", true},
    {"n", "gen_ai.request.choice.count", true},
    {"candidateCount", "gen_ai.request.choice.count", true},
};
constexpr Bytes kStops[] = {"stop", "stop_sequences", "stopSequences"};

// Where the parameters of the model stand.
const json::Value& settings_of(const Document& request) {
  if (request.endpoint == EndpointKind::converse) return request.root["inferenceConfig"];
  if (request.endpoint != EndpointKind::generate_content) return request.root;
  const json::Value& config = request.root["generationConfig"];
  return config.exists() ? config : request.root["generation_config"];
}

void show_parameters(const Document& request, SpanAttributes& to) {
  const json::Value& settings = settings_of(request);
  Bytes shown;  // the attribute that was written last: of two names for one thing the first counts
  for (const Parameter& parameter : kParameters) {
    const json::Value& value = settings[parameter.member];
    if (!value.is_number() || shown == parameter.attribute) continue;
    const std::optional<uint64_t> count = json::to_uint64(value.raw());
    if (parameter.is_count && count) {
      to.count(parameter.attribute, *count);
    } else {
      to.number(parameter.attribute, number_of(value));
    }
    shown = parameter.attribute;
  }
  for (const Bytes member : kStops) {
    const json::Value& stop = settings[member];
    std::vector<Bytes> texts;
    if (!stop.text().empty()) texts.push_back(stop.text());
    for (const json::Value& one : stop.elements()) texts.push_back(one.text());
    if (!texts.empty()) to.texts("gen_ai.request.stop_sequences", texts);
  }
  if (request.endpoint == EndpointKind::embeddings && request.root["encoding_format"].is_string()) {
    const Bytes format = request.root["encoding_format"].text();
    to.texts("gen_ai.request.encoding_formats", {&format, 1});
  }
  const json::Value& conversation = request.root["conversation"];
  to.text_unless_empty("gen_ai.conversation.id",
                       conversation.is_string() ? conversation.text() : conversation["id"].text());
}

// Images and thoughts are shown to be there, and not what they hold.
void write_parts(const Message& message, json::Writer& writer) {
  writer.begin_array();
  for (const Part& part : message.parts) {
    if (part.kind == Part::Kind::other || (part.kind == Part::Kind::text && part.text.empty())) continue;
    writer.begin_object();
    if (part.kind == Part::Kind::text) {
      writer.member("type", message.call_id.empty() ? "text" : "tool_call_response");
      writer.member("content", part.text);
      writer.member_unless_empty("id", message.call_id);
    } else {
      writer.member("type", part.kind == Part::Kind::image   ? "image"
                            : part.kind == Part::Kind::audio ? "audio"
                                                             : "reasoning");
    }
    writer.end_object();
  }
  for (const ToolCall& call : message.calls) {
    writer.begin_object();
    writer.member("type", "tool_call");
    writer.member_unless_empty("id", call.id);
    writer.member("name", call.name);
    writer.member("arguments", call.arguments);
    writer.end_object();
  }
  writer.end_array();
}

void show_messages(Bytes key, const std::vector<Message>& messages, SpanAttributes& to) {
  if (messages.empty()) return;
  std::string text;
  json::Writer writer(text);
  writer.begin_array();
  for (const Message& message : messages) {
    writer.begin_object();
    writer.member("role", message.role);
    writer.key("parts");
    write_parts(message, writer);
    writer.member_unless_empty("finish_reason", message.finish_reason);
    writer.end_object();
  }
  writer.end_array();
  to.text(key, text);
}

void show_said(const Said& said, SpanAttributes& to) {
  if (said.system) {
    std::string text;
    json::Writer writer(text);
    write_parts(*said.system, writer);
    to.text("gen_ai.system_instructions", text);
  }
  std::vector<Message> messages = said.messages;
  for (const Bytes input : said.inputs) {
    messages.push_back({.role = "user", .plain = true});
    messages.back().parts.push_back({Part::Kind::text, input});
  }
  show_messages("gen_ai.input.messages", messages, to);
  if (said.tools.empty()) return;
  std::string tools;
  json::Writer writer(tools);
  writer.begin_array();
  for (const Bytes tool : said.tools) writer.raw(tool);
  writer.end_array();
  to.text("gen_ai.tool.definitions", tools);
}

}  // namespace

void show_request_as_gen_ai(const Document& request, const observe::ContentOptions& options, Arena& arena,
                            SpanAttributes& to) {
  if (!request.root.is_object()) return;
  show_parameters(request, to);
  if (options.capture_messages) show_said(read_request(request.endpoint, request.root, arena), to);
}

void show_answer_as_gen_ai(const Document& answer, const observe::ContentOptions& options, Arena& arena,
                           SpanAttributes& to) {
  if (!answer.root.is_object()) return;
  const json::Value& id = answer.root["id"];
  to.text_unless_empty("gen_ai.response.id", id.is_string() ? id.text() : answer.root["responseId"].text());
  if (answer.endpoint == EndpointKind::embeddings) {
    const std::span<const json::Value> data = answer.root["data"].elements();
    if (!data.empty() && data[0]["embedding"].is_array()) {
      to.count("gen_ai.embeddings.dimension.count", data[0]["embedding"].elements().size());
    }
    return;
  }
  const std::vector<Message> messages = read_answer(answer.endpoint, answer.root, arena);
  std::vector<Bytes> reasons;
  for (const Message& message : messages) {
    const bool once = answer.endpoint == EndpointKind::messages || answer.endpoint == EndpointKind::responses;
    if (!message.finish_reason.empty() && (!once || reasons.empty())) reasons.push_back(message.finish_reason);
  }
  if (!reasons.empty()) to.texts("gen_ai.response.finish_reasons", reasons);
  if (options.capture_messages) show_messages("gen_ai.output.messages", messages, to);
}

}  // namespace aigw::capture
