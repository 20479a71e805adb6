#include "dialect/openai_responses/decode_items.h"

#include <algorithm>
#include <variant>

#include "dialect/openai_responses/namespace.h"
#include "dialect/openai_responses/seal.h"
#include "http/data_url.h"

namespace aigw::dialect::openai_responses {
namespace {

using chat::Source;

constexpr Bytes kPartPath = "content[].";

Bytes joined(std::span<const Bytes> parts, Bytes between, Arena& arena) {
  if (parts.empty()) return {};
  if (parts.size() == 1) return parts.front();
  size_t size = (parts.size() - 1) * between.size();
  for (Bytes part : parts) size += part.size();
  char* const begin = arena.allocate(size);
  char* to = begin;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) to = std::copy(between.begin(), between.end(), to);
    to = std::copy(parts[i].begin(), parts[i].end(), to);
  }
  return {begin, size};
}

// Items that another side than the model puts into the list.
bool is_of_user(Bytes type) {
  return type.ends_with("_output") || type == "mcp_approval_response" || type == "item_reference";
}

}  // namespace

Bytes reasoning_text(const json::Value& item, json::Reader& reader, Arena& arena) {
  ArenaVector<Bytes> texts(arena);
  for (Bytes member : {Bytes("summary"), Bytes("content")}) {
    for (const json::Value& part : reader.elements(item[member])) {
      texts.push_back(reader.string(part["text"]));
    }
  }
  return joined(texts.items(), kBetweenParts, arena);
}

chat::Reasoning reasoning_seal(Bytes id, Bytes encrypted, bool any_text, Arena& arena) {
  if (encrypted.empty() && !any_text) return {};
  if (const std::optional<ForeignSeal> seal = open_foreign(encrypted)) {
    if (seal->kind == ForeignSeal::Kind::redacted) return {.redacted = seal->payload};
    return {.signature = seal->payload};
  }
  const Bytes sealed = seal_own(id, encrypted, arena);
  return any_text ? chat::Reasoning{.signature = sealed} : chat::Reasoning{.redacted = sealed};
}

void ItemDecoder::drop_others(const json::Value& object, std::initializer_list<Bytes> known,
                              Bytes head) {
  for (const json::Value& member : object.members()) {
    if (!member.exists_and_not_null() || member.raw() == "[]") continue;
    if (std::find(known.begin(), known.end(), member.name()) == known.end()) {
      drops_.add(head, member.name());
    }
  }
}

void ItemDecoder::instructions(Bytes text) {
  if (!text.empty()) system_.push_back(chat::Text{.text = text});
}

void ItemDecoder::input_text(Bytes text) {
  ArenaVector<chat::Block> blocks(arena_);
  if (!text.empty()) blocks.push_back(chat::Text{.text = text});
  messages_.push_back({chat::Role::user, blocks.items(), {}});
}

void ItemDecoder::finish() { flush_run(); }

void ItemDecoder::begin_run(Run run) {
  if (run == in_run_) return;
  if (in_run_ != Run::none && !run_.empty()) {
    const bool assistant = in_run_ == Run::assistant;
    messages_.push_back({assistant ? chat::Role::assistant : chat::Role::user, run_.items(), {}});
  }
  run_ = ArenaVector<chat::Block>(arena_);
  in_run_ = run;
}

void ItemDecoder::input_item(const json::Value& item) {
  if (!item.is_object()) return reader_.fail(item, "must be an object");
  const Bytes given = reader_.string(item["type"]);
  const Bytes type = given.empty() ? Bytes("message") : given;
  if (type == "message") return message(item);
  if (type == "function_call_output") return results_item(item, false);
  if (type == "custom_tool_call_output") return results_item(item, true);
  if (is_of_user(type)) {
    begin_run(Run::results);
    return run_.push_back(chat::Opaque{type, item.raw()});
  }
  begin_run(Run::assistant);
  assistant_item(type, item, run_);
}

void ItemDecoder::output_item(const json::Value& item, ArenaVector<chat::Block>& to) {
  if (!item.is_object()) return reader_.fail(item, "must be an object");
  const Bytes type = reader_.required_string(item, "type");
  if (type == "message") {
    assistant_message(item, to);
  } else {
    assistant_item(type, item, to);
  }
}

