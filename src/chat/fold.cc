#include "chat/fold.h"

#include "base/check.h"

namespace aigw::chat {
namespace {

using Kind = event::BlockOpen::Kind;

Source copy_source(const Source& source, Arena& arena) {
  return {source.kind, arena.copy(source.data), arena.copy(source.media_type)};
}

Blocks copy_blocks(Blocks blocks, Arena& arena) {
  ArenaVector<Block> copies(arena);
  for (const Block& block : blocks) copies.push_back(copy_block(block, arena));
  return copies.items();
}

}  // namespace

Block copy_block(const Block& block, Arena& arena) {
  const auto copy = [&arena](Bytes bytes) { return arena.copy(bytes); };
  return std::visit(
      Overload{
          [&](const Text& b) -> Block { return Text{copy(b.text), copy(b.citations), b.refusal}; },
          [&](const Image& b) -> Block {
            return Image{copy_source(b.source, arena), copy(b.detail)};
          },
          [&](const File& b) -> Block {
            return File{copy_source(b.source, arena), copy(b.name), copy(b.context),
                        copy(b.citations_config)};
          },
          [&](const Audio& b) -> Block { return Audio{copy_source(b.source, arena)}; },
          [&](const ToolCall& b) -> Block {
            return ToolCall{copy(b.id), copy(b.name), copy(b.arguments), b.freeform,
                            copy(b.signature)};
          },
          [&](const ToolResult& b) -> Block {
            return ToolResult{copy(b.call_id), copy_blocks(b.content, arena), b.is_error,
                              b.freeform};
          },
          [&](const Reasoning& b) -> Block {
            return Reasoning{copy(b.text), copy(b.signature), copy(b.redacted), copy(b.id)};
          },
          [&](const CachePoint& b) -> Block { return CachePoint{copy(b.ttl)}; },
          [&](const Opaque& b) -> Block { return Opaque{copy(b.type), copy(b.raw)}; }},
      block.value);
}

void Fold::on_event(const Event& event) {
  AIGW_CHECK(!complete());
  std::visit(
      Overload{
          [&](const event::Start& e) { start(e); }, [&](const event::BlockOpen& e) { open(e); },
          [&](const event::TextDelta& e) { text(e.index, Kind::text, e.text); },
          [&](const event::Citation& e) { citation(e); },
          [&](const event::ArgsDelta& e) { text(e.index, Kind::tool_call, e.arguments); },
          [&](const event::ReasoningDelta& e) { text(e.index, Kind::reasoning, e.text); },
          [&](const event::SignatureDelta& e) { signature(e); },
          [&](const event::Redacted& e) { redacted(e); },
          [&](const event::BlockClose& e) { close(e.index); },
          [&](const event::BlockWhole& e) { whole(e); },
          [&](const event::UsageReport& e) { usage(e); },
          [&](const event::AnswerExtra& e) {
            extras_.push_back({arena_.copy(e.extra.name), arena_.copy(e.extra.raw)});
          },
          [&](const event::Finish& e) { finish(e); }, [&](const event::Done&) { done_ = true; },
          [&](const event::Fault& e) { fail(e); }, [](const event::Ping&) {}},
      event);
}

void Fold::start(const event::Start& start) {
  answer_.language = arena_.copy(start.language);
  answer_.id = arena_.copy(start.id);
  answer_.model = arena_.copy(start.model);
  answer_.created = start.created;
}

void Fold::open(const event::BlockOpen& open) {
  AIGW_CHECK(!open_ && open.index == blocks_.size());
  open_ = open;
  open_->id = arena_.copy(open.id);
  open_->name = arena_.copy(open.name);
  text_.clear();
  signature_.clear();
  citations_.clear();
  redacted_ = {};
}

void Fold::text(uint32_t index, Kind kind, Bytes more) {
  AIGW_CHECK(open_ && open_->index == index && open_->kind == kind);
  text_ += more;
}

void Fold::citation(const event::Citation& citation) {
  AIGW_CHECK(open_ && open_->index == citation.index && open_->kind == Kind::text);
  citations_ += citations_.empty() ? '[' : ',';
  citations_ += citation.raw;
}

void Fold::signature(const event::SignatureDelta& delta) {
  AIGW_CHECK(open_ && open_->index == delta.index && open_->kind != Kind::text);
  signature_ += delta.signature;
}

void Fold::redacted(const event::Redacted& redacted) {
  AIGW_CHECK(open_ && open_->index == redacted.index && open_->kind == Kind::reasoning);
  redacted_ = arena_.copy(redacted.data);
}

void Fold::close(uint32_t index) {
  AIGW_CHECK(open_ && open_->index == index);
  const Bytes text = arena_.copy(text_);
  const Bytes signature = arena_.copy(signature_);
  switch (open_->kind) {
    case Kind::text: {
      if (!citations_.empty()) citations_ += ']';
      blocks_.push_back(Text{text, arena_.copy(citations_), open_->refusal});
      break;
    }
    case Kind::reasoning:
      blocks_.push_back(Reasoning{text, signature, redacted_, open_->id});
      break;
    case Kind::tool_call:
      blocks_.push_back(ToolCall{open_->id, open_->name, text, open_->freeform, signature});
      break;
  }
  open_.reset();
}

void Fold::whole(const event::BlockWhole& whole) {
  AIGW_CHECK(!open_ && whole.index == blocks_.size());
  blocks_.push_back(copy_block(*whole.block, arena_));
}

void Fold::usage(const event::UsageReport& report) {
  answer_.usage.merge(report.usage);
  if (!report.service_tier.empty()) answer_.service_tier = arena_.copy(report.service_tier);
}

void Fold::finish(const event::Finish& finish) {
  AIGW_CHECK(!open_);
  answer_.stop = finish.reason;
  answer_.stop_raw = arena_.copy(finish.raw);
  answer_.stop_sequence = arena_.copy(finish.stop_sequence);
}

void Fold::fail(const event::Fault& fault) {
  fault_ = event::Fault{fault.status, arena_.copy(fault.type), arena_.copy(fault.message),
                        arena_.copy(fault.code), arena_.copy(fault.param), fault.limit, fault.cut};
}

const Answer& Fold::answer() {
  answer_.blocks = blocks_.items();
  answer_.extras = extras_.items();
  return answer_;
}

}  // namespace aigw::chat
