#include <algorithm>
#include <array>
#include <span>

#include "capture/said.h"
#include "json/writer.h"

namespace aigw::capture {
namespace {

using endpoint::EndpointKind;
using ReadBlock = void (*)(const json::Value&, std::vector<Message>&, Message&, Arena&);

void read_text(const json::Value& text, std::vector<Bytes>& into) {
  if (text.is_string()) into.push_back(text.text());
  for (const json::Value& one : text.elements()) {
    if (one.is_string()) into.push_back(one.text());
  }
}

void read_tools(const json::Value& tools, Said& said) {
  for (const json::Value& tool : tools.elements()) said.tools.push_back(tool.raw());
}

// A part of a message of either of OpenAI's languages.
Part openai_part(const json::Value& part) {
  const Bytes type = part["type"].text();
  if (type == "text" || type == "input_text" || type == "output_text") return {Part::Kind::text, part["text"].text()};
  if (type == "image_url" || type == "input_image") {
    const json::Value& image = part["image_url"];
    return {Part::Kind::image, image.is_string() ? image.text() : image["url"].text()};
  }
  return {type == "input_audio" ? Part::Kind::audio : Part::Kind::other, {}};
}

void read_openai_content(const json::Value& content, Message& message) {
  message.plain = content.is_string();
  if (message.plain) message.parts.push_back({Part::Kind::text, content.text()});
  for (const json::Value& part : content.elements()) message.parts.push_back(openai_part(part));
}

void read_chat(const json::Value& root, Said& said) {
  for (const json::Value& from : root["messages"].elements()) {
    Message message{.role = from["role"].text(), .name = from["name"].text(), .call_id = from["tool_call_id"].text()};
    read_openai_content(from["content"], message);
    for (const json::Value& call : from["tool_calls"].elements()) {
      const json::Value& function = call["function"];
      message.calls.push_back({call["id"].text(), function["name"].text(), function["arguments"].text()});
    }
    said.messages.push_back(std::move(message));
  }
  read_tools(root["tools"], said);
}

void read_item(const json::Value& item, Said& said) {
  const Bytes type = item["type"].text();
  Message message;
  if (type == "function_call" || type == "custom_tool_call") {
    message.role = "assistant";
    const json::Value& arguments = item[type == "function_call" ? "arguments" : "input"];
    message.calls.push_back({item["call_id"].text(), item["name"].text(), arguments.text()});
  } else if (type == "function_call_output" || type == "custom_tool_call_output") {
    message.role = "tool";
    message.call_id = item["call_id"].text();
    read_openai_content(item["output"], message);
  } else if (type.empty() || type == "message") {
    message.role = item["role"].text();
    read_openai_content(item["content"], message);
  } else {
    return;
  }
  said.messages.push_back(std::move(message));
}

void read_responses(const json::Value& root, Said& said) {
  if (root["instructions"].is_string()) {
    said.system = Message{.role = "system", .plain = true};
    said.system->parts.push_back({Part::Kind::text, root["instructions"].text()});
  }
  const json::Value& input = root["input"];
  if (input.is_string()) {
    said.messages.push_back({.role = "user", .plain = true});
    said.messages.back().parts.push_back({Part::Kind::text, input.text()});
  }
  for (const json::Value& item : input.elements()) read_item(item, said);
  read_tools(root["tools"], said);
}

// A list of blocks, or a text.
Message read_blocks(Bytes role, const json::Value& content, ReadBlock read, Said& said, Arena& arena) {
  Message message{.role = role};
  message.plain = content.is_string();
  if (message.plain) message.parts.push_back({Part::Kind::text, content.text()});
  for (const json::Value& block : content.elements()) read(block, said.messages, message, arena);
  return message;
}

// Results of tools have become messages; there may be nothing besides.
void add_unless_results_only(Message message, size_t before, Said& said) {
  const bool empty = message.parts.empty() && message.calls.empty();
  if (!empty || said.messages.size() == before) said.messages.push_back(std::move(message));
}

void read_messages(const json::Value& root, ReadBlock read, Said& said, Arena& arena) {
  if (root["system"].exists_and_not_null()) said.system = read_blocks("system", root["system"], read, said, arena);
  for (const json::Value& from : root["messages"].elements()) {
    const size_t before = said.messages.size();
    add_unless_results_only(read_blocks(from["role"].text(), from["content"], read, said, arena), before, said);
  }
}

void read_gemini(const json::Value& root, Said& said, Arena& arena) {
  const json::Value& system = root[root["systemInstruction"].exists() ? "systemInstruction" : "system_instruction"];
  if (system.is_object()) said.system = read_blocks("system", system["parts"], read_gemini_part, said, arena);
  for (const json::Value& from : root["contents"].elements()) {
    const size_t before = said.messages.size();
    const Bytes role = from["role"].text();
    add_unless_results_only(
        read_blocks(role.empty() ? Bytes("user") : role, from["parts"], read_gemini_part, said, arena), before, said);
  }
  read_tools(root["tools"], said);
}

bool speaks_anthropic(EndpointKind endpoint) {
  return endpoint == EndpointKind::messages || endpoint == EndpointKind::count_tokens;
}
bool speaks_responses(EndpointKind endpoint) {
  return endpoint == EndpointKind::responses || endpoint == EndpointKind::input_tokens;
}

// What is shown in places of its own.
std::span<const Bytes> shown_apart(EndpointKind endpoint) {
  static constexpr Bytes kChat[] = {"messages", "tools"};
  static constexpr Bytes kMessages[] = {"messages", "tools", "system", "toolConfig"};
  static constexpr Bytes kResponses[] = {"input", "tools", "instructions"};
  static constexpr Bytes kGemini[] = {"contents", "tools", "systemInstruction", "system_instruction"};
  static constexpr Bytes kTexts[] = {"prompt", "input", "query", "documents", "messages", "tools"};
  if (endpoint == EndpointKind::chat_completions) return kChat;
  if (speaks_anthropic(endpoint) || endpoint == EndpointKind::converse) return kMessages;
  if (speaks_responses(endpoint)) return kResponses;
  return endpoint == EndpointKind::generate_content ? kGemini : std::span<const Bytes>(kTexts);
}

}  // namespace

Said read_request(EndpointKind endpoint, const json::Value& root, Arena& arena) {
  Said said;
  if (speaks_anthropic(endpoint)) {
    read_messages(root, read_anthropic_block, said, arena);
    read_tools(root["tools"], said);
  } else if (endpoint == EndpointKind::converse) {
    read_messages(root, read_converse_block, said, arena);
    read_tools(root["toolConfig"]["tools"], said);
  } else if (speaks_responses(endpoint)) {
    read_responses(root, said);
  } else if (endpoint == EndpointKind::generate_content) {
    read_gemini(root, said, arena);
  } else if (endpoint == EndpointKind::rerank) {
    for (const json::Value& document : root["documents"].elements()) {
      said.inputs.push_back(document.is_string() ? document.text() : document["text"].text());
    }
  } else {
    // Of these each has what it has.
    if (endpoint == EndpointKind::embeddings || endpoint == EndpointKind::speech) read_text(root["input"], said.inputs);
    read_text(root["prompt"], said.inputs);
    read_chat(root, said);
  }
  return said;
}

std::string parameters_of(EndpointKind endpoint, const json::Value& root) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  const std::span<const Bytes> apart = shown_apart(endpoint);
  for (const json::Value& member : root.members()) {
    if (std::find(apart.begin(), apart.end(), member.name()) == apart.end()) {
      writer.member_raw(member.name(), member.raw());
    }
  }
  writer.end_object();
  return text;
}

}  // namespace aigw::capture