void ItemDecoder::message(const json::Value& item) {
  const Bytes role = reader_.required_string(item, "role");
  if (role == "assistant") {
    begin_run(Run::assistant);
    return assistant_message(item, run_);
  }
  flush_run();
  drop_others(item, {"type", "id", "status", "role", "content"}, items_);
  if (role == "user") {
    ArenaVector<chat::Block> blocks(arena_);
    content(item["content"], false, blocks);
    messages_.push_back({chat::Role::user, blocks.items(), {}});
  } else if (role == "system" || role == "developer") {
    if (messages_.empty()) return content(item["content"], false, system_);
    ArenaVector<chat::Block> blocks(arena_);
    content(item["content"], false, blocks);
    messages_.push_back({chat::Role::system, blocks.items(), {}});
  } else if (reader_.ok()) {
    reader_.fail(item["role"], "must be user, assistant, system or developer");
  }
}

void ItemDecoder::assistant_message(const json::Value& item, ArenaVector<chat::Block>& to) {
  drop_others(item, {"type", "id", "status", "role", "content"}, items_);
  content(item["content"], true, to);
}

void ItemDecoder::assistant_item(Bytes type, const json::Value& item,
                                 ArenaVector<chat::Block>& to) {
  if (type == "reasoning") {
    reasoning(item, to);
  } else if (type == "function_call") {
    call(item, false, to);
  } else if (type == "custom_tool_call") {
    call(item, true, to);
  } else {
    to.push_back(chat::Opaque{type, item.raw()});
  }
}

void ItemDecoder::call(const json::Value& item, bool freeform, ArenaVector<chat::Block>& to) {
  const Bytes arguments = freeform ? Bytes("input") : Bytes("arguments");
  drop_others(item, {"type", "id", "status", "call_id", "name", "namespace", arguments}, items_);
  to.push_back(chat::ToolCall{.id = reader_.required_string(item, "call_id"),
                              .name = flat_name(reader_.string(item["namespace"]),
                                                reader_.required_string(item, "name"), arena_),
                              .arguments = reader_.string(item[arguments]),
                              .freeform = freeform});
}

void ItemDecoder::results_item(const json::Value& item, bool freeform) {
  begin_run(Run::results);
  drop_others(item, {"type", "id", "status", "call_id", "output"}, items_);
  ArenaVector<chat::Block> blocks(arena_);
  content(item["output"], false, blocks);
  run_.push_back(chat::ToolResult{.call_id = reader_.required_string(item, "call_id"),
                                  .content = blocks.items(),
                                  .freeform = freeform});
}

void ItemDecoder::reasoning(const json::Value& item, ArenaVector<chat::Block>& to) {
  drop_others(item, {"type", "id", "status", "summary", "content", "encrypted_content"},
              items_);
  const Bytes encrypted = reader_.string(item["encrypted_content"]);
  const std::optional<ForeignSeal> seal = open_foreign(encrypted);
  if (seal && seal->kind == ForeignSeal::Kind::call) {
    return sign_call(seal->call_id, seal->payload, to);
  }
  const Bytes text = reasoning_text(item, reader_, arena_);
  chat::Reasoning block =
      reasoning_seal(reader_.string(item["id"]), encrypted, !text.empty(), arena_);
  if (text.empty() && block.signature.empty() && block.redacted.empty()) return;
  block.text = text;
  to.push_back(block);
}

void ItemDecoder::sign_call(Bytes call_id, Bytes signature, ArenaVector<chat::Block>& to) {
  const std::span<chat::Block> blocks = to.mutable_items();
  for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
    auto* call = std::get_if<chat::ToolCall>(&block->value);
    if (call != nullptr && call->id == call_id) {
      call->signature = signature;
      return;
    }
  }
  drops_.add("input[].encrypted_content of a call that is not there");
}

