#include "dialect/bedrock_converse/decode_message.h"

#include <string>

#include "dialect/bedrock_converse/media.h"
#include "dialect/bedrock_converse/members.h"
#include "dialect/bedrock_converse/redacted.h"

namespace aigw::dialect::bedrock_converse {
namespace {

using chat::Block;
using json::Value;

constexpr Bytes kContent = "messages[].content[]";
constexpr Bytes kResult = "messages[].content[].toolResult.content[]";

std::string joined(Bytes path, Bytes name) {
  std::string whole(path);
  whole += '.';
  whole += name;
  return whole;
}

}  // namespace

std::span<const chat::Message> MessageDecoder::messages(const Value& messages) {
  ArenaVector<chat::Message> all(arena_);
  for (const Value& from : reader_.elements(messages)) {
    const Bytes role = reader_.required_string(from, "role");
    chat::Message message;
    if (role == "assistant") {
      message.role = chat::Role::assistant;
    } else if (role == "system") {
      message.role = chat::Role::system;
    } else if (role != "user" && reader_.ok()) {
      reader_.fail(from["role"], "must be user, assistant or system");
    }
    ArenaVector<Block> blocks(arena_);
    for (const Value& element : reader_.required_elements(from, "content")) block(element, kContent, blocks);
    if (!reader_.ok() || refused_) break;
    report_unknown(from, {"role", "content"}, "messages[].", drops_);
    message.content = chat::Blocks(blocks.items());
    all.push_back(message);
  }
  return all.items();
}

chat::Blocks MessageDecoder::system(const Value& system) {
  ArenaVector<Block> blocks(arena_);
  for (const Value& element : reader_.elements(system)) block(element, "system[]", blocks);
  return chat::Blocks(blocks.items());
}

chat::CachePoint MessageDecoder::cache_point(const Value& point, Bytes path) {
  report_unknown(point, {"type", "ttl"}, joined(path, "cachePoint."), drops_);
  return {.ttl = reader_.string(point["ttl"])};
}

void MessageDecoder::refuse(Bytes path, Bytes name) {
  if (!refused_) refused_ = chat::cannot("this backend", joined(path, name) + ": only Bedrock can");
}

// A block is an object with one member, which says of what kind it is.
void MessageDecoder::block(const Value& block, Bytes path, ArenaVector<Block>& to) {
  if (!reader_.ok() || refused_) return;
  bool any = false;
  for (const Value& member : reader_.members(block)) {
    if (!member.exists_and_not_null()) continue;
    any = true;
    if (known(member, path, to)) continue;
    // What is shown to the model; left out it would be missed.
    if (is_one_of(member.name(), {"video", "searchResult"})) {
      refuse(path, member.name());
    } else {
      to.push_back(chat::Opaque{.type = member.name(), .raw = block.raw()});
    }
  }
  if (!any) reader_.fail(block, "must have a member that says of what kind it is");
}

bool MessageDecoder::known(const Value& member, Bytes path, ArenaVector<Block>& to) {
  const Bytes name = member.name();
  if (name == "text") {
    text(member, to);
  } else if (name == "cachePoint") {
    to.push_back(cache_point(member, path));
  } else if (name == "guardContent") {
    guarded(member, path, to);
  } else if (path == "system[]") {
    return false;
  } else if (name == "image") {
    image(member, path, to);
  } else if (name == "document") {
    document(member, path, to);
  } else if (name == "audio") {
    audio(member, path, to);
  } else if (name == "toolUse") {
    tool_use(member, to);
  } else if (name == "toolResult") {
    tool_result(member, to);
  } else if (name == "reasoningContent") {
    reasoning(member, to);
  } else if (name == "citationsContent") {
    cited(member, to);
  } else if (name == "json" && path == kResult) {
    to.push_back(chat::Text{.text = member.raw()});
  } else {
    return false;
  }
  return true;
}

void MessageDecoder::text(const Value& text, ArenaVector<Block>& to) {
  to.push_back(chat::Text{.text = reader_.string(text), .escaped = text.escaped_text()});
}

Bytes MessageDecoder::bytes(const Value& media, Bytes path) {
  const Value& source = media["source"];
  if (!source.exists_and_not_null()) {
    reader_.missing(media, "source");
  } else if (source["s3Location"].exists_and_not_null()) {
    refuse(path, "source.s3Location");
  } else {
    return reader_.required_string(source, "bytes");
  }
  return {};
}

void MessageDecoder::image(const Value& image, Bytes path, ArenaVector<Block>& to) {
  const Bytes format = reader_.required_string(image, "format");
  report_unknown(image, {"format", "source"}, joined(path, "image."), drops_);
  to.push_back(chat::Image{
      {.data = bytes(image, joined(path, "image")), .media_type = image_media_type(format, arena_)}});
}

Bytes MessageDecoder::joined_texts(const Value& parts) {
  const std::span<const Value> all = reader_.elements(parts);
  if (all.size() == 1) return reader_.string(all[0]["text"]);
  std::string text;
  for (const Value& part : all) text += reader_.string(part["text"]);
  return arena_.copy(text);
}

void MessageDecoder::document(const Value& document, Bytes path, ArenaVector<Block>& to) {
  const Value& source = document["source"];
  chat::File file{.name = reader_.string(document["name"]),
                  .context = reader_.string(document["context"]),
                  .citations_config = reader_.object_text(document["citations"])};
  const Bytes format = reader_.string(document["format"]);
  file.source.media_type = format.empty() ? Bytes("text/plain") : document_media_type(format);
  if (source["text"].exists_and_not_null()) {
    file.source.kind = chat::Source::Kind::text;
    file.source.data = reader_.string(source["text"]);
  } else if (source["content"].exists_and_not_null()) {
    file.source.kind = chat::Source::Kind::text;
    file.source.data = joined_texts(source["content"]);
  } else {
    file.source.data = bytes(document, joined(path, "document"));
  }
  report_unknown(document, {"format", "name", "source", "context", "citations"}, joined(path, "document."), drops_);
  to.push_back(file);
}

void MessageDecoder::audio(const Value& audio, Bytes path, ArenaVector<Block>& to) {
  std::string type = "audio/";
  type += reader_.required_string(audio, "format");
  report_unknown(audio, {"format", "source"}, joined(path, "audio."), drops_);
  to.push_back(chat::Audio{{.data = bytes(audio, joined(path, "audio")), .media_type = arena_.copy(type)}});
}

void MessageDecoder::tool_use(const Value& call, ArenaVector<Block>& to) {
  const Bytes input = reader_.object_text(call["input"]);
  // Calls of tools that the service runs say so in `type`.
  report_unknown(call, {"toolUseId", "name", "input"}, "messages[].content[].toolUse.", drops_);
  to.push_back(chat::ToolCall{.id = reader_.required_string(call, "toolUseId"),
                              .name = reader_.required_string(call, "name"),
                              .arguments = input.empty() ? Bytes("{}") : input});
}

void MessageDecoder::tool_result(const Value& from, ArenaVector<Block>& to) {
  chat::ToolResult result{.call_id = reader_.required_string(from, "toolUseId")};
  const Bytes status = reader_.string(from["status"]);
  if (!status.empty()) result.is_error = status == "error";
  ArenaVector<Block> content(arena_);
  for (const Value& element : reader_.elements(from["content"])) block(element, kResult, content);
  result.content = chat::Blocks(content.items());
  report_unknown(from, {"toolUseId", "content", "status"}, "messages[].content[].toolResult.", drops_);
  to.push_back(result);
}

// What a guardrail of Bedrock's looks at is what is said, too.
void MessageDecoder::guarded(const Value& content, Bytes path, ArenaVector<Block>& to) {
  if (content["image"].exists_and_not_null()) {
    image(content["image"], joined(path, "guardContent"), to);
  } else {
    text(content["text"]["text"], to);
    report_unknown(content["text"], {"text"}, joined(path, "guardContent.text."), drops_);
  }
}

void MessageDecoder::reasoning(const Value& content, ArenaVector<Block>& to) {
  if (content["redactedContent"].exists_and_not_null()) {
    to.push_back(chat::Reasoning{.redacted = read_redacted(reader_.string(content["redactedContent"]), arena_)});
    return;
  }
  const Value& thought = content["reasoningText"];
  if (!thought.exists_and_not_null()) return reader_.missing(content, "reasoningText");
  to.push_back(
      chat::Reasoning{.text = reader_.string(thought["text"]), .signature = reader_.string(thought["signature"])});
}

void MessageDecoder::cited(const Value& content, ArenaVector<Block>& to) {
  chat::Text text{.text = joined_texts(content["content"])};
  if (!reader_.elements(content["citations"]).empty()) text.citations = content["citations"].raw();
  to.push_back(text);
}

}  // namespace aigw::dialect::bedrock_converse
