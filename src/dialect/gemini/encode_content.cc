#include "dialect/gemini/encode_content.h"

#include <array>
#include <string>

#include "dialect/gemini/raw_json.h"
#include "dialect/gemini/signature.h"

namespace aigw::dialect::gemini {
namespace {

using chat::Block;
using chat::Blocks;
using chat::Overload;
using chat::Role;
using chat::Source;

// "skip_thought_signature_validator" in base64: what a call that Gemini did not make carries in the
// place of a signature, which newer models demand.
constexpr Bytes kNoSignature = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

Failure refuse(Bytes what) { return chat::cannot(kTarget, what); }

// The type that the ending of a URL's path tells; `otherwise` where it tells none.
Bytes media_type_of_url(Bytes url, Bytes otherwise) {
  struct Ending {
    Bytes ending;
    Bytes type;
  };
  constexpr std::array<Ending, 15> kEndings = {{{".jpg", "image/jpeg"},
                                                {".jpeg", "image/jpeg"},
                                                {".png", "image/png"},
                                                {".gif", "image/gif"},
                                                {".webp", "image/webp"},
                                                {".bmp", "image/bmp"},
                                                {".svg", "image/svg+xml"},
                                                {".heic", "image/heic"},
                                                {".heif", "image/heif"},
                                                {".avif", "image/avif"},
                                                {".tiff", "image/tiff"},
                                                {".pdf", "application/pdf"},
                                                {".txt", "text/plain"},
                                                {".mp3", "audio/mpeg"},
                                                {".wav", "audio/wav"}}};
  url = url.substr(0, url.find_first_of("?#"));
  const size_t dot = url.rfind('.');
  if (dot == Bytes::npos) return otherwise;
  std::string ending(url.substr(dot));
  for (char& c : ending) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const Ending& known : kEndings) {
    if (known.ending == ending) return known.type;
  }
  return otherwise;
}

bool is_empty_text(const Block& block) {
  const auto* text = std::get_if<chat::Text>(&block.value);
  return text != nullptr && text->text.empty();
}

// The signature that stands for the turn: the first one of its thoughts.
Bytes first_signature(Blocks blocks) {
  for (const Block& block : blocks) {
    const auto* reasoning = std::get_if<chat::Reasoning>(&block.value);
    if (reasoning != nullptr && !reasoning->signature.empty()) return reasoning->signature;
  }
  return {};
}

}  // namespace

Result<void> ContentEncoder::contents(std::span<const chat::Message> messages) {
  for (const chat::Message& message : messages) {
    if (message.role == Role::system) continue;
    if (!message.name.empty()) drops_.add("messages[].name");
    turn_ = message.role == Role::user ? Open::user : Open::model;
    AIGW_TRY(message.role == Role::user ? user(message) : model(message));
    if (message.role == Role::assistant) close();
  }
  close();
  any_ ? writer_.end_array() : writer_.null();
  return {};
}

Result<void> ContentEncoder::user_parts(std::span<const chat::Message> messages) {
  const size_t unset = messages.size();
  size_t last = unset;
  for (size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].role == Role::user && !chat::holds<chat::ToolResult>(messages[i].content)) {
      last = i;
    }
  }
  if (last == unset) return refuse("messages without one of the user");
  writer_.begin_object();
  writer_.member_array("parts");
  open_ = turn_ = Open::user;
  for (const chat::Message& message : messages) {
    if (message.role != Role::user || chat::holds<chat::ToolResult>(message.content)) {
      drops_.add("messages[] of others than the user");
      continue;
    }
    AIGW_TRY(user(message));
  }
  open_ = Open::none;
  writer_.end_array();
  writer_.end_object();
  return {};
}

void ContentEncoder::open() {
  const Open wanted = turn_;
  if (open_ == wanted) return;
  close();
  if (!any_) writer_.begin_array();
  any_ = true;
  open_ = wanted;
  writer_.begin_object();
  writer_.member_array("parts");
}

void ContentEncoder::close() {
  if (open_ == Open::none) return;
  writer_.end_array();
  writer_.member("role", open_ == Open::user ? "user" : "model");
  writer_.end_object();
  open_ = Open::none;
}

bool ContentEncoder::writes_system(Blocks blocks) const {
  for (const Block& block : blocks) {
    if (!std::holds_alternative<chat::CachePoint>(block.value) && !is_empty_text(block)) return true;
  }
  return false;
}

