#include "dialect/bedrock_converse/encode_message.h"

#include <string>

#include "dialect/bedrock_converse/language.h"
#include "dialect/bedrock_converse/raw_json.h"

namespace aigw::dialect::bedrock_converse {
namespace {

using chat::Block;
using chat::Blocks;
using chat::Message;
using chat::Overload;
using chat::Role;
using chat::Source;

Failure refuse(Bytes what) { return chat::cannot(kTarget, what); }

bool is_empty_text(const Block& block) {
  const auto* text = std::get_if<chat::Text>(&block.value);
  return text != nullptr && text->text.empty();
}

// A reasoning block without anything in it.
bool is_empty_reasoning(const chat::Reasoning& reasoning) {
  return reasoning.text.empty() && reasoning.signature.empty() && reasoning.redacted.empty();
}

bool says_nothing(const Message& message) {
  for (const Block& block : message.content) {
    if (!is_empty_text(block)) return false;
  }
  return true;
}

// Whether to write this message at all.
bool is_written(const Message& message) {
  if (message.role == Role::system) return false;
  return message.role == Role::user || !says_nothing(message);
}

}  // namespace

bool MessageEncoder::writes_system(Blocks blocks) const {
  for (const Block& block : blocks) {
    if (std::holds_alternative<chat::Opaque>(block.value) && !own_) continue;
    if (std::holds_alternative<chat::CachePoint>(block.value)) continue;
    if (!is_empty_text(block)) return true;
  }
  return false;
}

Result<void> MessageEncoder::system(Blocks blocks) {
  writer_.begin_array();
  any_item_ = after_cache_ = false;
  for (const Block& block : blocks) {
    if (is_empty_text(block)) continue;  // SystemContentBlock's text has a character at least
    if (const auto* text = std::get_if<chat::Text>(&block.value)) {
      AIGW_TRY(this->text(*text, Role::system));
    } else if (const auto* point = std::get_if<chat::CachePoint>(&block.value)) {
      cache_point_in_list(*point);
    } else if (const auto* opaque = std::get_if<chat::Opaque>(&block.value)) {
      this->opaque(*opaque);
    } else {
      return refuse("a system prompt that is not text");
    }
  }
  writer_.end_array();
  return {};
}

Result<void> MessageEncoder::messages(std::span<const Message> messages) {
  writer_.begin_array();
  const Message* open = nullptr;  // the message whose object is not closed yet
  const auto close = [&] {
    if (open == nullptr) return;
    writer_.end_array();
    writer_.member("role", open->role == Role::user ? "user" : "assistant");
    writer_.end_object();
  };
  for (const Message& message : messages) {
    if (!is_written(message)) continue;
    // The service refuses two messages of one role in a row.
    const bool goes_on = open != nullptr && open->role == message.role;
    if (!goes_on) {
      close();
      writer_.begin_object();
      writer_.member_array("content");
      any_item_ = after_cache_ = false;
    }
    open = &message;
    AIGW_TRY(contents(message));
  }
  close();
  writer_.end_array();
  return {};
}

Result<void> MessageEncoder::contents(const Message& message) {
  if (!message.name.empty()) drops_.add("messages[].name");
  for (const Block& block : message.content) AIGW_TRY(this->block(block, message.role));
  return {};
}

Result<void> MessageEncoder::block(const Block& block, Role role) {
  return std::visit(Overload{[&](const chat::Text& b) { return text(b, role); },
                             [&](const chat::Image& b) { return image(b); },
                             [&](const chat::File& b) { return document(b); },
                             [](const chat::Audio&) -> Result<void> {
                               return refuse("messages[].content[] with audio");
                             },
                             [&](const chat::ToolCall& b) { return tool_use(b); },
                             [&](const chat::ToolResult& b) { return tool_result(b); },
                             [&](const chat::Reasoning& b) { return reasoning(b); },
                             [&](const chat::CachePoint& b) -> Result<void> {
                               cache_point_in_list(b);
                               return {};
                             },
                             [&](const chat::Opaque& b) -> Result<void> {
                               opaque(b);
                               return {};
                             }},
                    block.value);
}

Result<void> MessageEncoder::text(const chat::Text& text, Role role) {
  if (!text.citations.empty()) drops_.add("messages[].content[].citations");
  // The service refuses a blank text of the assistant, which says nothing anyway.
  if (text.text.empty() && role == Role::assistant) return {};
  begin_item("text");
  writer_.string(text.text, text.escaped);
  end_item();
  return {};
}

Result<void> MessageEncoder::image(const chat::Image& image) {
  const Bytes format = image_format(image.source.media_type);
  switch (image.source.kind) {
    case Source::Kind::base64:
      if (format.empty()) {
        return refuse("an image of type " + (image.source.media_type.empty()
                                                 ? std::string("unknown")
                                                 : std::string(image.source.media_type)));
      }
      break;
    case Source::Kind::url:
      return refuse("an image by its URL");
    case Source::Kind::file_id:
      return refuse("an image by the id of a file");
    case Source::Kind::text:
      return refuse("an image made of text");
  }
  if (!image.detail.empty()) drops_.add("messages[].content[].image_url.detail");
  begin_item("image");
  writer_.begin_object();
  writer_.member("format", format);
  writer_.member_object("source");
  writer_.member("bytes", image.source.data);
  writer_.end_object();
  writer_.end_object();
  end_item();
  return {};
}

Result<void> MessageEncoder::document(const chat::File& file) {
  const Source& source = file.source;
  if (source.kind == Source::Kind::url) return refuse("a document by its URL");
  if (source.kind == Source::Kind::file_id) return refuse("a document by the id of a file");
  const bool is_text = source.kind == Source::Kind::text;
  const Bytes format = is_text ? "txt" : document_format(source.media_type, file.name);
  if (format.empty()) {
    return refuse("a document of type " + (source.media_type.empty()
                                               ? std::string("unknown")
                                               : std::string(source.media_type)));
  }
  begin_item("document");
  writer_.begin_object();
  writer_.member("format", format);
  writer_.member("name", names_.next(file.name));
  writer_.member_object("source");
  writer_.member(is_text ? "text" : "bytes", source.data);
  writer_.end_object();
  writer_.member_unless_empty("context", file.context);
  writer_.member_raw_unless_empty("citations", file.citations_config);
  writer_.end_object();
  end_item();
  return {};
}

Result<void> MessageEncoder::tool_use(const chat::ToolCall& call) {
  if (call.freeform) return refuse("messages[].tool_calls[] of type custom");
  if (call.id.empty()) return refuse("messages[].tool_calls[] without an id");
  const Bytes input = call.arguments.empty() ? Bytes("{}") : call.arguments;
  if (!is_json_object(input)) {
    return refuse("messages[].tool_calls[] whose arguments are not a JSON object");
  }
  if (!call.signature.empty()) drops_.add("messages[].tool_calls[].signature");
  begin_item("toolUse");
  writer_.begin_object();
  writer_.member("name", call.name);
  writer_.member_raw("input", input);
  writer_.member("toolUseId", call.id);
  writer_.end_object();
  end_item();
  return {};
}

// A cache point inside of the result covers the prompt up to there, and Converse has none inside:
// it goes behind the result.
Result<void> MessageEncoder::tool_result(const chat::ToolResult& result) {
  const chat::CachePoint* cache = nullptr;
  begin_item("toolResult");
  writer_.begin_object();
  writer_.member_array("content");
  for (const Block& block : result.content) {
    if (const auto* point = std::get_if<chat::CachePoint>(&block.value)) {
      cache = point;
    } else {
      AIGW_TRY(result_content(block));
    }
  }
  writer_.end_array();
  writer_.key("status");
  result.is_error.value_or(false) ? writer_.string("error") : writer_.null();
  writer_.member("toolUseId", result.call_id);
  writer_.end_object();
  end_item();
  after_cache_ = false;
  if (cache != nullptr) cache_point_in_list(*cache);
  return {};
}

Result<void> MessageEncoder::result_content(const Block& block) {
  return std::visit(Overload{[&](const chat::Text& b) { return text(b, Role::user); },
                             [&](const chat::Image& b) { return image(b); },
                             [&](const chat::File& b) { return document(b); },
                             [](const chat::Audio&) -> Result<void> {
                               return refuse("the result of a tool with audio");
                             },
                             [&](const chat::Opaque& b) -> Result<void> {
                               opaque(b);
                               return {};
                             },
                             // The hub has none of these inside of a result.
                             [&](const auto&) -> Result<void> {
                               drops_.add("messages[].content[].content[]");
                               return {};
                             }},
                    block.value);
}

Result<void> MessageEncoder::reasoning(const chat::Reasoning& reasoning) {
  if (!reasoning.id.empty()) drops_.add("messages[].content[].id");
  if (is_empty_reasoning(reasoning)) return {};
  begin_item("reasoningContent");
  writer_.begin_object();
  if (!reasoning.redacted.empty()) {
    writer_.member("redactedContent", reasoning.redacted);
  } else {
    writer_.member_object("reasoningText");
    writer_.member("text", reasoning.text);
    writer_.member_unless_empty("signature", reasoning.signature);
    writer_.end_object();
  }
  writer_.end_object();
  end_item();
  return {};
}

void MessageEncoder::opaque(const chat::Opaque& opaque) {
  if (!own_) {
    drops_.add("messages[].content[] of type ", opaque.type);
    return;
  }
  writer_.raw(opaque.raw);
  any_item_ = true;
  after_cache_ = false;
}

void MessageEncoder::cache_point_in_list(const chat::CachePoint& point) {
  if (!any_item_) {
    drops_.add("messages[].content[].cache_control");
  } else if (!after_cache_) {
    cache_point(point);
    after_cache_ = true;
  }
}

void MessageEncoder::cache_point(const chat::CachePoint& point) {
  writer_.begin_object();
  writer_.member_object("cachePoint");
  writer_.member("type", "default");
  // Five minutes are the default, and not every model takes a ttl.
  if (point.ttl == "1h") writer_.member("ttl", point.ttl);
  writer_.end_object();
  writer_.end_object();
}

void MessageEncoder::begin_item(Bytes name) {
  writer_.begin_object();
  writer_.key(name);
  any_item_ = true;
  after_cache_ = false;
}

}  // namespace aigw::dialect::bedrock_converse
