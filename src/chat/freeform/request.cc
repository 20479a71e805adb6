#include "chat/freeform/request.h"

#include <algorithm>
#include <variant>

#include "json/text.h"

namespace aigw::chat::freeform {
namespace {

constexpr Bytes kSchema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

const ToolCall* freeform_call(const Block& block) {
  const auto* call = std::get_if<ToolCall>(&block.value);
  return call != nullptr && call->freeform ? call : nullptr;
}

bool calls(const Message& message) {
  return std::any_of(message.content.begin(), message.content.end(),
                     [](const Block& block) { return freeform_call(block) != nullptr; });
}

bool is_freeform(const Tool& tool) { return tool.kind == Tool::Kind::freeform; }

bool declares_function(const Conversation& from, Bytes name) {
  return std::any_of(from.tools.begin(), from.tools.end(), [&](const Tool& tool) {
    return tool.kind == Tool::Kind::function && tool.name == name;
  });
}

void add_name(std::string& names, Bytes name) {
  if (name.empty() || name.find('\n') != Bytes::npos || has_name(names, name)) return;
  names += name;
  names += '\n';
}

Tool as_function(const Tool& tool, Arena& arena) {
  Tool function = tool;
  function.kind = Tool::Kind::function;
  function.schema = kSchema;
  function.grammar = {};
  if (tool.grammar.definition.empty()) return function;
  std::string description(tool.description.value_or(Bytes()));
  if (!description.empty()) description += "\n\n";
  description += "The input follows this grammar";
  if (!tool.grammar.syntax.empty()) {
    description += " (";
    description += tool.grammar.syntax;
    description += ')';
  }
  description += ":\n";
  description += tool.grammar.definition;
  function.description = arena.copy(description);
  return function;
}

Block as_function_call(const ToolCall& call, Arena& arena) {
  std::string arguments = "{\"input\":";
  json::append_quoted(arguments, call.arguments);
  arguments += '}';
  ToolCall made = call;
  made.arguments = arena.copy(arguments);
  made.freeform = false;
  return made;
}

}  // namespace

bool has_name(Bytes names, Bytes name) {
  while (!names.empty()) {
    const Bytes one = names.substr(0, names.find('\n'));
    if (one == name) return true;
    names.remove_prefix(one.size() + 1);
  }
  return false;
}

std::string names(const Conversation& from) {
  std::string names;
  for (const Tool& tool : from.tools) {
    if (is_freeform(tool)) add_name(names, tool.name);
  }
  for (const Message& message : from.messages) {
    for (const Block& block : message.content) {
      const ToolCall* call = freeform_call(block);
      if (call != nullptr && !declares_function(from, call->name)) add_name(names, call->name);
    }
  }
  return names;
}

Conversation as_functions(const Conversation& from, Arena& arena) {
  Conversation to = from;
  if (std::any_of(from.tools.begin(), from.tools.end(), is_freeform)) {
    ArenaVector<Tool> tools(arena);
    for (const Tool& tool : from.tools) {
      tools.push_back(is_freeform(tool) ? as_function(tool, arena) : tool);
    }
    to.tools = tools.items();
  }
  if (std::none_of(from.messages.begin(), from.messages.end(), calls)) return to;
  ArenaVector<Message> messages(arena);
  for (const Message& message : from.messages) {
    messages.push_back(message);
    if (!calls(message)) continue;
    ArenaVector<Block> blocks(arena);
    for (const Block& block : message.content) {
      const ToolCall* call = freeform_call(block);
      blocks.push_back(call != nullptr ? as_function_call(*call, arena) : block);
    }
    messages.back().content = blocks.items();
  }
  to.messages = messages.items();
  return to;
}

}  // namespace aigw::chat::freeform