Result<void> ContentEncoder::system(Blocks blocks) {
  writer_.begin_object();
  writer_.member_array("parts");
  for (const Block& block : blocks) {
    if (std::holds_alternative<chat::CachePoint>(block.value)) {
      drops_.add("messages[].content[].cache_control");
    } else if (const auto* text = std::get_if<chat::Text>(&block.value)) {
      this->text(*text);
    } else if (const auto* opaque = std::get_if<chat::Opaque>(&block.value)) {
      this->opaque(*opaque);
    } else {
      return refuse("a system message of anything but text");
    }
  }
  writer_.end_array();
  writer_.end_object();
  return {};
}

Result<void> ContentEncoder::user(const chat::Message& message) {
  for (const Block& block : message.content) AIGW_TRY(this->block(block));
  return {};
}

// Another language's turn is written as the peer does: the calls first. The first of them carries
// the signature of the turn's thoughts, which is where Gemini looks for it.
Result<void> ContentEncoder::model(const chat::Message& message) {
  if (own_) {
    for (const Block& block : message.content) AIGW_TRY(this->block(block));
    return {};
  }
  Bytes signature = first_signature(message.content);
  if (!signature.empty() && !is_base64(signature)) {
    drops_.add("messages[].content[].signature");
    signature = {};
  }
  bool any_call = false;
  for (const Block& block : message.content) {
    const auto* call = std::get_if<chat::ToolCall>(&block.value);
    if (call == nullptr) continue;
    Bytes signed_by = call->signature;
    if (!any_call && signed_by.empty()) signed_by = signature.empty() ? kNoSignature : signature;
    AIGW_TRY(this->call(*call, signed_by));
    any_call = true;
  }
  for (const Block& block : message.content) {
    if (std::holds_alternative<chat::ToolCall>(block.value)) continue;
    const auto* reasoning = std::get_if<chat::Reasoning>(&block.value);
    AIGW_TRY(reasoning != nullptr ? thought(*reasoning, !any_call) : this->block(block));
  }
  return {};
}

Result<void> ContentEncoder::block(const Block& block) {
  return std::visit(Overload{[&](const chat::Text& b) -> Result<void> {
                               if (b.refusal && !own_) {
                                 drops_.add("messages[].refusal");
                               } else if (!b.text.empty()) {
                                 open();
                                 text(b);
                               }
                               return {};
                             },
                             [&](const chat::Image& b) { return image(b); },
                             [&](const chat::File& b) { return file(b); },
                             [&](const chat::Audio& b) { return audio(b); },
                             [&](const chat::ToolCall& b) { return call(b, b.signature); },
                             [&](const chat::ToolResult& b) { return result(b); },
                             [&](const chat::Reasoning& b) { return thought(b, true); },
                             [&](const chat::CachePoint&) -> Result<void> {
                               drops_.add("messages[].content[].cache_control");
                               return {};
                             },
                             [&](const chat::Opaque& b) -> Result<void> {
                               if (own_) open();
                               opaque(b);
                               return {};
                             }},
                    block.value);
}

void ContentEncoder::text(const chat::Text& text) {
  if (!text.citations.empty()) drops_.add("messages[].content[].citations");
  if (text.text.empty()) return;
  writer_.begin_object();
  writer_.member("text", text.text);
  writer_.end_object();
}

Result<void> ContentEncoder::image(const chat::Image& image) {
  Bytes resolution;
  if (!image.detail.empty() && !family_.third) {
    drops_.add("messages[].content[].image_url.detail");
  } else if (image.detail == "low") {
    resolution = "MEDIA_RESOLUTION_LOW";
  } else if (image.detail == "medium") {
    resolution = "MEDIA_RESOLUTION_MEDIUM";
  } else if (image.detail == "high") {
    resolution = "MEDIA_RESOLUTION_HIGH";
  } else if (image.detail == "auto") {
    resolution = "MEDIA_RESOLUTION_UNSPECIFIED";
  } else if (!image.detail.empty()) {
    return refuse("messages[].content[].image_url.detail " + std::string(image.detail));
  }
  Bytes type = image.source.media_type;
  if (type.empty()) type = media_type_of_url(image.source.data, "image/jpeg");
  return source(image.source, type, resolution);
}

Result<void> ContentEncoder::file(const chat::File& file) {
  if (!file.context.empty()) drops_.add("messages[].content[].context");
  if (!file.citations_config.empty()) drops_.add("messages[].content[].citations");
  if (file.source.kind == Source::Kind::text) {
    open();
    text(chat::Text{.text = file.source.data});
    return {};
  }
  Bytes type = file.source.media_type;
  if (type.empty()) {
    const bool url = file.source.kind == Source::Kind::url;
    type = media_type_of_url(url ? file.source.data : file.name, "application/pdf");
  }
  return source(file.source, type, {});
}

