// A conversation's request in each client's dialect, for each provider. The scan does not depend on
// how the body is cut; whatever a decoder takes can be written for every provider, or is refused,
// and what is written is JSON. The last byte chooses the dialect, the one before it the provider.
#include <string>

#include "base/limits.h"
#include "config/config.h"
#include "exchange/client_answer.h"
#include "exchange/client_request.h"
#include "exchange/provider.h"
#include "fuzz/fuzz.h"

namespace {

using aigw::Bytes;
using aigw::Result;
using aigw::fuzz::require;
namespace exchange = aigw::exchange;
namespace endpoint = aigw::endpoint;

constexpr Bytes kPaths[] = {"/v1/chat/completions",
                            "/anthropic/v1/messages",
                            "/v1/responses",
                            "/v1beta/models/gemini-2.5-pro:streamGenerateContent",
                            "/v1beta/models/gemini-2.5-pro:generateContent",
                            "/model/claude/converse",
                            "/model/claude/converse-stream"};

struct Client {
  const endpoint::Endpoint* endpoint = nullptr;
  endpoint::PathParts parts;
};

Client client_of(size_t choice) {
  static const endpoint::Table& table = *new endpoint::Table(endpoint::Prefixes{});
  Client client;
  client.endpoint = table.find(kPaths[choice], &client.parts);
  require(client.endpoint != nullptr, "a path of the harness is no endpoint");
  return client;
}

void open(exchange::ClientRequest& request, const Client& client) {
  if (client.parts.model.empty()) {
    request.open(*client.endpoint);
  } else if (client.endpoint->dialect == endpoint::Dialect::converse) {
    request.open_converse(client.parts.model, client.parts.stream);
  } else {
    request.open_path({.model = client.parts.model, .stream = client.parts.stream});
  }
}

// What the scan of a request says.
std::string report(const exchange::ClientRequest& request, const Result<void>& result) {
  if (!result) return result.error().message;
  return std::string(request.model()) + (request.stream() ? " stream" : "");
}

Result<void> scan(exchange::ClientRequest& request, const Client& client, Bytes body,
                  aigw::Arena& arena, bool whole) {
  open(request, client);
  Result<void> result;
  if (whole) {
    result = request.feed(body);
  } else {
    aigw::fuzz::in_pieces(body, [&](Bytes piece) {
      result = request.feed(piece);
      return result.has_value();
    });
  }
  return result ? request.finish(arena) : result;
}

aigw::config::Backend backend_of(size_t choice) {
  aigw::config::Backend backend;
  backend.name = "b";
  backend.schema = static_cast<aigw::config::SchemaName>(choice);
  return backend;
}

// Whether the hub writes for a provider of this schema; it does not for one that has no
// conversations.
bool writes_for(aigw::config::SchemaName schema) {
  return schema != aigw::config::SchemaName::cohere;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  aigw::fuzz::Input input(data, size);
  const Client client = client_of(input.below(std::size(kPaths)));
  const aigw::config::Backend backend = backend_of(input.below(aigw::config::kSchemaNames));
  const Bytes body = input.rest();

  aigw::Arena arena(aigw::limits::hub_arena_max(body.size()));
  exchange::ClientRequest request, in_pieces;
  const Result<void> whole = scan(request, client, body, arena, true);
  const Result<void> cut = scan(in_pieces, client, body, arena, false);
  require(report(request, whole) == report(in_pieces, cut),
          "a request's scan depends on how it is cut");
  if (!whole || !writes_for(backend.schema)) return 0;

  static aigw::json::Parser& parser = *new aigw::json::Parser();
  aigw::chat::Drops drops(arena);
  const auto decoded = exchange::decode_client_request(
      client.endpoint->dialect, request, aigw::Slices(&body, 1), parser, arena, drops);
  if (!decoded) return 0;
  std::string out;
  const exchange::RequestTarget target{.backend = backend,
                                       .model = "m",
                                       .anthropic_version = "2023-06-01",
                                       .client = client.endpoint->dialect};
  if (!exchange::encode_for_provider(decoded->conversation, target, arena, drops, out)) return 0;
  aigw::Arena room(aigw::limits::hub_arena_max(out.size()));
  require(parser.parse(out, room).has_value(), "what is written for a provider is no JSON");
  return 0;
}
