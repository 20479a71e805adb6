#include "dialect/openai_chat/decode_message.h"

#include <algorithm>
#include <string>

#include "http/data_url.h"

namespace aigw::dialect::openai_chat {
namespace {

constexpr Bytes kPartPath = "messages[].content[].";
constexpr Bytes kPartCachePath = "messages[].content[].cache_control";

Bytes joined(Bytes head, Bytes tail, Arena& arena) {
  char* to = arena.allocate(head.size() + tail.size());
  std::copy(head.begin(), head.end(), to);
  std::copy(tail.begin(), tail.end(), to + head.size());
  return {to, head.size() + tail.size()};
}

bool is_pdf_url(Bytes url) {
  constexpr Bytes kEnd = ".pdf";
  if (url.size() < kEnd.size()) return false;
  return std::equal(kEnd.begin(), kEnd.end(), url.end() - kEnd.size(), [](char want, char c) {
    return want == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  });
}

bool is_reasoning_part(const json::Value& part) {
  const Bytes type = part["type"].text();
  return type == "thinking" || type == "redacted_thinking";
}

}  // namespace

chat::Reasoning read_reasoning_content(json::Reader& reader, const json::Value& value) {
  if (!value.is_object()) return {.text = reader.string(value)};
  const json::Value& nested = value["reasoningContent"];
  const json::Value& text = nested["reasoningText"];
  return {.text = reader.string(text["text"]),
          .signature = reader.string(text["signature"]),
          .redacted = reader.string(nested["redactedContent"])};
}

void MessageDecoder::drop_others(const json::Value& object, std::initializer_list<Bytes> known,
                                 Bytes head) {
  for (const json::Value& member : object.members()) {
    if (!member.exists_and_not_null()) continue;
    if (std::find(known.begin(), known.end(), member.name()) == known.end()) {
      drops_.add(head, member.name());
    }
  }
}

std::optional<chat::CachePoint> MessageDecoder::cache_point(const json::Value& object, Bytes path) {
  const json::Value& control = object["cache_control"];
  reader_.members(control);
  if (!control.is_object()) return std::nullopt;
  if (reader_.string(control["type"]) != "ephemeral") {
    drops_.add(path);
    return std::nullopt;
  }
  return chat::CachePoint{reader_.string(control["ttl"])};
}

void MessageDecoder::add_cache_point(const json::Value& object, Bytes path,
                                     ArenaVector<chat::Block>& to) {
  const std::optional<chat::CachePoint> point = cache_point(object, path);
  if (!point) return;
  if (to.empty()) {
    drops_.add(path);  // it covers nothing
  } else {
    to.push_back(*point);
  }
}

void MessageDecoder::request_message(const json::Value& message) {
  if (!message.is_object()) return reader_.fail(message, "must be an object");
  const Bytes role = reader_.required_string(message, "role");
  if (role == "tool") return tool_message(message);
  flush_results();
  if (role == "user") {
    ArenaVector<chat::Block> blocks(arena_);
    content(message["content"], Speaker::user, blocks);
    drop_others(message, {"role", "content", "name"}, "messages[].");
    messages_.push_back({chat::Role::user, blocks.items(), reader_.string(message["name"])});
  } else if (role == "assistant") {
    assistant_message(message);
  } else if (role == "system" || role == "developer") {
    system_message(message);
  } else if (reader_.ok()) {
    reader_.fail(message["role"], "must be system, developer, user, assistant or tool");
  }
}

void MessageDecoder::finish() { flush_results(); }

void MessageDecoder::system_message(const json::Value& message) {
  drop_others(message, {"role", "content", "name"}, "messages[].");
  const Bytes name = reader_.string(message["name"]);
  if (messages_.empty()) {
    if (!name.empty()) drops_.add("messages[].name");
    content(message["content"], Speaker::system, system_);
  } else {
    ArenaVector<chat::Block> blocks(arena_);
    content(message["content"], Speaker::system, blocks);
    messages_.push_back({chat::Role::system, blocks.items(), name});
  }
}

void MessageDecoder::assistant_message(const json::Value& message) {
  drop_others(message,
              {"role", "content", "name", "refusal", "tool_calls", "thinking_blocks",
               "reasoning_content", "reasoning"},
              "messages[].");
  ArenaVector<chat::Block> blocks(arena_);
  assistant_blocks(message, blocks);
  for (const chat::Block& block : blocks.items()) {
    const auto* call = std::get_if<chat::ToolCall>(&block.value);
    if (call != nullptr && call->freeform) freeform_calls_.push_back(call->id);
  }
  messages_.push_back({chat::Role::assistant, blocks.items(), reader_.string(message["name"])});
}

void MessageDecoder::tool_message(const json::Value& message) {
  drop_others(message, {"role", "content", "tool_call_id", "cache_control"}, "messages[].");
  const Bytes id = reader_.string(message["tool_call_id"]);
  ArenaVector<chat::Block> blocks(arena_);
  content(message["content"], Speaker::tool, blocks);
  results_.push_back(chat::ToolResult{
      .call_id = id, .content = blocks.items(), .freeform = answers_freeform_call(id)});
  add_cache_point(message, "messages[].cache_control", results_);
}

bool MessageDecoder::answers_freeform_call(Bytes id) const {
  const std::span<const Bytes> ids = freeform_calls_.items();
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

void MessageDecoder::flush_results() {
  if (results_.empty()) return;
  messages_.push_back({chat::Role::user, results_.items(), {}});
  results_ = ArenaVector<chat::Block>(arena_);
}

void MessageDecoder::assistant_blocks(const json::Value& message, ArenaVector<chat::Block>& to) {
  // Reasoning among the parts of the content is the same that stands beside it.
  const std::span<const json::Value> parts = message["content"].elements();
  if (std::none_of(parts.begin(), parts.end(), is_reasoning_part)) reasoning(message, to);
  content(message["content"], Speaker::assistant, to);
  const Bytes refusal = reader_.string(message["refusal"]);
  if (!refusal.empty()) to.push_back(chat::Text{.text = refusal, .refusal = true});
  for (const json::Value& call : reader_.elements(message["tool_calls"])) tool_call(call, to);
}

// `thinking_blocks` says more than `reasoning_content`, so it goes first. A client that joined a
// stream may have the text in the one and the signature in the other.
void MessageDecoder::reasoning(const json::Value& message, ArenaVector<chat::Block>& to) {
  const json::Value& content = message["reasoning_content"];
  chat::Reasoning beside = read_reasoning_content(
      reader_, content.exists_and_not_null() ? content : message["reasoning"]);
  const size_t before = to.size();
  Bytes spare = beside.signature.empty() && beside.redacted.empty() ? beside.text : Bytes();
  for (const json::Value& entry : reader_.elements(message["thinking_blocks"])) {
    thinking_block(entry, spare, to);
  }
  if (to.size() != before) return;
  if (!beside.text.empty() || !beside.signature.empty() || !beside.redacted.empty()) {
    to.push_back(beside);
  }
}

void MessageDecoder::thinking_block(const json::Value& entry, Bytes& spare,
                                    ArenaVector<chat::Block>& to) {
  if (!entry.is_object()) return reader_.fail(entry, "must be an object");
  const Bytes type = reader_.string(entry["type"]);
  if (type == "redacted_thinking") {
    to.push_back(chat::Reasoning{.redacted = reader_.string(entry["data"])});
    return;
  }
  chat::Reasoning block{.text = reader_.string(entry["thinking"]),
                        .signature = reader_.string(entry["signature"])};
  if (!block.text.empty()) {
    spare = {};
    to.push_back(block);
    return;
  }
  if (block.signature.empty()) return;
  if (!to.empty()) {
    auto* last = std::get_if<chat::Reasoning>(&to.back().value);
    if (last != nullptr && !last->text.empty() && last->signature.empty()) {
      last->signature = block.signature;
      return;
    }
  }
  block.text = spare;
  spare = {};
  to.push_back(block);
}

void MessageDecoder::tool_call(const json::Value& call, ArenaVector<chat::Block>& to) {
  if (!call.is_object()) return reader_.fail(call, "must be an object");
  const bool freeform = call["type"].text() == "custom";
  const json::Value& function = call[freeform ? "custom" : "function"];
  if (!function.is_object()) {
    return function.exists_and_not_null() ? reader_.fail(function, "must be an object")
                                          : reader_.missing(call, freeform ? "custom" : "function");
  }
  const json::Value& arguments = function[freeform ? "input" : "arguments"];
  to.push_back(chat::ToolCall{
      .id = reader_.string(call["id"]),
      .name = reader_.string(function["name"]),
      .arguments = arguments.is_object() ? arguments.raw() : reader_.string(arguments),
      .freeform = freeform});
  add_cache_point(call, "messages[].tool_calls[].cache_control", to);
}

void MessageDecoder::content(const json::Value& content, Speaker speaker,
                             ArenaVector<chat::Block>& to) {
  if (content.is_string()) {
    if (!content.text().empty())
      to.push_back(chat::Text{.text = content.text(), .escaped = content.escaped_text()});
  } else if (content.is_object()) {
    part(content, speaker, to);
  } else if (content.is_array()) {
    for (const json::Value& element : content.elements()) part(element, speaker, to);
  } else if (content.exists_and_not_null()) {
    reader_.fail(content, "must be a string or an array of parts");
  }
}

void MessageDecoder::part(const json::Value& part, Speaker speaker, ArenaVector<chat::Block>& to) {
  if (!part.is_object()) return reader_.fail(part, "must be an object");
  const Bytes type = reader_.required_string(part, "type");
  if (!reader_.ok()) return;
  bool known = text_part(type, part, to);
  if (!known && (speaker == Speaker::user || speaker == Speaker::tool)) {
    known = media_part(type, part, to);
  }
  if (!known && speaker == Speaker::assistant) known = assistant_part(type, part, to);
  if (!known) return reader_.fail(part["type"], "is no type of content part that is known here");
  // An opaque part keeps its marker.
  if (to.empty() || !std::holds_alternative<chat::Opaque>(to.back().value)) {
    add_cache_point(part, kPartCachePath, to);
  }
}

bool MessageDecoder::text_part(Bytes type, const json::Value& part, ArenaVector<chat::Block>& to) {
  if (type != "text") return false;
  const json::Value& text = part["text"];
  to.push_back(chat::Text{.text = reader_.string(text), .escaped = text.escaped_text()});
  drop_others(part, {"type", "text", "cache_control"}, kPartPath);
  return true;
}

bool MessageDecoder::media_part(Bytes type, const json::Value& part, ArenaVector<chat::Block>& to) {
  if (type == "image_url") {
    image(part, to);
  } else if (type == "file") {
    file(part, to);
  } else if (type == "input_audio") {
    const json::Value& audio = part["input_audio"];
    if (!audio.is_object()) reader_.missing(part, "input_audio");
    to.push_back(chat::Audio{{chat::Source::Kind::base64, reader_.string(audio["data"]),
                              joined("audio/", reader_.string(audio["format"]), arena_)}});
  } else if (type == "audio_url") {
    to.push_back(chat::Audio{url_source(part["audio_url"]["url"])});
  } else if (type == "video_url") {
    to.push_back(chat::Opaque{"video_url", part.raw()});
    return true;
  } else {
    return false;
  }
  drop_others(part, {"type", type, "cache_control"}, kPartPath);
  return true;
}

bool MessageDecoder::assistant_part(Bytes type, const json::Value& part,
                                    ArenaVector<chat::Block>& to) {
  if (type == "refusal") {
    to.push_back(chat::Text{.text = reader_.string(part["refusal"]), .refusal = true});
  } else if (type == "thinking") {
    to.push_back(chat::Reasoning{.text = reader_.string(part["text"]),
                                 .signature = reader_.string(part["signature"])});
  } else if (type == "redacted_thinking") {
    to.push_back(chat::Reasoning{.redacted = reader_.string(part["redactedContent"])});
  } else {
    return false;
  }
  drop_others(part, {"type", "refusal", "text", "signature", "redactedContent", "cache_control"},
              kPartPath);
  return true;
}

// A PDF comes as an image too: that is how clients give one to models that read documents.
void MessageDecoder::image(const json::Value& part, ArenaVector<chat::Block>& to) {
  const json::Value& image = part["image_url"];
  const json::Value& url = image["url"];
  if (!url.is_string()) return reader_.fail(part, "must have image_url.url, a string");
  const chat::Source source = url_source(url);
  const bool is_pdf = source.kind == chat::Source::Kind::url
                          ? is_pdf_url(source.data)
                          : source.media_type == "application/pdf";
  if (is_pdf) {
    to.push_back(chat::File{.source = source});
  } else {
    to.push_back(chat::Image{source, reader_.string(image["detail"])});
  }
}

chat::Source MessageDecoder::url_source(const json::Value& url) {
  const Bytes text = reader_.string(url);
  if (!http::is_data_url(text)) return {chat::Source::Kind::url, text, {}};
  const std::optional<http::DataUrl> data = http::read_data_url(text);
  if (!data) {
    reader_.fail(url, "must be a URL, or a data: URL in base64");
    return {};
  }
  return {chat::Source::Kind::base64, data->base64, data->media_type};
}

void MessageDecoder::file(const json::Value& part, ArenaVector<chat::Block>& to) {
  const json::Value& file = part["file"];
  if (!file.is_object()) return reader_.missing(part, "file");
  drop_others(file, {"file_data", "file_id", "filename"}, "messages[].content[].file.");
  const Bytes name = reader_.string(file["filename"]);
  const Bytes data = reader_.string(file["file_data"]);
  if (data.empty()) {
    const Bytes id = reader_.string(file["file_id"]);
    if (id.empty()) return reader_.fail(file, "must have file_data or file_id");
    to.push_back(chat::File{.source = {chat::Source::Kind::file_id, id, {}}, .name = name});
  } else {
    chat::Source source = http::is_data_url(data) ? url_source(file["file_data"])
                                                  : chat::Source{chat::Source::Kind::base64, data, {}};
    if (source.media_type.empty() && is_pdf_url(name)) source.media_type = "application/pdf";
    to.push_back(chat::File{.source = source, .name = name});
  }
}

}  // namespace aigw::dialect::openai_chat
