#include "dialect/anthropic/encode_block.h"

#include <algorithm>
#include <optional>
#include <string>

#include "dialect/anthropic/members.h"
#include "dialect/anthropic/raw_json.h"

namespace aigw::dialect::anthropic {
namespace {

using chat::Block;
using chat::cannot;
using chat::Source;

constexpr Bytes kTarget = "Anthropic";
constexpr Bytes kPdf = "application/pdf";

std::string joined(Bytes head, Bytes tail) {
  std::string path(head);
  path += tail;
  return path;
}

Failure cannot_take(Bytes path, Bytes what) { return cannot(kTarget, joined(path, what)); }

bool ends_with_pdf(Bytes url) {
  url = url.substr(0, url.find_first_of("?#"));
  if (url.size() < 4) return false;
  const Bytes end = url.substr(url.size() - 4);
  return std::equal(end.begin(), end.end(), ".pdf", [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
  });
}

// Chat languages have images only, so their clients put documents where images go.
bool is_document(const Source& source) {
  if (source.kind == Source::Kind::base64) return source.media_type == kPdf;
  return source.kind == Source::Kind::url && ends_with_pdf(source.data);
}

// The media type of a document, told from its content where nobody says it.
Bytes document_type(const Source& source) {
  if (!source.media_type.empty() || source.kind != Source::Kind::base64) return source.media_type;
  return source.data.starts_with("JVBERi0") ? kPdf : Bytes();  // "%PDF-"
}

// A tool that failed says so in a member `error` of its JSON, where the language has no other way
// (the peer's facts, 4.5).
bool looks_like_error(chat::Blocks content) {
  if (content.size() != 1) return false;
  const auto* text = std::get_if<chat::Text>(&content[0].value);
  return text != nullptr && object_has(text->text, ObjectMember::error);
}

}  // namespace

bool BlockEncoder::writes(const Block& block) const {
  return std::visit(
      chat::Overload{
          [&](const chat::Text& b) { return own_ || !b.text.empty(); },
          [&](const chat::Reasoning& b) {
            return own_ || !b.signature.empty() || !b.redacted.empty();
          },
          [&](const chat::Opaque&) { return own_; }, [](const chat::CachePoint&) { return false; },
          [](const chat::Image&) { return true; }, [](const chat::File&) { return true; },
          [](const chat::Audio&) { return true; }, [](const chat::ToolCall&) { return true; },
          [](const chat::ToolResult&) { return true; }},
      block.value);
}

bool BlockEncoder::writes(chat::Blocks blocks) const {
  return std::any_of(blocks.begin(), blocks.end(), [&](const Block& b) { return writes(b); });
}

void BlockEncoder::report_unwritten(const Block& block, Bytes path) {
  if (std::holds_alternative<chat::Reasoning>(block.value)) {
    drops_.add(path, " of type thinking without a signature");
  } else if (const auto* opaque = std::get_if<chat::Opaque>(&block.value)) {
    drops_.add(joined(path, " of type "), opaque->type);
  }
}

ArenaVector<BlockEncoder::Placed> BlockEncoder::place(chat::Blocks blocks, Bytes path) {
  ArenaVector<Placed> placed(arena_);
  for (const Block& block : blocks) {
    const auto* cache = std::get_if<chat::CachePoint>(&block.value);
    if (cache == nullptr) {
      if (writes(block)) {
        placed.push_back({&block, nullptr});
      } else {
        report_unwritten(block, path);
      }
      continue;
    }
    // Thoughts take no marker, and an opaque block may have one inside.
    const bool fits = !placed.empty() &&
                      !std::holds_alternative<chat::Reasoning>(placed.back().block->value) &&
                      !std::holds_alternative<chat::Opaque>(placed.back().block->value);
    if (fits) {
      placed.back().cache = cache;
    } else {
      drops_.add(path, ".cache_control");
    }
  }
  return placed;
}

Result<void> BlockEncoder::array(chat::Blocks blocks, Bytes path) {
  writer_.begin_array();
  const ArenaVector<Placed> all = place(blocks, path);
  for (const Placed& placed : all.items()) AIGW_TRY(block(placed, path));
  writer_.end_array();
  return {};
}

void BlockEncoder::cache_control(const chat::CachePoint& point) {
  writer_.begin_object();
  if (own_ || is_one_of(point.ttl, {"5m", "1h"})) {
    writer_.member_unless_empty("ttl", point.ttl);
  } else if (!point.ttl.empty()) {
    drops_.add("cache_control.ttl");
  }
  writer_.member("type", "ephemeral");
  writer_.end_object();
}

void BlockEncoder::end(const Placed& placed, Bytes type) {
  if (placed.cache != nullptr) {
    writer_.key("cache_control");
    cache_control(*placed.cache);
  }
  writer_.member("type", type);
  writer_.end_object();
}

Result<void> BlockEncoder::block(const Placed& placed, Bytes path) {
  return std::visit(
      chat::Overload{[&](const chat::Text& b) { return text(b, placed, path); },
                     [&](const chat::Image& b) { return image(b, placed, path); },
                     [&](const chat::File& b) { return file(b, placed, path); },
                     [&](const chat::Audio&) -> Result<void> {
                       return cannot_take(path, " of type input_audio");
                     },
                     [&](const chat::ToolCall& b) { return tool_use(b, placed, path); },
                     [&](const chat::ToolResult& b) { return tool_result(b, placed); },
                     [&](const chat::Reasoning& b) { return thinking(b); },
                     [](const chat::CachePoint&) -> Result<void> { return {}; },  // place() took it
                     [&](const chat::Opaque& b) -> Result<void> {
                       writer_.raw(b.raw);
                       return {};
                     }},
      placed.block->value);
}

Result<void> BlockEncoder::text(const chat::Text& text, const Placed& placed, Bytes path) {
  writer_.begin_object();
  writer_.key("text");
  writer_.string(text.text, text.escaped);
  if (own_) {
    writer_.member_raw_unless_empty("citations", text.citations);
  } else if (!text.citations.empty()) {
    drops_.add(path, ".annotations");
  }
  end(placed, "text");
  return {};
}

Result<void> BlockEncoder::source(const Source& source, Bytes media_type, Bytes path) {
  writer_.member_object("source");
  switch (source.kind) {
    case Source::Kind::base64:
      writer_.member("data", source.data);
      writer_.member("media_type", media_type);
      writer_.member("type", "base64");
      break;
    case Source::Kind::text:
      writer_.member("data", source.data);
      writer_.member("media_type", media_type.empty() ? Bytes("text/plain") : media_type);
      writer_.member("type", "text");
      break;
    case Source::Kind::url:
      writer_.member("type", "url");
      writer_.member("url", source.data);
      break;
    case Source::Kind::file_id:
      // An upload at one provider means nothing to another.
      if (!own_) return cannot_take(path, " with a file_id");
      writer_.member("file_id", source.data);
      writer_.member("type", "file");
      break;
  }
  writer_.end_object();
  return {};
}

Result<void> BlockEncoder::document(const Source& from, Bytes path) {
  const Bytes media_type = document_type(from);
  if (!own_ && from.kind == Source::Kind::base64 && media_type != kPdf) {
    return cannot_take(path, joined(" of media type ", media_type));
  }
  writer_.begin_object();
  return source(from, media_type, path);
}

Result<void> BlockEncoder::image(const chat::Image& image, const Placed& placed, Bytes path) {
  if (!image.detail.empty() && !own_) drops_.add(path, ".image_url.detail");
  if (!own_ && is_document(image.source)) {
    AIGW_TRY(document(image.source, path));
    end(placed, "document");
    return {};
  }
  const Bytes media_type = image.source.media_type;
  if (!own_ && image.source.kind == Source::Kind::base64 &&
      !is_one_of(media_type, {"image/jpeg", "image/png", "image/gif", "image/webp"})) {
    return cannot_take(path, joined(" of media type ", media_type));
  }
  writer_.begin_object();
  AIGW_TRY(source(image.source, media_type, path));
  end(placed, "image");
  return {};
}

Result<void> BlockEncoder::file(const chat::File& file, const Placed& placed, Bytes path) {
  AIGW_TRY(document(file.source, path));
  writer_.member_unless_empty("context", file.context);
  writer_.member_unless_empty("title", file.name);
  if (own_) writer_.member_raw_unless_empty("citations", file.citations_config);
  end(placed, "document");
  return {};
}

Result<void> BlockEncoder::tool_use(const chat::ToolCall& call, const Placed& placed, Bytes path) {
  if (call.freeform) return cannot_take(path, " that calls a freeform tool");
  if (call.id.empty()) return cannot_take(path, " that calls a tool without an id");
  if (!call.arguments.empty() && !object_has(call.arguments, ObjectMember::any)) {
    return cannot_take(path, " that calls a tool with arguments that are no JSON object");
  }
  if (!call.signature.empty()) drops_.add(path, ".signature");
  writer_.begin_object();
  writer_.member("id", call.id);
  writer_.member_raw("input", call.arguments.empty() ? Bytes("{}") : call.arguments);
  writer_.member("name", call.name);
  end(placed, "tool_use");
  return {};
}

Result<void> BlockEncoder::tool_result(const chat::ToolResult& result, const Placed& placed) {
  Placed at = placed;
  chat::Blocks content = result.content;
  writer_.begin_object();
  writer_.member("tool_use_id", result.call_id);
  if (own_) {
    if (result.is_error) writer_.member_boolean("is_error", *result.is_error);
  } else {
    writer_.member_boolean("is_error", result.is_error.value_or(looks_like_error(content)));
    // The end of the content and the end of the result are the same place.
    if (!content.empty()) {
      const auto* last = std::get_if<chat::CachePoint>(&content[content.size() - 1].value);
      if (last != nullptr) {
        content = content.span().first(content.size() - 1);
        if (at.cache == nullptr) at.cache = last;
      }
    }
  }
  if (at.cache != nullptr) {
    writer_.key("cache_control");
    cache_control(*at.cache);
    at.cache = nullptr;
  }
  if (writes(content)) {
    writer_.key("content");
    AIGW_TRY(array(content, "messages[].content[].content[]"));
  }
  end(at, "tool_result");
  return {};
}

Result<void> BlockEncoder::thinking(const chat::Reasoning& reasoning) {
  writer_.begin_object();
  if (!reasoning.redacted.empty()) {
    writer_.member("data", reasoning.redacted);
    writer_.member("type", "redacted_thinking");
  } else {
    writer_.member("signature", reasoning.signature);
    writer_.member("thinking", reasoning.text);
    writer_.member("type", "thinking");
  }
  writer_.end_object();
  return {};
}

}  // namespace aigw::dialect::anthropic
