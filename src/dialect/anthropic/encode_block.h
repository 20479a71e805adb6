// Content blocks of the hub, written as the Messages API takes them in a request.
#pragma once

#include "base/arena.h"
#include "base/result.h"
#include "chat/block.h"
#include "chat/drops.h"
#include "json/writer.h"

namespace aigw::dialect::anthropic {

class BlockEncoder {
 public:
  // All of them outlive the encoder. `own`: the blocks were decoded from this language, so they go
  // out as they came. Others are brought into the form that the API accepts: empty texts, thoughts
  // without a signature and blocks of another language stay out.
  BlockEncoder(json::Writer& writer, Arena& arena, chat::Drops& drops, bool own)
      : writer_(writer), arena_(arena), drops_(drops), own_(own) {}

  // Whether array() has anything to write of `blocks`.
  bool writes(chat::Blocks blocks) const;

  // Writes an array. Fails with unprocessable, naming it, for what the API cannot take. `path`
  // names a block for the reports: "messages[].content[]".
  Result<void> array(chat::Blocks blocks, Bytes path);

  // {ttl? type}.
  void cache_control(const chat::CachePoint& point);

 private:
  // Where a cache point is, the block before it carries the marker.
  struct Placed {
    const chat::Block* block;
    const chat::CachePoint* cache;
  };

  bool writes(const chat::Block& block) const;
  ArenaVector<Placed> place(chat::Blocks blocks, Bytes path);
  void report_unwritten(const chat::Block& block, Bytes path);
  Result<void> block(const Placed& placed, Bytes path);
  void end(const Placed& placed, Bytes type);

  Result<void> text(const chat::Text& text, const Placed& placed, Bytes path);
  Result<void> image(const chat::Image& image, const Placed& placed, Bytes path);
  Result<void> file(const chat::File& file, const Placed& placed, Bytes path);
  Result<void> document(const chat::Source& source, Bytes path);
  Result<void> source(const chat::Source& source, Bytes media_type, Bytes path);
  Result<void> tool_use(const chat::ToolCall& call, const Placed& placed, Bytes path);
  Result<void> tool_result(const chat::ToolResult& result, const Placed& placed);
  Result<void> thinking(const chat::Reasoning& reasoning);

  json::Writer& writer_;
  Arena& arena_;
  chat::Drops& drops_;
  bool own_;
};

}  // namespace aigw::dialect::anthropic
