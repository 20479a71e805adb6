#include "dialect/openai_responses/encode_items.h"

#include <algorithm>
#include <string>
#include <variant>

#include "dialect/openai_responses/language.h"
#include "dialect/openai_responses/seal.h"

namespace aigw::dialect::openai_responses {
namespace {

using chat::Source;

// The one text that a string can hold; null where parts are needed.
const chat::Text* only_text(chat::Blocks blocks, bool own) {
  const chat::Text* only = nullptr;
  for (const chat::Block& block : blocks) {
    if (std::holds_alternative<chat::CachePoint>(block.value)) continue;
    if (only != nullptr) return nullptr;
    only = std::get_if<chat::Text>(&block.value);
    if (only == nullptr) return nullptr;
  }
  if (only != nullptr && own && (only->text.empty() || !only->citations.empty())) return nullptr;
  return only;
}

bool is_result(const chat::Block& block) {
  return std::holds_alternative<chat::ToolResult>(block.value);
}

// What stands among the items themselves.
bool is_item(const chat::Block& block) {
  return is_result(block) || std::holds_alternative<chat::Opaque>(block.value);
}

// What a message item is needed for.
bool is_said(const chat::Block& block, bool own) {
  if (is_item(block) || std::holds_alternative<chat::CachePoint>(block.value)) return false;
  const auto* text = std::get_if<chat::Text>(&block.value);
  return own || text == nullptr || !text->text.empty();
}

}  // namespace

void ItemEncoder::refuse(Bytes what) {
  if (result_) result_ = chat::cannot(kTarget, what);
}

void ItemEncoder::message(const chat::Message& message) {
  if (!message.name.empty()) drops_.add("messages[].name");
  switch (message.role) {
    case chat::Role::user:
      return user(message);
    case chat::Role::assistant:
      return assistant(message);
    case chat::Role::system:
      return spoken("developer", message.content);
  }
}

// Results of tools go first, because they have to follow the calls.
void ItemEncoder::user(const chat::Message& message) {
  bool any_item = false;
  bool any_other = false;
  for (const chat::Block& block : message.content) {
    any_item = any_item || is_item(block);
    any_other = any_other || is_said(block, own_);
    if (const auto* result = std::get_if<chat::ToolResult>(&block.value)) tool_result(*result);
    if (const auto* item = std::get_if<chat::Opaque>(&block.value)) opaque(*item);
  }
  if (any_other || (own_ && !any_item)) spoken("user", message.content);
}

void ItemEncoder::spoken(Bytes role, chat::Blocks blocks) {
  writer_.begin_object();
  writer_.member("role", role);
  writer_.key("content");
  content(blocks);
  writer_.end_object();
}

void ItemEncoder::content(chat::Blocks blocks) {
  if (const chat::Text* text = only_text(blocks, own_)) {
    for (const chat::Block& block : blocks) {
      if (std::holds_alternative<chat::CachePoint>(block.value)) part(block);
    }
    if (!text->citations.empty()) drops_.add("messages[].content[].citations");
    return writer_.string(text->text);
  }
  writer_.begin_array();
  for (const chat::Block& block : blocks) part(block);
  writer_.end_array();
}

void ItemEncoder::tool_result(const chat::ToolResult& result) {
  writer_.begin_object();
  writer_.member("type", result.freeform ? "custom_tool_call_output" : "function_call_output");
  writer_.member("call_id", result.call_id);
  writer_.key("output");
  if (result.content.empty()) {
    writer_.string("");
  } else {
    content(result.content);
  }
  writer_.end_object();
  if (result.is_error.value_or(false)) drops_.add("messages[].content[].is_error");
}

void ItemEncoder::assistant(const chat::Message& message) {
  for (const chat::Block& block : message.content) {
    std::visit(chat::Overload{
                   [&](const chat::Text& text) { assistant_text(text); },
                   [&](const chat::ToolCall& call) { tool_call(call); },
                   [&](const chat::Reasoning& thought) { reasoning(thought); },
                   [&](const chat::Opaque& item) { opaque(item); },
                   [&](const chat::CachePoint&) {
                     drops_.add("messages[].content[].cache_control");
                   },
                   // None of these is the assistant's to say in this language.
                   [&](const chat::Image&) { drops_.add("messages[].content[] of type image"); },
                   [&](const chat::File&) { drops_.add("messages[].content[] of type file"); },
                   [&](const chat::Audio&) { drops_.add("messages[].content[] of type audio"); },
                   [](const chat::ToolResult&) {},
               },
               block.value);
  }
}

// A string needs no id. What a string cannot hold is an output item, whose id the provider does not
// look up as long as nothing is stored there.
void ItemEncoder::assistant_text(const chat::Text& text) {
  const bool cited = own_ && !text.citations.empty();
  if (!text.refusal && !cited && !(own_ && text.text.empty())) {
    if (!text.citations.empty()) drops_.add("messages[].content[].citations");
    if (text.text.empty()) return;
    writer_.begin_object();
    writer_.member("role", "assistant");
    writer_.member("content", text.text);
    return writer_.end_object();
  }
  writer_.begin_object();
  writer_.member("type", "message");
  writer_.member("id", "msg_" + std::to_string(ids_++));
  writer_.member("status", "completed");
  writer_.member("role", "assistant");
  writer_.member_array("content");
  writer_.begin_object();
  if (text.refusal) {
    writer_.member("type", "refusal");
    writer_.member("refusal", text.text);
  } else {
    writer_.member("type", "output_text");
    writer_.member("text", text.text);
    writer_.member_raw("annotations", text.citations.empty() ? Bytes("[]") : text.citations);
  }
  writer_.end_object();
  writer_.end_array();
  writer_.end_object();
}

void ItemEncoder::tool_call(const chat::ToolCall& call) {
  writer_.begin_object();
  writer_.member("type", call.freeform ? "custom_tool_call" : "function_call");
  writer_.member("call_id", call.id);
  writer_.member("name", call.name);
  // A call without arguments is one with none, which is an object in the text.
  const bool none = call.arguments.empty() && !own_ && !call.freeform;
  writer_.member(call.freeform ? "input" : "arguments", none ? Bytes("{}") : call.arguments);
  writer_.end_object();
  if (call.signature.empty()) return;
  if (!own_) return drops_.add("messages[].content[].signature");
  writer_.begin_object();
  writer_.member("type", "reasoning");
  writer_.member("id", "rs_" + std::to_string(ids_++));
  writer_.member_array("summary");
  writer_.end_array();
  std::string sealed(kSealedCall);
  sealed += call.id;
  sealed += ':';
  sealed += call.signature;
  writer_.member("encrypted_content", sealed);
  writer_.end_object();
}

// Reasoning without a seal means nothing to the provider: it would look for a stored item.
void ItemEncoder::reasoning(const chat::Reasoning& reasoning) {
  const bool redacted = !reasoning.redacted.empty();
  const Bytes given = redacted ? reasoning.redacted : reasoning.signature;
  const std::optional<OwnSeal> seal = open_own(given);
  if (!own_ && !seal) return drops_.add("messages[].content[] of type thinking");
  writer_.begin_object();
  writer_.member("type", "reasoning");
  writer_.member("id", seal ? std::string(seal->id) : "rs_" + std::to_string(ids_++));
  writer_.member_array("summary");
  // What came without anything encrypted has its text as content: that is how open models say it.
  const bool open_model = seal && seal->encrypted.empty();
  const auto text = [&](Bytes type) {
    if (reasoning.text.empty()) return;
    writer_.begin_object();
    writer_.member("type", type);
    writer_.member("text", reasoning.text);
    writer_.end_object();
  };
  if (!open_model) text("summary_text");
  writer_.end_array();
  if (open_model) {
    writer_.member_array("content");
    text("reasoning_text");
    writer_.end_array();
  } else if (seal) {
    writer_.member("encrypted_content", seal->encrypted);
  } else if (!given.empty()) {
    std::string sealed(redacted ? kSealedRedacted : kSealedSignature);
    sealed += given;
    writer_.member("encrypted_content", sealed);
  }
  writer_.end_object();
}

void ItemEncoder::part(const chat::Block& block) {
  std::visit(chat::Overload{
                 [&](const chat::Text& text) {
                   text_part(text.text);
                   if (!text.citations.empty()) drops_.add("messages[].content[].citations");
                 },
                 [&](const chat::Image& of) { image(of); },
                 [&](const chat::File& of) { file(of); },
                 [&](const chat::Audio& of) { audio(of); },
                 [&](const chat::CachePoint&) {
                   drops_.add("messages[].content[].cache_control");
                 },
                 [](const chat::Opaque&) {},      // these stand in the list of items
                 [](const chat::ToolResult&) {},
                 [](const chat::ToolCall&) {},    // these two are the assistant's
                 [](const chat::Reasoning&) {},
             },
             block.value);
}

void ItemEncoder::text_part(Bytes text) {
  writer_.begin_object();
  writer_.member("type", "input_text");
  writer_.member("text", text);
  writer_.end_object();
}

void ItemEncoder::base64(const Source& source, Bytes media_type) {
  writer_.begin_string();
  writer_.string_part("data:");
  writer_.string_part(source.media_type.empty() ? media_type : source.media_type);
  writer_.string_part(";base64,");
  writer_.string_part(source.data);
  writer_.end_string();
}

void ItemEncoder::image(const chat::Image& image) {
  if (image.source.kind == Source::Kind::file_id && !own_) {
    return refuse("an image that is a file uploaded at another provider");
  }
  writer_.begin_object();
  writer_.member("type", "input_image");
  if (image.source.kind == Source::Kind::base64) {
    writer_.key("image_url");
    base64(image.source, own_ ? Bytes() : "image/png");
  } else {
    writer_.member(image.source.kind == Source::Kind::url ? "image_url" : "file_id",
                   image.source.data);
  }
  writer_.member_unless_empty("detail", image.detail.empty() && !own_ ? "auto" : image.detail);
  writer_.end_object();
}

void ItemEncoder::file(const chat::File& file) {
  const Source& source = file.source;
  if (!file.context.empty()) drops_.add("messages[].content[].context");
  if (!file.citations_config.empty()) drops_.add("messages[].content[].citations");
  if (source.kind == Source::Kind::text) return text_part(source.data);
  if (source.kind == Source::Kind::file_id && !own_) {
    return refuse("a document that is a file uploaded at another provider");
  }
  writer_.begin_object();
  writer_.member("type", "input_file");
  if (source.kind == Source::Kind::url) {
    writer_.member("file_url", source.data);
  } else if (source.kind == Source::Kind::file_id) {
    writer_.member("file_id", source.data);
  } else {
    writer_.key("file_data");
    if (own_ && source.media_type.empty()) {
      writer_.string(source.data);
    } else {
      base64(source, "application/pdf");
    }
  }
  // Data without a name is refused by the provider.
  const bool nameless = file.name.empty() && source.kind == Source::Kind::base64 && !own_;
  writer_.member_unless_empty("filename", nameless ? Bytes("document.pdf") : file.name);
  writer_.end_object();
}

void ItemEncoder::audio(const chat::Audio& audio) {
  constexpr Bytes kPrefix = "audio/";
  Bytes format = audio.source.media_type;
  if (!own_ || audio.source.kind != Source::Kind::base64 || !format.starts_with(kPrefix)) {
    return refuse("messages[].content[] with audio");
  }
  format.remove_prefix(kPrefix.size());
  writer_.begin_object();
  writer_.member("type", "input_audio");
  writer_.member_object("input_audio");
  writer_.member("data", audio.source.data);
  writer_.member("format", format);
  writer_.end_object();
  writer_.end_object();
}

void ItemEncoder::opaque(const chat::Opaque& opaque) {
  if (own_) return writer_.raw(opaque.raw);
  drops_.add("messages[].content[] of type ", opaque.type);
}

}  // namespace aigw::dialect::openai_responses
