#include <algorithm>
#include <charconv>

#include "capture/said.h"

namespace aigw::capture {
namespace {

// What a tool gave back: a text, or a list of blocks with texts.
Message result_of(Bytes call_id, const json::Value& content) {
  Message result{.role = "tool", .call_id = call_id};
  result.plain = content.is_string();
  if (result.plain) result.parts.push_back({Part::Kind::text, content.text()});
  for (const json::Value& block : content.elements()) {
    const json::Value& text = block["text"];
    const json::Value& json = block["json"];
    if (text.is_string()) {
      result.parts.push_back({Part::Kind::text, text.text()});
    } else {
      result.parts.push_back(json.exists() ? Part{Part::Kind::text, json.raw()} : Part{});
    }
  }
  return result;
}

Bytes data_url(Bytes media_type, Bytes base64, Arena& arena) {
  return join({"data:", media_type, ";base64,", base64}, arena);
}

}  // namespace

Bytes join(std::initializer_list<Bytes> texts, Arena& arena) {
  size_t size = 0;
  for (const Bytes text : texts) size += text.size();
  char* const to = arena.allocate(size);
  char* at = to;
  for (const Bytes text : texts) at = std::copy(text.begin(), text.end(), at);
  return {to, size};
}

double number_of(const json::Value& value) {
  double number = 0;
  if (value.is_number()) std::from_chars(value.raw().data(), value.raw().data() + value.raw().size(), number);
  return number;
}

void read_anthropic_block(const json::Value& block, std::vector<Message>& before, Message& message, Arena& arena) {
  const Bytes type = block["type"].text();
  if (type == "text") {
    message.parts.push_back({Part::Kind::text, block["text"].text()});
  } else if (type == "image") {
    const json::Value& source = block["source"];
    const Bytes url = source["url"].text();
    message.parts.push_back({Part::Kind::image, !url.empty() ? url
                                                             : data_url(source["media_type"].text(),
                                                                        source["data"].text(), arena)});
  } else if (type == "tool_result") {
    before.push_back(result_of(block["tool_use_id"].text(), block["content"]));
  } else if (type == "tool_use" || type == "server_tool_use" || type == "mcp_tool_use") {
    message.calls.push_back({block["id"].text(), block["name"].text(), block["input"].raw()});
  } else {
    message.parts.push_back(type == "thinking" ? Part{Part::Kind::reasoning, {}} : Part{});
  }
}

void read_gemini_part(const json::Value& part, std::vector<Message>& before, Message& message, Arena& arena) {
  const auto either = [&](Bytes camel, Bytes snake) -> const json::Value& {
    return part[camel].exists() ? part[camel] : part[snake];
  };
  const json::Value& call = either("functionCall", "function_call");
  const json::Value& result = either("functionResponse", "function_response");
  const json::Value& data = either("inlineData", "inline_data");
  if (part["text"].is_string()) {
    const bool thought = part["thought"].is_true();
    message.parts.push_back(thought ? Part{Part::Kind::reasoning, {}} : Part{Part::Kind::text, part["text"].text()});
  } else if (call.is_object()) {
    message.calls.push_back({call["id"].text(), call["name"].text(), call["args"].raw()});
  } else if (result.is_object()) {
    const Bytes id = result["id"].text();
    before.push_back({.role = "tool", .call_id = id.empty() ? result["name"].text() : id, .plain = true});
    before.back().parts.push_back({Part::Kind::text, result["response"].raw()});
  } else if (data.is_object()) {
    const Bytes type = data[data["mimeType"].exists() ? "mimeType" : "mime_type"].text();
    const bool image = type.starts_with("image/");
    message.parts.push_back(image ? Part{Part::Kind::image, data_url(type, data["data"].text(), arena)}
                                  : Part{type.starts_with("audio/") ? Part::Kind::audio : Part::Kind::other, {}});
  } else {
    message.parts.push_back({});
  }
}

void read_converse_block(const json::Value& block, std::vector<Message>& before, Message& message, Arena& arena) {
  const json::Value& call = block["toolUse"];
  const json::Value& result = block["toolResult"];
  const json::Value& image = block["image"];
  if (block["text"].is_string()) {
    message.parts.push_back({Part::Kind::text, block["text"].text()});
  } else if (call.is_object()) {
    message.calls.push_back({call["toolUseId"].text(), call["name"].text(), call["input"].raw()});
  } else if (result.is_object()) {
    before.push_back(result_of(result["toolUseId"].text(), result["content"]));
  } else if (image.is_object()) {
    const Bytes type = join({"image/", image["format"].text()}, arena);
    message.parts.push_back({Part::Kind::image, data_url(type, image["source"]["bytes"].text(), arena)});
  } else {
    message.parts.push_back(block["reasoningContent"].exists() ? Part{Part::Kind::reasoning, {}} : Part{});
  }
}

}  // namespace aigw::capture
