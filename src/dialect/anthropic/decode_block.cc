#include "dialect/anthropic/decode_block.h"

#include "dialect/anthropic/members.h"

namespace aigw::dialect::anthropic {

using chat::Block;

chat::Blocks BlockDecoder::content(const json::Value& content, Bytes path) {
  ArenaVector<Block> blocks(arena_);
  if (content.is_string()) {
    if (!content.text().empty()) {
      blocks.push_back(chat::Text{.text = content.text(), .escaped = content.escaped_text()});
    }
    return chat::Blocks(blocks.items());
  }
  if (content.exists_and_not_null() && !content.is_array()) {
    reader_.fail(content, "must be a string or an array of content blocks");
  }
  for (const json::Value& block : content.elements()) append(block, path, blocks);
  return chat::Blocks(blocks.items());
}

std::optional<chat::CachePoint> BlockDecoder::cache_point(const json::Value& marker, Bytes path) {
  if (!marker.exists_and_not_null()) return std::nullopt;
  for (const json::Value& member : reader_.members(marker)) {
    if (member.name() != "type" && member.name() != "ttl") drops_.add(path, "cache_control");
  }
  return chat::CachePoint{.ttl = reader_.string(marker["ttl"])};
}

void BlockDecoder::append(const json::Value& block, Bytes path, ArenaVector<Block>& to) {
  const Bytes type = reader_.required_string(block, "type");
  if (!reader_.ok()) return;
  if (type == "thinking" || type == "redacted_thinking") {
    thinking(block, path, to);
    return;
  }
  const size_t before = to.size();
  if (type == "text") {
    text(block, path, to);
  } else if (type == "image") {
    image(block, path, to);
  } else if (type == "document") {
    document(block, path, to);
  } else if (type == "tool_use") {
    tool_use(block, path, to);
  } else if (type == "tool_result") {
    tool_result(block, path, to);
  } else {
    opaque(block, to);
  }
  // An opaque block keeps its marker inside.
  if (to.size() == before || std::holds_alternative<chat::Opaque>(to.back().value)) return;
  if (const std::optional<chat::CachePoint> point = cache_point(block["cache_control"], path)) {
    to.push_back(*point);
  }
}

void BlockDecoder::opaque(const json::Value& block, ArenaVector<Block>& to) {
  to.push_back(chat::Opaque{.type = block["type"].text(), .raw = block.raw()});
}

void BlockDecoder::text(const json::Value& block, Bytes path, ArenaVector<Block>& to) {
  const json::Value& citations = block["citations"];
  chat::Text text{.text = reader_.required_string(block, "text"),
                  .escaped = block["text"].escaped_text()};
  if (!reader_.elements(citations).empty()) text.citations = citations.raw();
  report_unknown(block, {"type", "text", "citations", "cache_control"}, path, drops_);
  to.push_back(text);
}

// Where the bytes are; nothing for a kind of source that the hub has no word for.
std::optional<chat::Source> BlockDecoder::source(const json::Value& source) {
  const Bytes type = reader_.required_string(source, "type");
  using Kind = chat::Source::Kind;
  if (type == "base64" || type == "text") {
    return chat::Source{.kind = type == "text" ? Kind::text : Kind::base64,
                        .data = reader_.required_string(source, "data"),
                        .media_type = reader_.required_string(source, "media_type")};
  }
  if (type == "url") {
    return chat::Source{.kind = Kind::url, .data = reader_.required_string(source, "url")};
  }
  if (type == "file") {
    return chat::Source{.kind = Kind::file_id, .data = reader_.required_string(source, "file_id")};
  }
  return std::nullopt;
}

void BlockDecoder::image(const json::Value& block, Bytes path, ArenaVector<Block>& to) {
  if (!block["source"].exists_and_not_null()) return reader_.missing(block, "source");
  const std::optional<chat::Source> from = source(block["source"]);
  if (!from) return opaque(block, to);
  report_unknown(block, {"type", "source", "cache_control"}, path, drops_);
  to.push_back(chat::Image{.source = *from});
}

void BlockDecoder::document(const json::Value& block, Bytes path, ArenaVector<Block>& to) {
  if (!block["source"].exists_and_not_null()) return reader_.missing(block, "source");
  const std::optional<chat::Source> from = source(block["source"]);
  if (!from) return opaque(block, to);
  report_unknown(block, {"type", "source", "title", "context", "citations", "cache_control"}, path,
                 drops_);
  to.push_back(chat::File{.source = *from,
                          .name = reader_.string(block["title"]),
                          .context = reader_.string(block["context"]),
                          .citations_config = reader_.object_text(block["citations"])});
}

void BlockDecoder::tool_use(const json::Value& block, Bytes path, ArenaVector<Block>& to) {
  const Bytes input = reader_.object_text(block["input"]);
  report_unknown(block, {"type", "id", "name", "input", "cache_control"}, path, drops_);
  to.push_back(chat::ToolCall{.id = reader_.required_string(block, "id"),
                              .name = reader_.required_string(block, "name"),
                              .arguments = input.empty() ? Bytes("{}") : input});
}

void BlockDecoder::tool_result(const json::Value& block, Bytes path, ArenaVector<Block>& to) {
  report_unknown(block, {"type", "tool_use_id", "content", "is_error", "cache_control"}, path,
                 drops_);
  to.push_back(
      chat::ToolResult{.call_id = reader_.required_string(block, "tool_use_id"),
                       .content = content(block["content"], "messages[].content[].content[]."),
                       .is_error = reader_.boolean(block["is_error"])});
}

// Neither kind takes a cache marker.
void BlockDecoder::thinking(const json::Value& block, Bytes path, ArenaVector<Block>& to) {
  report_unknown(block, {"type", "thinking", "signature", "data"}, path, drops_);
  if (block["type"].text() == "redacted_thinking") {
    to.push_back(chat::Reasoning{.redacted = reader_.required_string(block, "data")});
    return;
  }
  to.push_back(chat::Reasoning{.text = reader_.required_string(block, "thinking"),
                               .signature = reader_.string(block["signature"])});
}

}  // namespace aigw::dialect::anthropic
