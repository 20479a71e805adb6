#include "exchange/attempt.h"

#include <charconv>
#include <string>
#include <vector>

#include "credential/cell.h"
#include "exchange/errors.h"
#include "host/openai/openai.h"
#include "http/media_type.h"
#include "json/text.h"
#include "policy/client_headers.h"

namespace aigw::exchange {
namespace {

// What an attempt needs to know of the client's headers, in one pass over them.
struct ClientHeaders {
  std::vector<Bytes> stopped;  // names that do not go on to the backend, in the arena
  // Only codings that the gateway can read are asked for, since usage stands in the answer.
  bool narrow_encoding = false;
  bool same_length = false;
};

ClientHeaders read_headers(http::HeaderMap& request, const config::Backend& backend, Bytes length, Arena& arena) {
  ClientHeaders found;
  const bool stops_credentials = backend.auth != config::AuthKind::none;
  for (const http::HeaderView& header : request.all()) {
    if (header.name == "content-length") {
      found.same_length = header.value == length;
    } else if (header.name == "accept-encoding") {
      found.narrow_encoding = !http::accepts_only_deflate_family(header.value);
    } else if (policy::is_internal_header(header.name) ||
               (stops_credentials && policy::is_credential_header(header.name))) {
      found.stopped.push_back(arena.copy(header.name));
    }
  }
  return found;
}

}  // namespace

Step Attempt::refuse(FailureKind kind, std::string message) {
  reply_ = error_reply(exchange_.dialect(), kind, message);
  return Step::reply;
}

const config::Backend* Attempt::find_backend(Bytes name) {
  const Setup& setup = exchange_.setup();
  if (const config::Backend* backend = setup.config->find_backend(name)) return backend;
  if (setup.current == nullptr) return nullptr;
  // Envoy's clusters may be ahead of the configuration that the exchange began with.
  std::shared_ptr<const config::Config> current = setup.current->current();
  const config::Backend* backend = current ? current->find_backend(name) : nullptr;
  if (backend != nullptr) exchange_.foreign_config_ = std::move(current);
  return backend;
}

Step Attempt::start(http::HeaderMap& request, const Pick& pick) {
  exchange_.begin_attempt(request);
  if (exchange_.setup().now != nullptr) started_ns_ = exchange_.setup().now();
  const config::Backend* backend = find_backend(pick.backend);
  if (backend == nullptr) {
    return refuse(FailureKind::internal, pick.backend.empty()
                                             ? "the chosen endpoint names no backend"
                                             : "unknown backend: " + quoted(pick.backend));
  }
  if (backend->schema != config::SchemaName::openai) {
    return refuse(FailureKind::internal, std::string(exchange_.endpoint()->name) +
                                             " cannot be served by the schema of backend " + backend->name);
  }
  Exchange::Answer& answer = exchange_.answer();
  answer.backend_name = backend->name;
  answer.backend_short_name = backend->short_name;
  answer.route_name = exchange_.arena().copy(pick.route_name);
  Bytes upstream_host = exchange_.arena().copy(pick.upstream_host);
  answer.sent_model = backend->model_override.empty() ? exchange_.model() : Bytes(backend->model_override);
  plan_body(*backend);
  return edit_headers(request, *backend, upstream_host);
}

void Attempt::plan_body(const config::Backend& backend) {
  const dialect::openai_chat::Request& body = exchange_.request();
  if (!backend.model_override.empty()) {
    std::string quoted_model;
    json::append_quoted(quoted_model, backend.model_override);
    body.patch_model(exchange_.arena().copy(quoted_model), patches_);
  }
  if (body.stream() && exchange_.setup().config->any_cost()) body.patch_include_usage(patches_);
}

Step Attempt::edit_headers(http::HeaderMap& request, const config::Backend& backend, Bytes upstream_host) {
  http::UndoLog& log = exchange_.undo_log();
  char digits[20];
  const uint64_t size = exchange_.request_body_size() + static_cast<uint64_t>(patches_.size_delta());
  auto [end, error] = std::to_chars(digits, digits + sizeof(digits), size);
  const Bytes length(digits, static_cast<size_t>(end - digits));
  const ClientHeaders client = read_headers(request, backend, length, exchange_.arena());

  for (Bytes name : client.stopped) {
    // An API key is written over it by authenticate(), or nothing is sent.
    if (name == "authorization" && backend.auth == config::AuthKind::api_key) continue;
    log.remove(request, name);
  }
  for (const std::string& name : backend.remove_headers) log.remove(request, name);
  for (const config::HeaderValue& header : backend.set_headers) log.set(request, header.name, header.value);
  log.set(request, ":path", host::openai::path(backend, "/chat/completions"));
  if (!upstream_host.empty()) log.set(request, ":authority", upstream_host);
  if (!client.same_length) log.set(request, "content-length", length);
  if (client.narrow_encoding) {
    log.set(request, "accept-encoding", exchange_.client_accepts_gzip() ? "gzip" : "identity");
  }
  return authenticate(request, backend);
}

Step Attempt::authenticate(http::HeaderMap& request, const config::Backend& backend) {
  if (backend.auth == config::AuthKind::none) return Step::proceed;
  if (backend.auth != config::AuthKind::api_key || backend.credential == nullptr) {
    return refuse(FailureKind::internal, "the kind of credential of backend " + backend.name + " is not supported");
  }
  constexpr Bytes kBearer = "Bearer ";
  char value[kBearer.size() + limits::credential_max];
  kBearer.copy(value, kBearer.size());
  size_t size = backend.credential->read(value + kBearer.size(), limits::credential_max);
  if (size == 0) return refuse(FailureKind::unauthorized, "missing upstream credential");
  exchange_.undo_log().set(request, "authorization", {value, kBearer.size() + size});
  return Step::proceed;
}

BodyStep Attempt::on_request_body(Slices body, bool end_stream, ByteSink& out) {
  if (patches_.empty()) return {};
  const auto append = [&](Bytes piece) { out.append(piece); };
  for (Bytes piece : body) patcher_.feed(piece, append);
  if (end_stream) patcher_.finish(append);
  return {BodyStep::Piece::replace, false};
}

Step Attempt::on_response_headers(http::HeaderMap& response, bool end_stream) {
  response_ = std::make_unique<Response>(exchange_);
  return response_->on_headers(response, end_stream);
}

BodyStep Attempt::on_response_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) {
  if (response_ == nullptr) return {};
  note_time(body);
  Result<BodyStep> step = response_->on_body(response, body, end_stream, out);
  if (step) return *step;
  refuse(step.error().kind, step.error().message);
  return {BodyStep::Piece::fail, false};
}

void Attempt::note_time(Slices body) {
  if (exchange_.setup().now == nullptr || total_size(body) == 0) return;
  Exchange::Answer& answer = exchange_.answer();
  answer.last_byte_ns = exchange_.setup().now() - started_ns_;
  if (answer.first_byte_ns == 0) answer.first_byte_ns = answer.last_byte_ns;
}

}  // namespace aigw::exchange
