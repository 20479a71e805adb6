#include "dialect/gemini/answer_parts.h"

#include "dialect/gemini/raw_json.h"
#include "dialect/gemini/signature.h"

namespace aigw::dialect::gemini {
namespace {

void write_source(json::Writer& writer, const chat::Source& source) {
  const bool url = source.kind == chat::Source::Kind::url;
  writer.begin_object();
  writer.member_object(url ? "fileData" : "inlineData");
  writer.member_unless_empty("mimeType", source.media_type);
  writer.member(url ? "fileUri" : "data", source.data);
  writer.end_object();
  writer.end_object();
}

const chat::Source* source_of(const chat::Block& block) {
  if (const auto* image = std::get_if<chat::Image>(&block.value)) return &image->source;
  if (const auto* audio = std::get_if<chat::Audio>(&block.value)) return &audio->source;
  if (const auto* file = std::get_if<chat::File>(&block.value)) return &file->source;
  return nullptr;
}

}  // namespace

void write_text_part(json::Writer& writer, Bytes text) {
  writer.begin_object();
  writer.member("text", text);
  writer.end_object();
}

void write_thought_part(json::Writer& writer, Bytes text, Bytes signature, Bytes redacted) {
  writer.begin_object();
  writer.member("text", text);
  writer.member_boolean("thought", true);
  if (!signature.empty() || !redacted.empty()) {
    writer.member("thoughtSignature", wire_signature(signature, redacted));
  }
  writer.end_object();
}

void write_call_part(json::Writer& writer, const chat::ToolCall& call, chat::Drops& drops) {
  writer.begin_object();
  writer.member_object("functionCall");
  writer.member_unless_empty("id", call.id);
  writer.member("name", call.name);
  writer.key("args");
  if (call.freeform) {
    writer.begin_object();
    writer.member("input", call.arguments);
    writer.end_object();
  } else if (object_text(call.arguments) != ObjectText::none) {
    writer.raw(call.arguments);
  } else {
    if (!call.arguments.empty()) drops.add("tool arguments that are no JSON object");
    writer.raw("{}");
  }
  writer.end_object();
  if (!call.signature.empty()) {
    writer.member("thoughtSignature", wire_signature(call.signature, {}));
  }
  writer.end_object();
}

bool holds_whole(const chat::Block& block, bool own, chat::Drops& drops) {
  if (const auto* opaque = std::get_if<chat::Opaque>(&block.value)) {
    if (!own) drops.add("a block of the answer of type ", opaque->type);
    return own;
  }
  const chat::Source* source = source_of(block);
  if (source == nullptr) return false;
  const bool fits =
      source->kind == chat::Source::Kind::base64 || source->kind == chat::Source::Kind::url;
  if (!fits) drops.add("a file in the answer");
  return fits;
}

void write_whole_part(json::Writer& writer, const chat::Block& block) {
  if (const auto* opaque = std::get_if<chat::Opaque>(&block.value)) return writer.raw(opaque->raw);
  write_source(writer, *source_of(block));
}

Bytes candidate_member(Bytes extra, bool own) {
  if (extra == "safety_ratings") return "safetyRatings";
  if (extra == "grounding_metadata") return "groundingMetadata";
  if (extra == "logprobs" || extra == "promptFeedback" || !own) return {};
  return extra;
}

}  // namespace aigw::dialect::gemini
