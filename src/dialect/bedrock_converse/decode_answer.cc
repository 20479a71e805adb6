#include "dialect/bedrock_converse/decode_answer.h"

#include "dialect/bedrock_converse/media.h"

namespace aigw::dialect::bedrock_converse {
namespace {

namespace event = chat::event;
using Kind = event::BlockOpen::Kind;

Failure no_answer(std::string what) {
  return {FailureKind::bad_upstream, "Bedrock's answer has " + std::move(what)};
}

// A tool that the service itself runs.
bool is_server_tool(const json::Value& tool_use) {
  return tool_use["type"].exists_and_not_null();
}

Result<void> check(const json::Value& content) {
  if (!content.is_array()) return no_answer("no output.message.content");
  for (const json::Value& block : content.elements()) {
    if (!block.is_object()) return no_answer("a block that is no object");
    const json::Value& text = block["text"];
    if (text.exists_and_not_null() && !text.is_string()) return no_answer("a text that is none");
    const json::Value& call = block["toolUse"];
    if (!call.exists_and_not_null() || is_server_tool(call)) continue;
    if (call["toolUseId"].text().empty() || call["name"].text().empty()) {
      return no_answer("a toolUse without id or name");
    }
  }
  return {};
}

class AnswerDecoder {
 public:
  AnswerDecoder(Arena& arena, chat::Drops& drops, chat::EventSink& sink)
      : arena_(arena), drops_(drops), sink_(sink) {}

  void block(const json::Value& block) {
    for (const json::Value& member : block.members()) {
      if (!member.exists_and_not_null()) continue;
      if (member.name() == "text") {
        text(member.text());
      } else if (member.name() == "reasoningContent") {
        reasoning(member);
      } else if (member.name() == "citationsContent") {
        cited(member);
      } else if (!tool_use(member) && !media(member)) {
        drops_.add("output.message.content[].", member.name());
      }
    }
  }

 private:
  void open(Kind kind) { sink_.on_event(event::BlockOpen{.index = index_, .kind = kind}); }
  void close() { sink_.on_event(event::BlockClose{index_++}); }

  void text(Bytes text) {
    open(Kind::text);
    if (!text.empty()) sink_.on_event(event::TextDelta{index_, text});
    close();
  }

  void reasoning(const json::Value& content) {
    const Bytes redacted = content["redactedContent"].text();
    const json::Value& thought = content["reasoningText"];
    open(Kind::reasoning);
    if (!redacted.empty()) {
      sink_.on_event(event::Redacted{index_, redacted});
    } else {
      const Bytes text = thought["text"].text();
      const Bytes signature = thought["signature"].text();
      if (!text.empty()) sink_.on_event(event::ReasoningDelta{index_, text});
      if (!signature.empty()) sink_.on_event(event::SignatureDelta{index_, signature});
    }
    close();
  }

  // Text with its sources: {content:[{text}],citations:[…]}.
  void cited(const json::Value& block) {
    open(Kind::text);
    for (const json::Value& part : block["content"].elements()) {
      const Bytes text = part["text"].text();
      if (!text.empty()) sink_.on_event(event::TextDelta{index_, text});
    }
    for (const json::Value& citation : block["citations"].elements()) {
      sink_.on_event(event::Citation{index_, citation.raw()});
    }
    close();
  }

  bool tool_use(const json::Value& call) {
    if (call.name() != "toolUse" || is_server_tool(call)) return false;
    const json::Value& input = call["input"];
    sink_.on_event(event::BlockOpen{.index = index_,
                                    .kind = Kind::tool_call,
                                    .id = call["toolUseId"].text(),
                                    .name = call["name"].text()});
    sink_.on_event(
        event::ArgsDelta{index_, input.exists_and_not_null() ? input.raw() : Bytes("{}")});
    close();
    return true;
  }

  bool media(const json::Value& member) {
    const Bytes format = member["format"].text();
    const json::Value& source = member["source"];
    const Bytes bytes = source["bytes"].text();
    if (bytes.empty()) return false;
    if (member.name() == "image") {
      whole(chat::Image{{.data = bytes, .media_type = image_media_type(format, arena_)}});
    } else if (member.name() == "document") {
      whole(chat::File{.source = {.data = bytes, .media_type = document_media_type(format)},
                       .name = member["name"].text()});
    } else {
      return false;
    }
    return true;
  }

  void whole(const chat::Block& block) { sink_.on_event(event::BlockWhole{index_++, &block}); }

  Arena& arena_;
  chat::Drops& drops_;
  chat::EventSink& sink_;
  uint32_t index_ = 0;
};

}  // namespace

Result<void> decode_answer(const json::Value& root, const AnswerIdentity& identity, Arena& arena,
                           chat::Drops& drops, chat::EventSink& sink) {
  if (!root["output"].is_object()) return no_answer("no output");
  const json::Value& content = root["output"]["message"]["content"];
  AIGW_TRY(check(content));
  sink.on_event(decode_start(identity));
  AnswerDecoder decoder(arena, drops, sink);
  for (const json::Value& block : content.elements()) decoder.block(block);
  const Bytes reason = root["stopReason"].text();
  sink.on_event(event::Finish{decode_stop_reason(reason), reason, {}});
  emit_extra(root, "additionalModelResponseFields", sink);
  emit_usage(root, sink);
  emit_metadata_extras(root, sink);
  sink.on_event(event::Done{});
  return {};
}

}  // namespace aigw::dialect::bedrock_converse
