#include "exchange/attempt.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "chat/freeform/request.h"
#include "crypto/sha256.h"
#include "endpoint/direct.h"
#include "endpoint/paths.h"
#include "exchange/authenticate.h"
#include "exchange/client_answer.h"
#include "exchange/errors.h"
#include "exchange/provider.h"
#include "host/anthropic/anthropic.h"
#include "host/aws/betas.h"
#include "host/gcp/gcp.h"
#include "http/media_type.h"
#include "http/query.h"
#include "json/cursor.h"
#include "policy/client_headers.h"
#include "policy/edit/rule.h"

namespace aigw::exchange {
namespace {

using config::SchemaName;
using dialect::anthropic::Envelope;

// What an attempt needs to know of the client's headers, in one pass over them.
struct ClientHeaders {
  std::vector<Bytes> stopped;  // names that do not go on to the backend, in the arena
  // Only codings that the gateway can read are asked for, since usage stands in the answer.
  bool narrow_encoding = false;
};

// What a library of AWS's puts beside its requests. Its signature is for the gateway's own address, and so for nobody.
bool is_of_aws(const http::HeaderView& header) {
  return header.name.starts_with("x-amz-") || header.name.starts_with("amz-sdk-") ||
         (header.name == "authorization" && header.value.starts_with("AWS4-"));
}

bool stops(const http::HeaderView& header, const config::Backend& backend, endpoint::Dialect client) {
  const Bytes name = header.name;
  if (policy::is_internal_header(name) || is_override_header(name, backend.credential_override)) return true;
  if (client == endpoint::Dialect::converse && is_of_aws(header)) return true;
  if (backend.auth != config::AuthKind::none && policy::is_credential_header(name)) return true;
  const bool speaks_anthropic = backend.schema == SchemaName::anthropic || envelope_of(backend) != Envelope::none;
  return !speaks_anthropic && name.starts_with("anthropic-");
}

ClientHeaders read_headers(http::HeaderMap& request, const config::Backend& backend, endpoint::Dialect client,
                           Arena& arena) {
  ClientHeaders found;
  for (const http::HeaderView& header : request.all()) {
    if (header.name == "accept-encoding") {
      std::array<Bytes, kReadableCodings.size()> names;
      for (size_t i = 0; i < names.size(); ++i) names[i] = kReadableCodings[i].name;
      found.narrow_encoding = !http::accepts_only(header.value, names);
    } else if (stops(header, backend, client)) {
      found.stopped.push_back(arena.copy(header.name));
    }
  }
  return found;
}

}  // namespace

Step Attempt::refuse(const Failure& failure) {
  reply_ = error_reply(exchange_.dialect(), failure.kind, failure.message);
  exchange_.account().attempt_refused(failure);
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
  number_ = exchange_.attempts_started();
  if (exchange_.setup().now != nullptr) started_ns_ = exchange_.setup().now();
  backend_ = find_backend(pick.backend);
  if (backend_ == nullptr) {
    return refuse(FailureKind::internal, pick.backend.empty() ? "the chosen endpoint names no backend"
                                                              : "unknown backend: " + quoted(pick.backend));
  }
  exchange_.account().attempt_goes_to(backend_->schema);
  const endpoint::Endpoint& endpoint = *exchange_.endpoint();
  const endpoint::Lane lane = endpoint::lane_to(endpoint.kind, *backend_);
  if (lane == endpoint::Lane::none) {
    return refuse(FailureKind::internal, std::string(endpoint.name) +
                                             " cannot be served by the schema of backend " + backend_->name);
  }
  Exchange::Answer& answer = exchange_.answer();
  answer.started_ns = started_ns_;
  answer.backend_name = backend_->name;
  answer.backend_short_name = backend_->short_name;
  answer.route_name = exchange_.arena().copy(pick.route_name);
  answer.sent_model = backend_->model_override.empty() ? exchange_.model() : Bytes(backend_->model_override);
  exchange_.account().attempt_set_out();
  const Bytes upstream_host = exchange_.arena().copy(pick.upstream_host);
  choose_lanes(lane, request.get(host::anthropic::kVersionHeader).value_or(""));
  if (into_envelope_ && backend_->schema == SchemaName::aws_anthropic) {
    betas_ = host::aws::known_betas(request.get("anthropic-beta").value_or(""));
  }
  Result<std::string> path = path_for(request.get(":path").value_or(""), lane);
  if (!path) return refuse(path.error());
  path_ = std::move(*path);
  Result<std::optional<RequestCredential>> credential = read_request_credential(*backend_, request, pick.metadata);
  if (!credential) return refuse(credential.error());
  request_credential_ = std::move(*credential);
  edit_headers(request, upstream_host);
  // The rules are for JSON; a form has no members to name.
  rewrites_body_ = !backend_->body_rules.empty() && endpoint.body != endpoint::RequestBody::form;
  if (!translates_request_) plan_patches();
  if (waits_for_body()) return Step::hold;
  const uint64_t size = exchange_.request_body_size() + static_cast<uint64_t>(patches_.size_delta());
  if (Result<void> finished = finish_headers(request, size, {}); !finished) {
    return refuse(finished.error());
  }
  return Step::proceed;
}

Result<std::string> Attempt::path_for(Bytes client_path, endpoint::Lane lane) const {
  const endpoint::EndpointKind kind = exchange_.endpoint()->kind;
  const Bytes model = exchange_.answer().sent_model;
  if (!endpoint::is_conversation(kind)) return endpoint::path_of(kind, *backend_, model);
  const ClientRequest& client = exchange_.request();
  PathWish wish{.endpoint = kind, .model = model, .stream = client.stream()};
  wish.events = lane == endpoint::Lane::hub || client.streams_events();
  Result<std::string> path = provider_path(*backend_, wish);
  // A key that a client puts into the path stops at the gateway, but for a backend that has none.
  const bool takes_key = backend_->schema == SchemaName::gemini_api && backend_->auth == config::AuthKind::none;
  const Bytes key = takes_key ? http::query_parameter(client_path, "key").value_or("") : Bytes();
  if (path && !key.empty()) {
    *path += path->find('?') == std::string::npos ? "?key=" : "&key=";
    *path += key;
  }
  return path;
}

void Attempt::choose_lanes(endpoint::Lane lane, Bytes client_version) {
  direct_ = lane == endpoint::Lane::direct;
  translates_request_ = translates_response_ = direct_ || lane == endpoint::Lane::hub;
  if (direct_) return;
  if (lane == endpoint::Lane::splice && envelope_of(*backend_) != Envelope::none) {
    translates_request_ = into_envelope_ = true;
    return;
  }
  if (lane == endpoint::Lane::splice && signs_body(*backend_)) {
    translates_request_ = only_signs_ = true;
    return;
  }
  if (backend_->schema != SchemaName::anthropic) return;
  const bool from_messages = exchange_.dialect() == endpoint::Dialect::anthropic;
  anthropic_version_ = host::anthropic::version_for(backend_->version, from_messages ? client_version : Bytes());
  // A backend of the later version refuses members that a client of the earlier one may send.
  if (exchange_.endpoint()->kind == endpoint::EndpointKind::messages &&
      !host::anthropic::takes_sampling(anthropic_version_) &&
      host::anthropic::takes_sampling(host::anthropic::version_for("", client_version))) {
    translates_request_ = true;
  }
}

void Attempt::plan_patches() {
  const ClientRequest& body = exchange_.request();
  // An Azure deployment is named by the path, and the client's own model stays in the body of a chat.
  const bool named_by_path = backend_->schema == SchemaName::azure_openai &&
                             exchange_.endpoint()->kind == endpoint::EndpointKind::chat_completions;
  if (!backend_->model_override.empty() && !named_by_path) {
    body.patch_model(backend_->model_override, exchange_.arena(), patches_);
  }
  if (body.stream() && exchange_.setup().config->any_cost()) body.patch_include_usage(patches_);
}

void Attempt::edit_headers(http::HeaderMap& request, Bytes upstream_host) {
  http::UndoLog& log = exchange_.undo_log();
  const ClientHeaders client = read_headers(request, *backend_, exchange_.dialect(), exchange_.arena());
  for (Bytes name : client.stopped) {
    // An API key is written over it by authenticate(), or nothing is sent.
    const bool written_over =
        backend_->auth == config::AuthKind::api_key && backend_->schema != SchemaName::gemini_api;
    if (name == "authorization" && written_over) continue;
    log.remove(request, name);
  }
  for (const std::string& name : backend_->remove_headers) log.remove(request, name);
  for (const config::HeaderValue& header : backend_->set_headers) log.set(request, header.name, header.value);
  log.set(request, ":path", path_);
  if (!upstream_host.empty()) log.set(request, ":authority", upstream_host);
  if (client.narrow_encoding) {
    std::string accepted;
    for (const NamedCoding& named : kReadableCodings) {
      if (!exchange_.client_accepts(named.coding)) continue;
      if (!accepted.empty()) accepted += ", ";
      accepted += named.name;
    }
    log.set(request, "accept-encoding", accepted.empty() ? Bytes("identity") : Bytes(accepted));
  }
  if (!anthropic_version_.empty() && request.get(host::anthropic::kVersionHeader) != anthropic_version_) {
    log.set(request, host::anthropic::kVersionHeader, anthropic_version_);
  }
}

Result<void> Attempt::finish_headers(http::HeaderMap& request, uint64_t body_size, Bytes signed_body) {
  http::UndoLog& log = exchange_.undo_log();
  char digits[20];
  auto [end, error] = std::to_chars(digits, digits + sizeof(digits), body_size);
  const Bytes length(digits, static_cast<size_t>(end - digits));
  if (request.get("content-length") != length) log.set(request, "content-length", length);
  const bool signs = signs_body(*backend_);
  const SignedParts parts{path_, signs ? crypto::sha256(signed_body) : crypto::Digest{}};
  Authentication how{*backend_, request_credential_ ? &*request_credential_ : nullptr, anthropic_version_,
                     signs ? &parts : nullptr, 0};
  if (exchange_.setup().unix_now != nullptr) how.unix_seconds = static_cast<int64_t>(exchange_.setup().unix_now());
  AIGW_TRY(authenticate(how, request, log));
  // What the configuration sets may be a credential of a kind that the gateway does not know.
  std::vector<Bytes> secret;
  for (const config::HeaderValue& header : backend_->set_headers) secret.push_back(header.name);
  exchange_.note_headers("attempt", request, secret);
  return {};
}

BodyStep Attempt::on_request_body(http::HeaderMap& request, Slices body, bool end_stream, ByteSink& out) {
  if (!waits_for_body()) {
    if (patches_.empty()) return {};
    const auto append = [&](Bytes piece) { out.append(piece); };
    for (Bytes piece : body) patcher_.feed(piece, append);
    if (end_stream) patcher_.finish(append);
    return {BodyStep::Piece::replace, false};
  }
  // The end may come by itself, after the last byte.
  if (translated_) return {BodyStep::Piece::replace, false};
  // Where trailers follow, no call says that the body is complete; its size does.
  const bool complete = gathered_.size() + total_size(body) == exchange_.request_body_size();
  if (!complete || !gathered_.empty()) {
    for (Bytes piece : body) gathered_.append(piece);
    if (!complete && !end_stream) return {BodyStep::Piece::replace, true};
  }
  const Bytes gathered = gathered_;
  translated_ = true;
  Result<void> translated = translate(request, gathered.empty() ? body : Slices(&gathered, 1), out);
  if (translated) return {BodyStep::Piece::replace, false};
  refuse(translated.error());
  return {BodyStep::Piece::fail, false};
}

// Appends the client's own body, `root`, as the cloud takes it.
void Attempt::put_in_envelope(const json::Value& root, std::string& out) const {
  const Envelope envelope = envelope_of(*backend_);
  const Bytes version = dialect::anthropic::envelope_version(envelope, backend_->version);
  if (exchange_.endpoint()->kind == endpoint::EndpointKind::count_tokens) {
    const Bytes model = host::gcp::counted_model(exchange_.answer().sent_model);
    return dialect::anthropic::put_count_in_envelope(root, envelope, model, version, out);
  }
  dialect::anthropic::put_in_envelope(root, envelope, version, betas_, out);
}

// Appends the body for the provider to `out`.
Result<void> Attempt::encode(Slices body, std::string& out) {
  if (only_signs_) {
    for (Bytes piece : body) out.append(piece);
    return {};
  }
  if (!translates_request_) {
    const auto append = [&](Bytes piece) { out.append(piece); };
    for (Bytes piece : body) patcher_.feed(piece, append);
    patcher_.finish(append);
    return {};
  }
  Arena arena(limits::hub_arena_max(exchange_.request_body_size()));
  chat::Drops drops(arena);
  json::Parser parser;
  if (into_envelope_ || direct_) {
    const Result<json::Value> root = parser.parse(body, arena);
    if (!root) return root.error();
    if (into_envelope_) {
      put_in_envelope(*root, out);
      return {};
    }
    const endpoint::DirectCell cell{exchange_.endpoint()->kind, backend_->schema, exchange_.answer().sent_model,
                                    backend_->version};
    AIGW_TRY(endpoint::encode_direct_request(cell, *root, arena, drops, out));
    exchange_.note_drops(drops);
    return {};
  }
  Result<ClientConversation> client =
      decode_client_request(exchange_.dialect(), exchange_.request(), body, parser, arena, drops);
  if (!client) return std::move(client).error();
  exchange_.answer().request_echo = std::move(client->echo);
  exchange_.answer().request_namespaces = std::move(client->namespaces);
  text_form_ = text_form_of(client->conversation);
  exchange_.answer().freeform_tools =
      takes_freeform_tools(backend_->schema) ? std::string() : chat::freeform::names(client->conversation);
  const RequestTarget target{
      .backend = *backend_,
      .model = exchange_.answer().sent_model,
      .anthropic_version = anthropic_version_,
      .client = exchange_.dialect(),
  };
  AIGW_TRY(encode_for_provider(client->conversation, target, arena, drops, out));
  exchange_.note_drops(drops);
  return {};
}

Result<void> Attempt::translate(http::HeaderMap& request, Slices body, ByteSink& out) {
  std::string translated;
  translated.reserve(exchange_.request_body_size() + exchange_.request_body_size() / 8 + 512);
  AIGW_TRY(encode(body, translated));
  if (rewrites_body_) exchange_.note_failed_edits(policy::edit::apply(backend_->body_rules, translated));
  if (translates_request_) exchange_.undo_log().set(request, "content-type", "application/json");
  AIGW_TRY(finish_headers(request, translated.size(), translated));
  out.append(translated);
  return {};
}

Step Attempt::on_response_headers(http::HeaderMap& response, bool end_stream) {
  exchange_.note_headers("response", response);
  // Envoy lets a 101 pass that nobody asked for, and numbers that are no status.
  if (const uint32_t status = status_of(response); status < 200 || status > 599) response.set(":status", "502");
  response_ = translates_response_ ? make_hub_response(exchange_, backend_->schema, text_form_)
                                   : make_splice_response(exchange_, backend_->schema);
  const Step step = response_->on_headers(response, end_stream);
  if (ContentCopy* content = exchange_.account().content()) content->answer_headers(response);
  exchange_.account().response_headers();
  if (end_stream && step == Step::proceed) exchange_.account().response_complete();
  return step;
}

BodyStep Attempt::on_response_body(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) {
  if (response_ == nullptr) return {};
  exchange_.note_body("response", body);
  note_time(body);
  exchange_.account().response_piece(total_size(body) > 0);
  Result<BodyStep> step = pass_on(response, body, end_stream, out);
  if (step && step->hold && !answer_held_.take(total_size(body))) {
    step = too_much_held();
  }
  if (step) {
    if (!step->hold) answer_held_.release();
    if (end_stream) exchange_.account().response_complete();
    return *step;
  }
  refuse(step.error());
  return {BodyStep::Piece::fail, false};
}

// What goes to the client is kept where a span shows it.
Result<BodyStep> Attempt::pass_on(http::HeaderMap& response, Slices body, bool end_stream, ByteSink& out) {
  ContentCopy* content = exchange_.account().content();
  if (content == nullptr) return response_->on_body(response, body, end_stream, out);
  CopyingSink copying(out, *content);
  Result<BodyStep> step = response_->on_body(response, body, end_stream, copying);
  if (step && step->piece == BodyStep::Piece::keep) {
    for (Bytes piece : body) content->answer(piece, false);
  }
  return step;
}

void Attempt::note_time(Slices body) {
  if (exchange_.setup().now == nullptr || total_size(body) == 0) return;
  Exchange::Answer& answer = exchange_.answer();
  answer.last_byte_ns = exchange_.setup().now() - started_ns_;
  if (answer.first_byte_ns == 0) answer.first_byte_ns = answer.last_byte_ns;
}

}  // namespace aigw::exchange
