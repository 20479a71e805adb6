// The splice lane passes a request on; the hub lane reads it and writes it anew. Where both can
// serve a provider of the client's own dialect they must ask for the same: what the hub reads of
// its own words is what it read of the client's. The last byte chooses the dialect.
#include <string>

#include "base/limits.h"
#include "chat/testing/describe.h"
#include "config/config.h"
#include "exchange/client_answer.h"
#include "exchange/client_request.h"
#include "exchange/provider.h"
#include "fuzz/fuzz.h"

namespace {

using aigw::Arena;
using aigw::Bytes;
using aigw::config::SchemaName;
using aigw::fuzz::require;
namespace endpoint = aigw::endpoint;
namespace exchange = aigw::exchange;

struct Language {
  Bytes path;
  SchemaName schema;
};
constexpr Language kLanguages[] = {{"/v1/chat/completions", SchemaName::openai_chat},
                                   {"/anthropic/v1/messages", SchemaName::anthropic},
                                   {"/v1/responses", SchemaName::openai_responses}};

struct Reading {
  explicit Reading(size_t size) : arena(aigw::limits::hub_arena_max(size)), drops(arena) {}
  Arena arena;
  aigw::json::Parser parser;
  aigw::chat::Drops drops;
  exchange::ClientRequest request;
  exchange::ClientConversation conversation;
};

bool read(Bytes body, const endpoint::Endpoint& endpoint, Reading& reading) {
  reading.request.open(endpoint);
  if (!reading.request.feed(body) || !reading.request.finish(reading.arena)) return false;
  auto decoded =
      exchange::decode_client_request(endpoint.dialect, reading.request, aigw::Slices(&body, 1),
                                      reading.parser, reading.arena, reading.drops);
  if (decoded) reading.conversation = *std::move(decoded);
  return decoded.has_value();
}

// Where a client leaves out what its own provider requires, that provider refuses the request, and
// the hub, which may have it from elsewhere, writes something that will do.
bool lacks_required(const aigw::chat::Conversation& conversation, SchemaName schema) {
  if (schema == SchemaName::anthropic) return !conversation.sampling.max_tokens;
  return schema == SchemaName::openai_responses &&
         conversation.output.kind == aigw::chat::OutputFormat::Kind::json_schema &&
         conversation.output.schema.empty();
}

// A chat may ask for thoughts by `thinking`, which Anthropic's language has: the hub asks OpenAI for an effort.
bool asks_as_elsewhere(const aigw::chat::Conversation& conversation, SchemaName schema) {
  return schema == SchemaName::openai_chat && conversation.reasoning.mode != aigw::chat::ReasoningRequest::Mode::unset;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const endpoint::Table& table = *new endpoint::Table(endpoint::Prefixes{});
  aigw::fuzz::Input input(data, size);
  const Language& language = kLanguages[input.below(std::size(kLanguages))];
  const endpoint::Endpoint& endpoint = *table.find(language.path);

  Reading first(size);
  if (!read(input.rest(), endpoint, first)) return 0;
  if (lacks_required(first.conversation.conversation, language.schema)) return 0;
  if (asks_as_elsewhere(first.conversation.conversation, language.schema)) return 0;
  aigw::config::Backend backend;
  backend.schema = language.schema;
  const exchange::RequestTarget target{.backend = backend,
                                       .model = first.conversation.conversation.model,
                                       .anthropic_version = "2023-06-01",
                                       .client = endpoint.dialect};
  std::string written;
  if (!exchange::encode_for_provider(first.conversation.conversation, target, first.arena,
                                     first.drops, written)) {
    return 0;
  }
  if (first.drops.count() != 0) return 0;  // it says itself that the two differ
  Reading second(written.size());
  require(read(written, endpoint, second), "the hub cannot read what it writes");
  const std::string before = aigw::chat::testing::describe(first.conversation.conversation);
  const std::string after = aigw::chat::testing::describe(second.conversation.conversation);
  if (before != after) {
    std::fprintf(stderr, "--- read of the client\n%s--- written\n%s\n--- read of that\n%s",
                 before.c_str(), written.c_str(), after.c_str());
  }
  require(before == after, "what passes through the hub says something else than what is spliced");
  return 0;
}
