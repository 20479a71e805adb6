#include "exchange/exchange.h"

#include <algorithm>
#include <charconv>

#include "endpoint/models.h"
#include "exchange/errors.h"
#include "http/media_type.h"
#include "http/query.h"
#include "policy/client_headers.h"
#include "policy/cost.h"
#include "policy/redact.h"
#include "wire/multipart.h"

namespace aigw::exchange {
namespace {

// Who the client is, from whoever authenticated it.
constexpr Bytes kClientHeader = "x-ai-eg-client";
constexpr Bytes kUnknownClient = "this client is not known to the gateway";

constexpr size_t kUsualCosts = 8;

// What the gateway reads of a request's headers, in one pass. Views die at the next edit.
struct RequestLine {
  Bytes path, method, authority, content_type, content_encoding, content_length, accept_encoding, client;
  bool internal = false;  // a header stands there that only the gateway may set
};

RequestLine read_headers(http::HeaderMap& request) {
  RequestLine line;
  for (const http::HeaderView& header : request.all()) {
    if (header.name == ":path") {
      line.path = header.value;
    } else if (header.name == ":method") {
      line.method = header.value;
    } else if (header.name == ":authority") {
      line.authority = header.value;
    } else if (header.name == "content-type") {
      line.content_type = header.value;
    } else if (header.name == "content-encoding") {
      line.content_encoding = header.value;
    } else if (header.name == "content-length") {
      line.content_length = header.value;
    } else if (header.name == "accept-encoding") {
      line.accept_encoding = header.value;
    } else if (policy::is_internal_header(header.name)) {
      if (header.name == kClientHeader) line.client = header.value;
      line.internal = true;
    }
  }
  return line;
}

// But for the client's name where somebody before the gateway has put it there: limits are counted by it.
void drop_internal_headers(http::HeaderMap& request, bool keeps_client) {
  std::vector<std::string> names;
  for (const http::HeaderView& header : request.all()) {
    if (keeps_client && header.name == kClientHeader) continue;
    if (policy::is_internal_header(header.name)) names.emplace_back(header.name);
  }
  for (const std::string& name : names) request.remove(name);
}

// JSON is what an endpoint takes; the other types are what clients send that never set one (curl's default).
bool is_read_as_json(Bytes content_type) {
  Bytes type = http::essence(content_type);
  return type.empty() || http::is_json(type) || http::equals_ignoring_case(type, "text/plain") ||
         http::equals_ignoring_case(type, "application/octet-stream") ||
         http::equals_ignoring_case(type, "application/x-www-form-urlencoded");
}

}  // namespace

Exchange::Exchange(Setup setup) : setup_(std::move(setup)) {}

Exchange::~Exchange() = default;

endpoint::Dialect Exchange::dialect() const {
  return endpoint_ != nullptr ? endpoint_->dialect : unknown_dialect_;
}

Step Exchange::refuse(const Failure& failure) {
  reply_ = error_reply(dialect(), failure.kind, failure.message);
  account_.refused(failure);
  return Step::reply;
}

Step Exchange::on_request_headers(http::HeaderMap& request, bool end_stream) {
  note_headers("request", request);
  RequestLine line = read_headers(request);
  Bytes path = line.path.substr(0, line.path.find('?'));
  endpoint::PathParts parts;
  endpoint_ = setup_.endpoints->find(path, &parts);
  account_.request_began(request);
  if (endpoint_ == nullptr) {
    unknown_dialect_ = setup_.endpoints->dialect_of_unknown(path);
    return refuse(FailureKind::not_found, "unsupported path: " + quoted(path));
  }
  if (line.method != endpoint_->method) {
    Step step = refuse(FailureKind::method_not_allowed,
                       "method " + quoted(line.method) + " is not allowed for " + std::string(endpoint_->name) +
                           ": use " + std::string(endpoint_->method));
    reply_.allow = endpoint_->method;
    return step;
  }
  if (setup_.config->knows_clients()) client_ = arena_.copy(line.client);
  if (endpoint_->kind == endpoint::EndpointKind::models) return list_models(request, line.authority, line.path);
  for (const NamedCoding& named : kReadableCodings) {
    client_accepts_[static_cast<size_t>(named.coding)] = http::accepts_coding(line.accept_encoding, named.name);
  }
  Step step = check_body_headers(line.content_type, line.content_encoding, line.content_length);
  if (step == Step::reply) return step;
  if (endpoint_->kind == endpoint::EndpointKind::generate_content) {
    const Bytes query = line.path.substr(path.size());
    const bool events = query.find("?alt=sse") != Bytes::npos || query.find("&alt=sse") != Bytes::npos;
    using dialect::gemini::Framing;
    request_.open_path({.model = arena_.copy(http::percent_decoded(parts.model)),
                        .stream = parts.stream,
                        .framing = events ? Framing::events : Framing::array});
  } else if (endpoint_->kind == endpoint::EndpointKind::converse) {
    request_.open_converse(arena_.copy(http::percent_decoded(parts.model)), parts.stream);
  }
  if (end_stream) return refuse(FailureKind::malformed_request, "invalid request body: the body is empty");
  if (line.internal) drop_internal_headers(request, setup_.config->knows_clients());
  return Step::hold;
}

Step Exchange::forbid(Bytes why) {
  reply_ = forbidden_reply(dialect(), why);
  account_.refused({reply_.kind, std::string(why)}, reply_.status);
  return Step::reply;
}

Step Exchange::list_models(http::HeaderMap& request, Bytes authority, Bytes path) {
  const config::Client* const client = setup_.config->find_client(client_);
  if (client == nullptr && setup_.config->knows_clients()) return forbid(kUnknownClient);
  const Result<std::string> body =
      endpoint::models_body(*setup_.config, {authority, client, endpoint_->dialect, path});
  if (!body) return refuse(body.error());
  reply_.status = 200;
  reply_.body = *body;
  account_.start_trace(request);
  account_.answered_locally();
  return Step::reply;
}

Step Exchange::check_body_headers(Bytes content_type, Bytes content_encoding, Bytes content_length) {
  const bool form = http::equals_ignoring_case(http::essence(content_type), "multipart/form-data");
  if (endpoint_->body == endpoint::RequestBody::form) {
    if (open_form(form ? content_type : Bytes()) == Step::reply) return Step::reply;
  } else if (form) {
    return refuse(FailureKind::malformed_request, "multipart body not supported for this endpoint");
  } else if (is_read_as_json(content_type)) {
    request_.open(*endpoint_);
  } else {
    return refuse(FailureKind::unsupported_media_type,
                  "unsupported content type " + quoted(content_type) + ": use application/json");
  }
  if (!content_encoding.empty() && !http::equals_ignoring_case(content_encoding, "identity")) {
    return refuse(FailureKind::unsupported_media_type,
                  "unsupported content encoding " + quoted(content_encoding) + ": send the body as it is");
  }
  uint64_t length = 0;
  auto [end, error] =
      std::from_chars(content_length.data(), content_length.data() + content_length.size(), length);
  if (error == std::errc::result_out_of_range || length > setup_.request_body_max) return refuse_too_large();
  return Step::hold;
}

// `content_type` is empty for one that is no form's.
Step Exchange::open_form(Bytes content_type) {
  if (content_type.empty()) {
    return refuse(FailureKind::malformed_request, "this endpoint takes a multipart/form-data body");
  }
  const std::optional<std::string> boundary = http::parameter(content_type, "boundary");
  if (!boundary || !wire::MultipartScanner::is_boundary(*boundary)) {
    return refuse(FailureKind::malformed_request, "the content type of a form must name its boundary");
  }
  request_.open_form(endpoint_->kind, *boundary);
  return Step::hold;
}

Step Exchange::refuse_too_large() {
  return refuse({FailureKind::request_too_large,
                 "the request body is larger than the limit of " + std::to_string(setup_.request_body_max) + " bytes",
                 Limit::request_body});
}

Step Exchange::on_request_body(Slices body) {
  note_body("request", body);
  for (Bytes piece : body) {
    body_size_ += piece.size();
    if (body_size_ > setup_.request_body_max) return refuse_too_large();
    if (!held_.take(piece.size())) return refuse(too_much_held());
    if (ContentCopy* content = account_.content()) content->request(piece);
    Result<void> fed = request_.feed(piece);
    if (!fed) return refuse(fed.error());
  }
  return Step::hold;
}

Step Exchange::on_request_end(http::HeaderMap& request) {
  if (body_size_ == 0) return refuse(FailureKind::malformed_request, "invalid request body: the body is empty");
  Result<void> finished = request_.finish(arena_);
  if (!finished) return refuse(finished.error());
  if (setup_.config->knows_clients()) {
    const config::Client* client = setup_.config->find_client(client_);
    if (client == nullptr) return forbid(kUnknownClient);
    if (!client->may_use(model())) return forbid("this client may not use model " + quoted(model()));
  }
  request.set("x-ai-eg-model", request_.model());
  account_.start_trace(request);
  return Step::proceed;
}

void Exchange::note_headers(Bytes what, http::HeaderMap& headers, std::span<const Bytes> secret) const {
  if (setup_.debug == nullptr || !setup_.debug->on()) return;
  std::vector<Bytes> all(secret.begin(), secret.end());
  const std::span<const Bytes> configured = setup_.config->secret_headers();
  all.insert(all.end(), configured.begin(), configured.end());
  setup_.debug->write(std::string(what) + " headers: " + policy::describe_headers(headers.all(), all));
}

void Exchange::note_body(Bytes what, Slices body) const {
  if (setup_.debug == nullptr || !setup_.debug->on() || body.empty()) return;
  const DebugLog::Bodies shown = setup_.debug->bodies();
  if (shown == DebugLog::Bodies::none) return;
  std::string line = std::string(what) + " body: ";
  const size_t size = total_size(body);
  if (shown == DebugLog::Bodies::whole) {
    const size_t full = line.size() + limits::debug_body_max;
    for (Bytes piece : body) line += piece.substr(0, full - line.size());
    if (size > limits::debug_body_max) line += "…";
  } else {
    line += policy::kRedacted;
  }
  setup_.debug->write(line + " (" + std::to_string(size) + " bytes)");
}

void Exchange::begin_attempt(http::HeaderMap& request) {
  account_.attempt_begins();
  undo_log_.undo(request);
  answer_ = Answer{};
  ++attempts_;
}

void Exchange::undo_request_edits(http::HeaderMap& request) {
  if (!undo_log_.empty()) undo_log_.undo(request);
}

void Exchange::note_drops(const chat::Drops& drops) {
  account_.dropped(drops.count());
  for (const chat::Drops::Drop& drop : drops.kept()) {
    if (!dropped_.empty()) dropped_ += ", ";
    dropped_ += drop.path;
    if (drop.count > 1) dropped_ += " (" + std::to_string(drop.count) + " times)";
  }
}

void Exchange::note_refused_path(Bytes path) {
  if (endpoint_ != nullptr) return;
  path = path.substr(0, path.find('?'));
  const endpoint::Endpoint* endpoint = setup_.endpoints->find(path, nullptr);
  unknown_dialect_ = endpoint != nullptr ? endpoint->dialect : setup_.endpoints->dialect_of_unknown(path);
}

std::string Exchange::shape_carrier_reply(uint32_t status, Bytes text) {
  account_.carrier_replied(status, text);
  if (!text.empty()) return error_body(dialect(), status, text);
  // Envoy says nothing where it has no route.
  if (status == 404) return error_body(dialect(), status, "no route for model " + quoted(model()));
  return error_body(dialect(), status, "the request got no answer, status " + std::to_string(status));
}

void Exchange::set_carrier_reply_headers(uint32_t status, http::HeaderMap& response) const {
  response.set("content-type", "application/json");
  const Bytes aws_type = aws_error_type(dialect(), status);
  if (!aws_type.empty()) response.set("x-amzn-errortype", aws_type);
}

void Exchange::finish(MetadataSink& metadata) {
  if (finished_) return;
  finished_ = true;
  account_.write_attributes(metadata);
  if (!answer_.backend_name.empty()) metadata.text("backend_name", answer_.backend_name);
  std::vector<observe::Cost> costs;
  if (setup_.recorder != nullptr) costs.reserve(kUsualCosts);
  if (const config::Client* client = setup_.config->find_client(client_)) {
    metadata.text("client", client_);
    for (const auto& [key, value] : client->metadata) metadata.text("client." + key, value);
  }
  const bool answered = answer_.status >= 200 && answer_.status < 300;
  if (answered && setup_.config->any_cost()) write_costs(metadata, costs);
  account_.finish(costs, bill_, failed_edits_);
}

void Exchange::charge(MetadataSink& metadata, std::vector<observe::Cost>& costs) {
  const policy::Charged charged{answer_.route_name, answer_.backend_short_name, answer_.sent_model,
                                answer_.backend_name};
  const auto write = [&](Bytes key, uint64_t value) {
    metadata.number(key, static_cast<double>(value));
    if (setup_.recorder != nullptr) costs.push_back({key, value});  // of the configuration
  };
  policy::charge_costs(*setup_.config, answer_.usage, charged, write, [&](Bytes key, const char* error) {
    if (bill_.failed_costs++ == 0) bill_.failure = "cost " + quoted(key) + ": " + error;
  });
  const uint64_t now = setup_.unix_now != nullptr ? setup_.unix_now() : 0;
  policy::charge_money(*setup_.config, answer_.usage, charged, static_cast<int64_t>(now), bill_);
  if (bill_.micro_units) write(setup_.config->prices_key(), *bill_.micro_units);
}

void Exchange::write_costs(MetadataSink& metadata, std::vector<observe::Cost>& costs) {
  charge(metadata, costs);
  metadata.text("model_name_override", answer_.sent_model);
  metadata.text("ai_service_backend_name", answer_.backend_short_name);
  metadata.text("route_name", answer_.route_name);
  metadata.text("response_model", answer_.model.empty() ? answer_.sent_model : Bytes(answer_.model));
  if (!answer_.streaming || answer_.first_byte_ns == 0) return;
  constexpr double kNanosecondsPerMillisecond = 1e6;
  metadata.number("token_latency_ttft", static_cast<double>(answer_.first_byte_ns) / kNanosecondsPerMillisecond);
  uint64_t tokens = answer_.usage.output.value_or(0);
  if (tokens > 1 && answer_.last_byte_ns > answer_.first_byte_ns) {
    double between = static_cast<double>(answer_.last_byte_ns - answer_.first_byte_ns);
    metadata.number("token_latency_itl", between / kNanosecondsPerMillisecond / static_cast<double>(tokens - 1));
  }
}

}  // namespace aigw::exchange
