// `generationConfig`: what of the hub's settings goes there.
#pragma once

#include <string>

#include "base/arena.h"
#include "base/result.h"
#include "chat/conversation.h"
#include "chat/drops.h"
#include "dialect/gemini/encode_request.h"
#include "dialect/gemini/language.h"
#include "json/writer.h"

namespace aigw::dialect::gemini {

class ConfigEncoder {
 public:
  // All references outlive the encoder.
  ConfigEncoder(const chat::Conversation& from, const Target& target, const ModelFamily& family,
                json::Writer& writer, Arena& arena, chat::Drops& drops)
      : from_(from),
        target_(target),
        family_(family),
        writer_(writer),
        arena_(arena),
        drops_(drops),
        own_(from.language == kLanguage) {}

  // Writes the object, empty or not. Fails with unprocessable.
  Result<void> encode();

  // Writes the member of a request that is there to be counted, if anything belongs there.
  Result<void> encode_counted();

 private:
  Result<void> read_output();
  Result<void> read_schema(Bytes raw, bool whole);
  Result<void> read_media_resolution();
  Result<void> check_formats() const;
  Result<void> thinking();
  Result<void> level();
  void own_thinking();
  void stop_sequences();
  void own_rest();

  const chat::Conversation& from_;
  const Target& target_;
  const ModelFamily& family_;
  json::Writer& writer_;
  Arena& arena_;
  chat::Drops& drops_;
  const bool own_;

  // What the members that stand apart are made of; empty for none.
  Bytes json_schema_;
  std::string schema_;  // in Gemini's form
  Bytes mime_type_;
  Bytes media_resolution_;
};

}  // namespace aigw::dialect::gemini
