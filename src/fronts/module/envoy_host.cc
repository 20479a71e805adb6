#include "fronts/module/envoy_host.h"

#include <algorithm>
#include <iterator>
#include <new>


namespace aigw::module {
namespace {

constexpr Bytes kNamespace = "io.envoy.ai_gateway";

envoy_dynamic_module_type_module_http_header to_header(Bytes name, Bytes value) {
  return {name.data(), name.size(), value.data(), value.size()};
}

}  // namespace

void log(LogLevel level, Bytes message) {
  if (envoy_dynamic_module_callback_log_enabled(level)) {
    envoy_dynamic_module_callback_log(level, to_buffer(message));
  }
}

std::span<const http::HeaderView> EnvoyHeaders::all() {
  if (!known_.empty()) return known_;
  const size_t count = envoy_dynamic_module_callback_http_get_headers_size(envoy_, type_);
  auto* raw = raw_inline_;
  http::HeaderView* views = inline_;
  if (count > kInline) {
    raw_heap_.resize(count);
    heap_.resize(count);
    raw = raw_heap_.data();
    views = heap_.data();
  }
  if (!envoy_dynamic_module_callback_http_get_headers(envoy_, type_, raw)) return {};
  for (size_t i = 0; i < count; ++i) {
    new (views + i)
        http::HeaderView{{raw[i].key_ptr, raw[i].key_length}, {raw[i].value_ptr, raw[i].value_length}};
  }
  known_ = {views, count};
  return known_;
}

std::optional<Bytes> EnvoyHeaders::get_known(Bytes name, size_t index, size_t* count) const {
  std::optional<Bytes> found;
  size_t values = 0;
  for (const http::HeaderView& header : known_) {
    // The last letter tells most names of one length apart.
    if (header.name.size() != name.size() || header.name.back() != name.back() || header.name != name) continue;
    if (values++ == index) found = header.value;
    if (found && count == nullptr) break;
  }
  if (count != nullptr) *count = values;
  return found;
}

std::optional<Bytes> EnvoyHeaders::get(Bytes name, size_t index, size_t* count) {
  if (!known_.empty()) return get_known(name, index, count);
  EnvoyBuffer value{nullptr, 0};
  if (count != nullptr) *count = 0;
  bool found = envoy_dynamic_module_callback_http_get_header(envoy_, type_, to_buffer(name), &value,
                                                             index, count);
  if (!found) return std::nullopt;
  return to_bytes(value);
}

void EnvoyHeaders::set(Bytes name, Bytes value) {
  known_ = {};
  envoy_dynamic_module_callback_http_set_header(envoy_, type_, to_buffer(name), to_buffer(value));
}

void EnvoyHeaders::add(Bytes name, Bytes value) {
  known_ = {};
  envoy_dynamic_module_callback_http_add_header(envoy_, type_, to_buffer(name), to_buffer(value));
}

void EnvoyHeaders::remove(Bytes name) {
  known_ = {};
  envoy_dynamic_module_callback_http_set_header(envoy_, type_, to_buffer(name), {nullptr, 0});
}

void EnvoyBody::read(EnvoyFilter envoy, BodyType type, uint64_t skip) {
  size_t count = envoy_dynamic_module_callback_http_get_body_chunks_size(envoy, type);
  EnvoyBuffer* raw = raw_inline_;
  Bytes* pieces = inline_;
  if (count > kInline) {
    raw_heap_.resize(count);
    heap_.resize(count);
    raw = raw_heap_.data();
    pieces = heap_.data();
  }
  if (count == 0 || !envoy_dynamic_module_callback_http_get_body_chunks(envoy, type, raw)) return;
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    Bytes piece = to_bytes(raw[i]);
    size_t dropped = static_cast<size_t>(std::min<uint64_t>(skip, piece.size()));
    skip -= dropped;
    piece.remove_prefix(dropped);
    if (piece.empty()) continue;
    pieces[kept++] = piece;
    size_ += piece.size();
  }
  slices_ = Slices(pieces, kept);
}

EnvoyBody::EnvoyBody(EnvoyFilter envoy, BodyCursor& cursor, BodyType received, BodyType buffered) {
  bool has_received = envoy_dynamic_module_callback_http_get_body_size(envoy, received) > 0;
  read(envoy, has_received ? received : buffered, has_received ? 0 : cursor.seen);
  cursor.seen += size_;
}

void EnvoyBodySink::append(Bytes piece) {
  if (!piece.empty())
    envoy_dynamic_module_callback_http_append_body(envoy_, type_, to_buffer(piece));
}

void drain(EnvoyFilter envoy, BodyType type, uint64_t size) {
  if (size > 0) envoy_dynamic_module_callback_http_drain_body(envoy, type, size);
}

void EnvoyMetadata::number(Bytes key, double value) {
  envoy_dynamic_module_callback_http_set_dynamic_metadata_number(envoy_, to_buffer(kNamespace), to_buffer(key), value);
}

void EnvoyMetadata::text(Bytes key, Bytes value) {
  envoy_dynamic_module_callback_http_set_dynamic_metadata_string(envoy_, to_buffer(kNamespace), to_buffer(key),
                                                                 to_buffer(value));
}

void send_reply(EnvoyFilter envoy, const exchange::LocalReply& reply) {
  envoy_dynamic_module_type_module_http_header headers[3];
  size_t count = 0;
  headers[count++] = to_header("content-type", "application/json");
  if (!reply.allow.empty()) headers[count++] = to_header("allow", reply.allow);
  if (!reply.aws_type.empty()) headers[count++] = to_header("x-amzn-errortype", reply.aws_type);
  envoy_dynamic_module_callback_http_send_response(envoy, reply.status, headers, count,
                                                   to_buffer(reply.body), to_buffer(kReplyDetails));
}

void send_reply_and_keep_connection(EnvoyFilter envoy, const exchange::LocalReply& reply) {
  std::string status = std::to_string(reply.status);
  std::string length = std::to_string(reply.body.size());
  envoy_dynamic_module_type_module_http_header headers[] = {
      to_header(":status", status),
      to_header("content-type", "application/json"),
      to_header("content-length", length),
      to_header("x-amzn-errortype", reply.aws_type),
  };
  const size_t count = std::size(headers) - (reply.aws_type.empty() ? 1 : 0);
  ModuleBuffer body = to_buffer(reply.body);
  envoy_dynamic_module_callback_http_send_response_headers(envoy, headers, count, false);
  envoy_dynamic_module_callback_http_send_response_data(envoy, body, true);
}

void send_plain_reply(EnvoyFilter envoy, FailureKind kind, Bytes message) {
  envoy_dynamic_module_type_module_http_header type = to_header("content-type", "text/plain");
  envoy_dynamic_module_callback_http_send_response(envoy, traits(kind).status, &type, 1, to_buffer(message),
                                                   to_buffer("ai_gateway_upstream_reply"));
}

void fail_closed(EnvoyFilter envoy, endpoint::Dialect dialect) {
  envoy_dynamic_module_type_module_http_header type = to_header("content-type", "application/json");
  envoy_dynamic_module_callback_http_send_response(envoy, traits(FailureKind::internal).status, &type, 1,
                                                   to_buffer(exchange::failed_body(dialect)),
                                                   to_buffer(kReplyDetails));
}

}  // namespace aigw::module