Result<void> ContentEncoder::audio(const chat::Audio& audio) {
  Bytes type = audio.source.media_type;
  if (type.empty()) type = media_type_of_url(audio.source.data, "audio/wav");
  return source(audio.source, type, {});
}

Result<void> ContentEncoder::source(const Source& source, Bytes media_type, Bytes resolution) {
  const bool url = source.kind == Source::Kind::url;
  if (source.kind == Source::Kind::file_id) return refuse("a file by its id");
  if (source.kind == Source::Kind::text) return refuse("an image made of text");
  if (source.data.empty()) return {};
  open();
  writer_.begin_object();
  if (!resolution.empty()) {
    writer_.member_object("mediaResolution");
    writer_.member("level", resolution);
    writer_.end_object();
  }
  writer_.member_object(url ? "fileData" : "inlineData");
  writer_.member(url ? "fileUri" : "data", source.data);
  writer_.member("mimeType", media_type);
  writer_.end_object();
  writer_.end_object();
  return {};
}

Result<void> ContentEncoder::call(const chat::ToolCall& call, Bytes signature) {
  if (call.freeform) return refuse("messages[].tool_calls[] of type custom");
  if (call.id.empty() && !own_) return refuse("messages[].tool_calls[] without an id");
  const ObjectText arguments =
      call.arguments.empty() ? ObjectText::empty : object_text(call.arguments);
  if (arguments == ObjectText::none) {
    return refuse("messages[].tool_calls[] whose arguments are not a JSON object");
  }
  names_[call.id] = call.name;
  open();
  writer_.begin_object();
  writer_.member_object("functionCall");
  if (own_) writer_.member_unless_empty("id", call.id);
  if (arguments == ObjectText::full) writer_.member_raw("args", call.arguments);
  writer_.member("name", call.name);
  writer_.end_object();
  writer_.member_unless_empty("thoughtSignature", signature);
  writer_.end_object();
  return {};
}

// A response is an object: the text is its `output`, or its `error`. Pictures and documents stand
// behind it, since a response has no place for them in most models.
Result<void> ContentEncoder::result(const chat::ToolResult& result) {
  const auto name = names_.find(result.call_id);
  open();
  writer_.begin_object();
  writer_.member_object("functionResponse");
  if (own_) writer_.member_unless_empty("id", result.call_id);
  if (name != names_.end()) writer_.member("name", name->second);
  writer_.member_object("response");
  writer_.key(result.is_error.value_or(false) ? "error" : "output");
  writer_.begin_string();
  for (const Block& block : result.content) {
    const auto* text = std::get_if<chat::Text>(&block.value);
    if (text != nullptr) writer_.string_part(text->text);
  }
  writer_.end_string();
  writer_.end_object();
  writer_.end_object();
  writer_.end_object();
  for (const Block& block : result.content) {
    if (std::holds_alternative<chat::Text>(block.value)) continue;
    AIGW_TRY(this->block(block));
  }
  return {};
}

Result<void> ContentEncoder::thought(const chat::Reasoning& reasoning, bool signs) {
  if (!reasoning.id.empty()) drops_.add("messages[].content[].id");
  if (!reasoning.redacted.empty()) {
    if (!own_) return refuse("messages[].content[] of type redacted_thinking");
    open();
    writer_.begin_object();
    writer_.member_boolean("thought", true);
    writer_.member("thoughtSignature", wire_signature({}, reasoning.redacted));
    writer_.end_object();
    return {};
  }
  const bool fits = own_ || is_base64(reasoning.signature);
  const bool with_signature = signs && fits && !reasoning.signature.empty();
  if (reasoning.text.empty() && !with_signature) return {};
  open();
  writer_.begin_object();
  writer_.member_unless_empty("text", reasoning.text);
  writer_.member_boolean("thought", true);
  if (with_signature) writer_.member("thoughtSignature", wire_signature(reasoning.signature, {}));
  writer_.end_object();
  return {};
}

void ContentEncoder::opaque(const chat::Opaque& opaque) {
  own_ ? writer_.raw(opaque.raw) : drops_.add("messages[].content[] of type ", opaque.type);
}

}  // namespace aigw::dialect::gemini
