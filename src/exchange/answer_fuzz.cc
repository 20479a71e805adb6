// A provider's answer in each dialect, for each client: whole, streamed, and as an error. What the
// client gets of a stream does not depend on how it is cut, and is JSON. The last bytes choose the
// provider, the client and the kind.
#include <memory>
#include <string>

#include "base/limits.h"
#include "chat/fold.h"
#include "exchange/client_answer.h"
#include "exchange/provider.h"
#include "fuzz/fuzz.h"
#include "wire/eventstream.h"
#include "wire/sse.h"

namespace {

using aigw::Arena;
using aigw::Bytes;
using aigw::config::SchemaName;
using aigw::endpoint::Dialect;
using aigw::fuzz::require;
namespace exchange = aigw::exchange;
namespace wire = aigw::wire;

constexpr Dialect kClients[] = {Dialect::openai, Dialect::anthropic, Dialect::responses,
                                Dialect::gemini, Dialect::converse};

aigw::json::Parser& parser() {
  static aigw::json::Parser& one = *new aigw::json::Parser();
  return one;
}

void require_json(Bytes text, const char* rule) {
  Arena arena(aigw::limits::hub_arena_max(text.size()));
  require(parser().parse(text, arena).has_value(), rule);
}

// AWS's framing around what reads like server-sent events, since no fuzzer guesses a CRC.
std::string framed(Bytes text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = std::min(text.find("\n\n"), text.size());
    const Bytes event = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    const size_t line = std::min(event.find('\n'), event.size());
    const bool exception = event.starts_with('!');
    const wire::EventHeader headers[] = {
        {.name = ":message-type", .bytes = exception ? "exception" : "event"},
        {.name = exception ? ":exception-type" : ":event-type",
         .bytes = event.substr(exception, line - exception)}};
    wire::append_event(out, headers, event.substr(std::min(line + 1, event.size())));
  }
  return out;
}

bool is_framed(SchemaName schema) {
  return schema == SchemaName::aws_bedrock || schema == SchemaName::aws_anthropic;
}

// The same of AWS's framing, for clients of Converse.
class FramesAreJson final : public wire::EventStreamSink {
 public:
  void on_message(const wire::EventMessage& message) override {
    require_json(message.payload, "a message for the client is no JSON");
  }
};

// Each event of a client's stream holds JSON, but for the one that ends a stream of OpenAI's.
class EventsAreJson final : public wire::SseSink {
 public:
  void on_data(Bytes piece) override { data_ += piece; }
  void on_event(Bytes) override {
    if (data_ != "[DONE]") require_json(data_, "an event for the client is no JSON");
    data_.clear();
  }

 private:
  std::string data_;
};

std::string translate_stream(const exchange::AnswerForm& form,
                             const exchange::AnswerContext& context, Bytes body, bool whole) {
  Arena arena(aigw::limits::hub_arena_max(aigw::limits::hub_answer_max));
  aigw::chat::Drops drops(arena);
  std::string out;
  const auto client = exchange::open_client_stream(form, drops, out);
  const auto provider = exchange::open_provider_stream(context, parser(), drops, *client);
  if (whole) {
    provider->feed(body);
  } else {
    aigw::fuzz::in_pieces(body, [&](Bytes piece) {
      provider->feed(piece);
      return true;
    });
  }
  provider->finish();
  return out;
}

void stream(const exchange::AnswerForm& form, const exchange::AnswerContext& context, Bytes text) {
  const std::string body = is_framed(context.schema) ? framed(text) : std::string(text);
  const std::string out = translate_stream(form, context, body, true);
  require(translate_stream(form, context, body, false) == out,
          "a translated stream depends on how it is cut");
  if (form.dialect == Dialect::converse) {
    FramesAreJson sink;
    wire::EventStreamDecoder decoder;
    require(decoder.feed(out, sink) && decoder.finish(), "a stream for the client is no event stream");
  } else if (form.events) {
    EventsAreJson sink;
    wire::SseDecoder decoder;
    decoder.feed(out, sink);
    decoder.finish(sink);
  } else if (!out.empty()) {
    require_json(out, "a stream for the client is no JSON array");
  }
}

void whole(const exchange::AnswerForm& form, const exchange::AnswerContext& context, Bytes body) {
  Arena arena(aigw::limits::hub_arena_max(body.size()));
  aigw::chat::Drops drops(arena);
  aigw::chat::Fold fold(arena);
  if (!exchange::decode_whole_answer(context, body, parser(), arena, drops, fold)) return;
  require(fold.complete(), "a whole answer is not complete");
  std::string out;
  if (fold.fault()) {
    out = exchange::encode_client_error(form.dialect, *fold.fault());
  } else {
    exchange::encode_whole_answer(form, fold.answer(), drops, out);
  }
  require_json(out, "an answer for the client is no JSON");
}

void error(Dialect client, SchemaName schema, Bytes body) {
  Arena arena(aigw::limits::hub_arena_max(body.size()));
  const auto fault = exchange::decode_provider_error(schema, 429, "ThrottlingException:http://x",
                                                     body, parser(), arena);
  require_json(exchange::encode_client_error(client, fault), "an error for the client is no JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  aigw::fuzz::Input input(data, size);
  const Dialect client = kClients[input.below(std::size(kClients))];
  const auto schema = static_cast<SchemaName>(input.below(aigw::config::kSchemaNames));
  const size_t kind = input.below(4);
  const Bytes body = input.rest();
  exchange::AnswerContext context{.schema = schema, .id = "id-1", .model = "m"};
  context.salt = 7;
  const exchange::AnswerForm form{.dialect = client,
                                  .events = kind != 3 || client != Dialect::gemini,
                                  .source = schema,
                                  .model = "m",
                                  .id = "id-1",
                                  .unix_seconds = 1700000000};
  if (schema == SchemaName::cohere) return 0;  // no provider of conversations
  switch (kind) {
    case 0:
      whole(form, context, body);
      break;
    case 1:
      error(client, schema, body);
      break;
    default:
      stream(form, context, body);
  }
  return 0;
}
