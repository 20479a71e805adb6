#include "dialect/gemini/decode_content.h"

#include <string>

#include "dialect/gemini/members.h"
#include "dialect/gemini/signature.h"

namespace aigw::dialect::gemini {
namespace {

using chat::Block;
using chat::Source;
using json::Value;

// The level of a mediaResolution as chat completions call it; empty for none.
Bytes detail_of(Bytes level) {
  if (level == "MEDIA_RESOLUTION_LOW") return "low";
  if (level == "MEDIA_RESOLUTION_MEDIUM") return "medium";
  if (level == "MEDIA_RESOLUTION_HIGH" || level == "MEDIA_RESOLUTION_ULTRA_HIGH") return "high";
  return {};
}

}  // namespace

std::span<const chat::Message> ContentDecoder::contents(const Value& contents) {
  ArenaVector<chat::Message> messages(arena_);
  for (const Value& content : list(reader_, contents)) {
    const Bytes role = reader_.string(content["role"]);
    chat::Message message;
    if (role == "model") {
      message.role = chat::Role::assistant;
    } else if (role == "system") {
      message.role = chat::Role::system;
    } else if (!is_one_of(role, {"", "user", "function", "tool"})) {
      reader_.fail(content["role"], "must be user or model");
    }
    message.content = parts(content);
    if (!reader_.ok()) break;
    report_unknown(content, {"role", "parts"}, "contents[].", drops_);
    messages.push_back(message);
  }
  return messages.items();
}

chat::Blocks ContentDecoder::system(const Value& instruction) {
  if (!instruction.exists_and_not_null()) return {};
  if (!instruction.is_string()) return parts(instruction);
  ArenaVector<Block> blocks(arena_);
  blocks.push_back(chat::Text{.text = instruction.text()});
  return chat::Blocks(blocks.items());
}

chat::Blocks ContentDecoder::parts(const Value& content) {
  reader_.members(content);
  ArenaVector<Block> blocks(arena_);
  for (const Value& part : list(reader_, content["parts"])) {
    this->part(part, blocks);
    if (!reader_.ok()) break;
  }
  return chat::Blocks(blocks.items());
}

void ContentDecoder::part(const Value& part, ArenaVector<Block>& to) {
  reader_.members(part);
  const Bytes signature = reader_.string(member(part, "thoughtSignature"));
  const Value& inline_data = member(part, "inlineData");
  const Value& file_data = member(part, "fileData");
  const Bytes level = member(part, "mediaResolution")["level"].text();
  if (part["text"].exists_and_not_null()) {
    text(part, signature, to);
  } else if (inline_data.exists_and_not_null()) {
    media(inline_data, false, detail_of(level), to);
  } else if (file_data.exists_and_not_null()) {
    media(file_data, true, detail_of(level), to);
  } else if (member(part, "functionCall").exists_and_not_null()) {
    call(part, signature, to);
  } else if (member(part, "functionResponse").exists_and_not_null()) {
    response(part, to);
  } else if (!signature.empty() && part["thought"].is_true()) {
    text(part, signature, to);
  } else if (!part.members().empty()) {
    const std::string type = camel_case(part.members().front().name());
    to.push_back(chat::Opaque{.type = arena_.copy(type), .raw = part.raw()});
    return;
  }
  report_unknown(part,
                 {"text", "thought", "thoughtSignature", "inlineData", "fileData", "functionCall",
                  "functionResponse", "mediaResolution"},
                 "contents[].parts[].", drops_);
}

// A thought that came in a stream comes back in its pieces, its signature on the last one: what
// follows a thought without a signature goes on with it.
void ContentDecoder::text(const Value& part, Bytes signature, ArenaVector<Block>& to) {
  const Bytes text = reader_.string(part["text"]);
  if (!reader_.boolean(part["thought"]).value_or(false)) {
    // It proves thoughts that are not here, to the provider that had them.
    if (!signature.empty()) drops_.add("contents[].parts[].thoughtSignature of a text");
    to.push_back(chat::Text{.text = text});
    return;
  }
  const ReadSignature read = signature.empty() ? ReadSignature{} : read_signature(signature, arena_);
  if (!read.redacted.empty()) {
    to.push_back(chat::Reasoning{.redacted = read.redacted});
    return;
  }
  if (auto* before = to.empty() ? nullptr : std::get_if<chat::Reasoning>(&to.back().value)) {
    if (before->signature.empty() && before->redacted.empty()) {
      before->text = arena_.copy(std::string(before->text) + std::string(text));
      before->signature = read.signature;
      return;
    }
  }
  to.push_back(chat::Reasoning{.text = text, .signature = read.signature});
}

void ContentDecoder::call(const Value& part, Bytes signature, ArenaVector<Block>& to) {
  const Value& call = member(part, "functionCall");
  const Bytes arguments = reader_.object_text(call["args"]);
  const Bytes name = reader_.required_string(call, "name");
  Bytes id = reader_.string(call["id"]);
  if (id.empty()) id = arena_.copy("call_" + std::to_string(calls_.size()));
  calls_.push_back({id, name});
  report_unknown(call, {"id", "name", "args"}, "contents[].parts[].functionCall.", drops_);
  to.push_back(chat::ToolCall{
      .id = id,
      .name = name,
      .arguments = arguments.empty() ? Bytes("{}") : arguments,
      .signature = signature.empty() ? Bytes() : standard_base64(signature, arena_)});
}

Bytes ContentDecoder::answered_id(Bytes id, Bytes name) {
  OpenCall* found = nullptr;
  for (OpenCall& call : calls_) {
    if (call.answered || (id.empty() ? call.name != name : call.id != id)) continue;
    found = &call;
    break;
  }
  if (found == nullptr) return id.empty() ? name : id;
  found->answered = true;
  return found->id;
}

// {"output":…} and {"result":…} are what libraries make of a function's value, {"error":…} of its
// failure. Text stays text; all else is told as JSON.
void ContentDecoder::response(const Value& part, ArenaVector<Block>& to) {
  const Value& from = member(part, "functionResponse");
  const Bytes name = reader_.string(from["name"]);
  chat::ToolResult result{.call_id = answered_id(reader_.string(from["id"]), name)};
  const Value& response = from["response"];
  const std::span<const Value> members = reader_.members(response);
  ArenaVector<Block> content(arena_);
  Bytes text = response.raw();
  if (members.size() == 1 && is_one_of(members[0].name(), {"output", "result", "error"})) {
    const Value& value = members[0];
    text = value.is_string() ? value.text() : value.raw();
    if (value.name() == "error") result.is_error = true;
  }
  if (!text.empty()) content.push_back(chat::Text{.text = text});
  for (const Value& more : from["parts"].elements()) {
    const Value& data = member(more, "inlineData");
    const Value& file = member(more, "fileData");
    if (data.is_object()) {
      media(data, false, {}, content);
    } else if (file.is_object()) {
      media(file, true, {}, content);
    }
  }
  report_unknown(from, {"id", "name", "response", "parts"}, "contents[].parts[].functionResponse.",
                 drops_);
  result.content = chat::Blocks(content.items());
  to.push_back(result);
}

void ContentDecoder::media(const Value& from, bool uri, Bytes resolution,
                           ArenaVector<Block>& to) {
  Source source{.media_type = reader_.string(member(from, "mimeType"))};
  if (uri) {
    source.kind = Source::Kind::url;
    source.data = reader_.string(member(from, "fileUri"));
    if (source.data.empty()) reader_.missing(from, "fileUri");
  } else {
    source.data = standard_base64(reader_.required_string(from, "data"), arena_);
  }
  report_unknown(from, {"data", "mimeType", "fileUri", "displayName"}, "contents[].parts[].media.",
                 drops_);
  if (source.media_type.starts_with("image/")) {
    to.push_back(chat::Image{.source = source, .detail = resolution});
  } else if (source.media_type.starts_with("audio/")) {
    to.push_back(chat::Audio{source});
  } else {
    to.push_back(chat::File{.source = source, .name = member(from, "displayName").text()});
  }
}

}  // namespace aigw::dialect::gemini