void ItemDecoder::content(const json::Value& content, bool assistant,
                          ArenaVector<chat::Block>& to) {
  if (content.is_string()) {
    if (!content.text().empty()) to.push_back(chat::Text{.text = content.text()});
  } else if (content.is_array()) {
    for (const json::Value& element : content.elements()) part(element, assistant, to);
  } else if (content.exists_and_not_null()) {
    reader_.fail(content, "must be a string or an array of parts");
  }
}

void ItemDecoder::part(const json::Value& part, bool assistant, ArenaVector<chat::Block>& to) {
  if (!part.is_object()) return reader_.fail(part, "must be an object");
  const Bytes type = reader_.required_string(part, "type");
  if (!reader_.ok()) return;
  if (type == "input_text" || type == "output_text") {
    const json::Value& annotations = part["annotations"];
    const bool any = !reader_.elements(annotations).empty();
    to.push_back(chat::Text{.text = reader_.string(part["text"]),
                            .citations = any ? annotations.raw() : Bytes()});
    return drop_others(part, {"type", "text", "annotations"}, kPartPath);
  }
  if (type == "refusal" && assistant) {
    to.push_back(chat::Text{.text = reader_.string(part["refusal"]), .refusal = true});
    return drop_others(part, {"type", "refusal"}, kPartPath);
  }
  if (!assistant && media_part(type, part, to)) return;
  reader_.fail(part["type"], "is no type of content part that is known here");
}

bool ItemDecoder::media_part(Bytes type, const json::Value& part, ArenaVector<chat::Block>& to) {
  if (type == "input_image") {
    drop_others(part, {"type", "image_url", "file_id", "detail"}, kPartPath);
    image(part, to);
  } else if (type == "input_file") {
    drop_others(part, {"type", "file_data", "file_id", "file_url", "filename"}, kPartPath);
    file(part, to);
  } else if (type == "input_audio") {
    const json::Value& audio = part["input_audio"];
    if (!audio.is_object()) reader_.missing(part, "input_audio");
    const Bytes type_parts[] = {"audio/", reader_.string(audio["format"])};
    to.push_back(chat::Audio{{Source::Kind::base64, reader_.string(audio["data"]),
                              joined(type_parts, {}, arena_)}});
  } else {
    return false;
  }
  return true;
}

void ItemDecoder::image(const json::Value& part, ArenaVector<chat::Block>& to) {
  chat::Image image{.source = {}, .detail = reader_.string(part["detail"])};
  const Bytes url = reader_.string(part["image_url"]);
  const Bytes id = reader_.string(part["file_id"]);
  if (!url.empty()) {
    image.source = {Source::Kind::url, url, {}};
    if (http::is_data_url(url)) {
      const std::optional<http::DataUrl> data = http::read_data_url(url);
      if (!data) return reader_.fail(part["image_url"], "must be a URL, or a data: URL in base64");
      image.source = {Source::Kind::base64, data->base64, data->media_type};
    }
  } else if (!id.empty()) {
    image.source = {Source::Kind::file_id, id, {}};
  } else {
    return reader_.fail(part, "must have image_url or file_id");
  }
  to.push_back(image);
}

void ItemDecoder::file(const json::Value& part, ArenaVector<chat::Block>& to) {
  chat::File file{.source = {}, .name = reader_.string(part["filename"])};
  const Bytes given = reader_.string(part["file_data"]);
  const Bytes url = reader_.string(part["file_url"]);
  const Bytes id = reader_.string(part["file_id"]);
  if (http::is_data_url(given)) {
    const std::optional<http::DataUrl> data = http::read_data_url(given);
    if (!data) return reader_.fail(part["file_data"], "must be base64, or a data: URL in base64");
    file.source = {Source::Kind::base64, data->base64, data->media_type};
  } else if (!given.empty()) {
    file.source = {Source::Kind::base64, given, {}};
  } else if (!url.empty()) {
    file.source = {Source::Kind::url, url, {}};
  } else if (!id.empty()) {
    file.source = {Source::Kind::file_id, id, {}};
  } else {
    return reader_.fail(part, "must have file_data, file_url or file_id");
  }
  to.push_back(file);
}

}  // namespace aigw::dialect::openai_responses
