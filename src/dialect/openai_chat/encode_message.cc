#include "dialect/openai_chat/encode_message.h"

#include <algorithm>
#include <variant>

namespace aigw::dialect::openai_chat {
namespace {

using chat::Source;

// The text that a block is, where one string holds the whole content.
const chat::Text* text_of(const chat::Block& block) {
  return std::get_if<chat::Text>(&block.value);
}

// A document that is plain text can stand wherever text can.
bool text_document(const chat::Block& block) {
  const auto* file = std::get_if<chat::File>(&block.value);
  return file != nullptr && file->source.kind == Source::Kind::text;
}

}  // namespace

void write_cache_control(json::Writer& writer, const chat::CachePoint& cache) {
  writer.member_object("cache_control");
  writer.member("type", "ephemeral");
  writer.member_unless_empty("ttl", cache.ttl);
  writer.end_object();
}

void MessageEncoder::refuse(Bytes what) {
  if (result_) result_ = chat::cannot(kTarget, what);
}

void MessageEncoder::cache_control(const chat::CachePoint* cache) {
  if (cache == nullptr) return;
  write_cache_control(writer_, *cache);
}

// In a conversation of another language markers are dropped here, so that nobody sees them after.
std::vector<MessageEncoder::Marked> MessageEncoder::marked(chat::Blocks blocks) {
  std::vector<Marked> all;
  for (const chat::Block& block : blocks) {
    const auto* point = std::get_if<chat::CachePoint>(&block.value);
    if (point == nullptr) {
      all.push_back({&block, nullptr});
    } else if (own_ && !all.empty() && all.back().cache == nullptr) {
      all.back().cache = point;
    } else {
      drops_.add("messages[].content[].cache_control");
    }
  }
  return all;
}

void MessageEncoder::system(chat::Blocks blocks) {
  if (!blocks.empty()) system_message(blocks, {});
}

void MessageEncoder::system_message(chat::Blocks blocks, Bytes name) {
  std::vector<Marked> texts = marked(blocks);
  std::erase_if(texts, [this](const Marked& m) {
    if (text_of(*m.block) != nullptr) return false;
    drops_.add("system[]");
    return true;
  });
  plain_message("system", texts, name);
}

void MessageEncoder::message(const chat::Message& message) {
  switch (message.role) {
    case chat::Role::user:
      return user(message);
    case chat::Role::assistant:
      return assistant(message);
    case chat::Role::system:
      return system_message(message.content, message.name);
  }
}

// Results of tools go first, because they have to follow the calls. Pictures and documents among a
// result have no place in a tool message: they open the user's turn behind it.
void MessageEncoder::user(const chat::Message& message) {
  std::vector<Marked> rest;
  bool has_results = false;
  const std::vector<Marked> all = marked(message.content);
  for (const Marked& m : all) {
    const auto* result = std::get_if<chat::ToolResult>(&m.block->value);
    if (result == nullptr) continue;
    has_results = true;
    tool_result(*result, m.cache);
    if (own_) continue;
    for (const chat::Block& block : result->content) {
      const bool picture = std::holds_alternative<chat::Image>(block.value);
      const bool document = std::holds_alternative<chat::File>(block.value);
      if (picture || (document && !text_document(block))) rest.push_back({&block, nullptr});
    }
  }
  for (const Marked& m : all) {
    if (!std::holds_alternative<chat::ToolResult>(m.block->value)) rest.push_back(m);
  }
  const bool nothing = std::all_of(rest.begin(), rest.end(), [](const Marked& m) {
    const chat::Text* text = text_of(*m.block);
    return text != nullptr && text->text.empty();
  });
  if (nothing && (!own_ || has_results)) return;
  plain_message("user", rest, message.name);
}

void MessageEncoder::plain_message(Bytes role, const std::vector<Marked>& blocks, Bytes name) {
  writer_.begin_object();
  writer_.key("content");
  if (is_one_string(blocks)) {
    joined_text(blocks);
  } else {
    parts(blocks);
  }
  writer_.member("role", role);
  writer_.member_unless_empty("name", name);
  writer_.end_object();
}

// A conversation of this dialect keeps its parts apart: only what came as a string goes as one.
bool MessageEncoder::is_one_string(const std::vector<Marked>& blocks) const {
  if (!own_) {
    return std::all_of(blocks.begin(), blocks.end(),
                       [](const Marked& m) { return text_of(*m.block) != nullptr; });
  }
  if (blocks.empty()) return true;
  const chat::Text* text = text_of(*blocks.front().block);
  return blocks.size() == 1 && text != nullptr && !text->text.empty() && !text->refusal &&
         blocks.front().cache == nullptr;
}

void MessageEncoder::joined_text(const std::vector<Marked>& blocks) {
  writer_.begin_string();
  for (const Marked& m : blocks) {
    const chat::Text& text = *text_of(*m.block);
    writer_.string_part(text.text, text.escaped);
    if (!text.citations.empty()) drops_.add("messages[].content[].citations");
  }
  writer_.end_string();
}

void MessageEncoder::tool_result(const chat::ToolResult& result, const chat::CachePoint* cache) {
  std::vector<Marked> blocks = marked(result.content);
  writer_.begin_object();
  writer_.key("content");
  if (own_) {
    if (is_one_string(blocks)) {
      joined_text(blocks);
    } else {
      parts(blocks);
    }
  } else {
    writer_.begin_string();
    for (const Marked& m : blocks) {
      if (const chat::Text* text = text_of(*m.block)) {
        writer_.string_part(text->text, text->escaped);
      } else if (text_document(*m.block)) {
        writer_.string_part(std::get<chat::File>(m.block->value).source.data);
      } else if (const auto* opaque = std::get_if<chat::Opaque>(&m.block->value)) {
        drops_.add("messages[].content[].content[] of type ", opaque->type);
      } else if (std::holds_alternative<chat::Audio>(m.block->value)) {
        refuse("a sound in the result of a tool");
      }
    }
    writer_.end_string();
    if (result.is_error.value_or(false)) drops_.add("messages[].content[].is_error");
  }
  writer_.member("role", "tool");
  writer_.member("tool_call_id", result.call_id);
  cache_control(cache);
  writer_.end_object();
}

void MessageEncoder::assistant(const chat::Message& message) {
  std::vector<Marked> content;
  std::vector<Marked> calls;
  for (const Marked& m : marked(message.content)) {
    if (std::holds_alternative<chat::ToolCall>(m.block->value)) {
      calls.push_back(m);
    } else if (no_reasoning_ && text_of(*m.block) == nullptr) {
      drop(*m.block);
    } else {
      content.push_back(m);
    }
  }
  // OpenAI refuses a turn that neither says nor calls anything, but for one with an empty string, which a client of
  // this dialect may have written.
  const bool silent = own_ && message.content.empty();
  const bool says = std::any_of(content.begin(), content.end(), [](const Marked& m) {
    const chat::Text* text = text_of(*m.block);
    return text != nullptr && !text->text.empty();
  });
  if (no_reasoning_ && !says && calls.empty() && !silent) return;
  writer_.begin_object();
  writer_.member("role", "assistant");
  writer_.key("content");
  if (silent) {
    writer_.string("");
  } else {
    assistant_content(content);
  }
  writer_.member_unless_empty("name", message.name);
  if (!calls.empty()) tool_calls(calls);
  writer_.end_object();
}

void MessageEncoder::assistant_content(const std::vector<Marked>& content) {
  const bool thinks = std::any_of(content.begin(), content.end(), [](const Marked& m) {
    return std::holds_alternative<chat::Reasoning>(m.block->value);
  });
  if (own_ ? !content.empty() && !is_one_string(content) : thinks) {
    writer_.begin_array();
    for (const Marked& m : content) assistant_part(m);
    writer_.end_array();
    return;
  }
  std::vector<Marked> texts;
  bool said = false;
  for (const Marked& m : content) {
    if (const chat::Text* text = text_of(*m.block)) {
      texts.push_back(m);
      said = said || !text->text.empty();
    } else {
      drop(*m.block);
    }
  }
  if (said) {
    joined_text(texts);
  } else {
    writer_.null();
  }
}

void MessageEncoder::assistant_part(const Marked& marked) {
  if (const chat::Text* text = text_of(*marked.block)) {
    writer_.begin_object();
    const Bytes type = text->refusal ? "refusal" : "text";
    writer_.member("type", type);
    writer_.member(type, text->text);
  } else if (const auto* reasoning = std::get_if<chat::Reasoning>(&marked.block->value)) {
    writer_.begin_object();
    if (!reasoning->redacted.empty()) {
      writer_.member("type", "redacted_thinking");
      writer_.member("redactedContent", reasoning->redacted);
    } else {
      writer_.member("type", "thinking");
      writer_.member_unless_empty("text", reasoning->text);
      writer_.member_unless_empty("signature", reasoning->signature);
    }
  } else {
    return drop(*marked.block);
  }
  cache_control(marked.cache);
  writer_.end_object();
}

void MessageEncoder::drop(const chat::Block& block) {
  const auto* opaque = std::get_if<chat::Opaque>(&block.value);
  const bool thought = std::holds_alternative<chat::Reasoning>(block.value);
  drops_.add("messages[].content[] of type ", opaque != nullptr ? opaque->type
                                              : thought         ? Bytes("thinking")
                                                                : Bytes("media"));
}

void MessageEncoder::tool_calls(const std::vector<Marked>& calls) {
  writer_.member_array("tool_calls");
  for (const Marked& m : calls) {
    const auto& call = std::get<chat::ToolCall>(m.block->value);
    writer_.begin_object();
    writer_.member("id", call.id);
    writer_.member_object(call.freeform ? "custom" : "function");
    // A call without arguments is one with none, which is an object in the text.
    const bool none = call.arguments.empty() && !own_ && !call.freeform;
    writer_.member(call.freeform ? "input" : "arguments", none ? Bytes("{}") : call.arguments);
    writer_.member("name", call.name);
    writer_.end_object();
    writer_.member("type", call.freeform ? "custom" : "function");
    cache_control(m.cache);
    writer_.end_object();
    if (!call.signature.empty()) drops_.add("messages[].content[].signature");
  }
  writer_.end_array();
}

void MessageEncoder::parts(const std::vector<Marked>& blocks) {
  writer_.begin_array();
  for (const Marked& m : blocks) part(m);
  writer_.end_array();
}

void MessageEncoder::part(const Marked& marked) {
  const auto text = [&](Bytes words, Bytes escaped) {
    writer_.begin_object();
    writer_.key("text");
    writer_.string(words, escaped);
    writer_.member("type", "text");
    cache_control(marked.cache);
    writer_.end_object();
  };
  std::visit(chat::Overload{
                 [&](const chat::Text& block) {
                   text(block.text, block.escaped);
                   if (!block.citations.empty()) drops_.add("messages[].content[].citations");
                 },
                 [&](const chat::Image& block) { image(block, marked.cache); },
                 [&](const chat::File& block) {
                   if (block.source.kind != Source::Kind::text) return file(block, marked.cache);
                   beside(block);
                   text(block.source.data, {});
                 },
                 [&](const chat::Audio& block) { audio(block, marked.cache); },
                 [&](const chat::Opaque& block) {
                   if (own_) return writer_.raw(block.raw);
                   drops_.add("messages[].content[] of type ", block.type);
                 },
                 [](const chat::ToolCall&) {},  // these two are the assistant's
                 [](const chat::Reasoning&) {}, [](const chat::ToolResult&) {},  // written before
                 [](const chat::CachePoint&) {},  // with the block that it covers
             },
             marked.block->value);
}

void MessageEncoder::data_url(const Source& source, Bytes media_type) {
  writer_.begin_string();
  writer_.string_part("data:");
  writer_.string_part(source.media_type.empty() ? media_type : source.media_type);
  writer_.string_part(";base64,");
  writer_.string_part(source.data);
  writer_.end_string();
}

void MessageEncoder::image(const chat::Image& image, const chat::CachePoint* cache) {
  if (image.source.kind == Source::Kind::file_id) {
    return refuse("an image that is a file uploaded at another provider");
  }
  writer_.begin_object();
  writer_.member_object("image_url");
  writer_.key("url");
  if (image.source.kind == Source::Kind::base64) {
    data_url(image.source, "");
  } else {
    writer_.string(image.source.data);
  }
  writer_.member_unless_empty("detail", image.detail);
  writer_.end_object();
  writer_.member("type", "image_url");
  cache_control(cache);
  writer_.end_object();
}

void MessageEncoder::beside(const chat::File& file) {
  if (!file.context.empty()) drops_.add("messages[].content[].context");
  if (!file.citations_config.empty()) drops_.add("messages[].content[].citations");
}

void MessageEncoder::file(const chat::File& file, const chat::CachePoint* cache) {
  const Source& source = file.source;
  if (source.kind == Source::Kind::url && own_) {
    return image({.source = source}, cache);  // that is how it came
  }
  if (source.kind == Source::Kind::url) return refuse("a document that is given by its URL");
  if (source.kind == Source::Kind::file_id && !own_) {
    return refuse("a document that is a file uploaded at another provider");
  }
  beside(file);
  writer_.begin_object();
  writer_.member_object("file");
  if (source.kind == Source::Kind::file_id) {
    writer_.member("file_id", source.data);
  } else {
    writer_.key("file_data");
    if (own_ && source.media_type.empty()) {
      writer_.string(source.data);
    } else {
      data_url(source, "application/pdf");
    }
  }
  // Data without a name is refused by the provider.
  const bool nameless = file.name.empty() && source.kind == Source::Kind::base64 && !own_;
  writer_.member_unless_empty("filename", nameless ? Bytes("document.pdf") : file.name);
  writer_.end_object();
  writer_.member("type", "file");
  cache_control(cache);
  writer_.end_object();
}

void MessageEncoder::audio(const chat::Audio& audio, const chat::CachePoint* cache) {
  const Source& source = audio.source;
  constexpr Bytes kPrefix = "audio/";
  Bytes format = source.media_type;
  const bool inline_data = source.kind == Source::Kind::base64 && format.starts_with(kPrefix);
  if (!inline_data && !own_) return refuse("a sound that is not base64 of an audio type");
  writer_.begin_object();
  const Bytes type = inline_data ? "input_audio" : "audio_url";
  writer_.member_object(type);
  if (inline_data) {
    format.remove_prefix(kPrefix.size());
    if (!own_ && format == "mpeg") format = "mp3";
    writer_.member("data", source.data);
    writer_.member("format", format);
  } else {
    writer_.key("url");
    if (source.kind == Source::Kind::base64) {
      data_url(source, "");
    } else {
      writer_.string(source.data);
    }
  }
  writer_.end_object();
  writer_.member("type", type);
  cache_control(cache);
  writer_.end_object();
}

}  // namespace aigw::dialect::openai_chat
