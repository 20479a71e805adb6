#include "capture/said.h"

namespace aigw::capture {
namespace {

using endpoint::EndpointKind;

void read_chat(const json::Value& root, std::vector<Message>& messages) {
  for (const json::Value& choice : root["choices"].elements()) {
    const json::Value& from = choice["message"];
    const Bytes role = from["role"].text();
    Message message{.role = role.empty() ? Bytes("assistant") : role, .plain = true,
                    .finish_reason = choice["finish_reason"].text()};
    if (!from["content"].text().empty()) message.parts.push_back({Part::Kind::text, from["content"].text()});
    for (const json::Value& call : from["tool_calls"].elements()) {
      const json::Value& function = call["function"];
      message.calls.push_back({call["id"].text(), function["name"].text(), function["arguments"].text()});
    }
    messages.push_back(std::move(message));
  }
}

void read_completions(const json::Value& root, std::vector<Message>& messages) {
  for (const json::Value& choice : root["choices"].elements()) {
    messages.push_back({.role = "assistant", .plain = true, .finish_reason = choice["finish_reason"].text()});
    messages.back().parts.push_back({Part::Kind::text, choice["text"].text()});
  }
}

// Each item that says something is a message.
void read_responses(const json::Value& root, std::vector<Message>& messages) {
  for (const json::Value& item : root["output"].elements()) {
    const Bytes type = item["type"].text();
    Message message{.role = "assistant", .finish_reason = item["status"].text()};
    if (type == "message") {
      for (const json::Value& part : item["content"].elements()) {
        if (part["text"].is_string()) message.parts.push_back({Part::Kind::text, part["text"].text()});
      }
    } else if (type == "function_call" || type == "custom_tool_call") {
      const json::Value& arguments = item[type == "function_call" ? "arguments" : "input"];
      message.calls.push_back({item["call_id"].text(), item["name"].text(), arguments.text()});
    } else {
      continue;
    }
    messages.push_back(std::move(message));
  }
}

// Each block is a message, as the peer shows it.
void read_anthropic(const json::Value& root, std::vector<Message>& messages, Arena& arena) {
  for (const json::Value& block : root["content"].elements()) {
    Message message{.role = "assistant", .plain = true, .finish_reason = root["stop_reason"].text()};
    read_anthropic_block(block, messages, message, arena);
    messages.push_back(std::move(message));
  }
}

}  // namespace

std::vector<Message> read_answer(EndpointKind endpoint, const json::Value& root, Arena& arena) {
  std::vector<Message> messages;
  if (endpoint == EndpointKind::chat_completions) {
    read_chat(root, messages);
  } else if (endpoint == EndpointKind::completions) {
    read_completions(root, messages);
  } else if (endpoint == EndpointKind::responses) {
    read_responses(root, messages);
  } else if (endpoint == EndpointKind::messages) {
    read_anthropic(root, messages, arena);
  } else if (endpoint == EndpointKind::generate_content) {
    for (const json::Value& candidate : root["candidates"].elements()) {
      Message message{.role = "assistant", .finish_reason = candidate["finishReason"].text()};
      for (const json::Value& part : candidate["content"]["parts"].elements()) {
        read_gemini_part(part, messages, message, arena);
      }
      messages.push_back(std::move(message));
    }
  } else if (endpoint == EndpointKind::converse) {
    Message message{.role = "assistant", .finish_reason = root["stopReason"].text()};
    for (const json::Value& block : root["output"]["message"]["content"].elements()) {
      read_converse_block(block, messages, message, arena);
    }
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace aigw::capture
