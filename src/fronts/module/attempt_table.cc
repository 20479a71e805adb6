#include "fronts/module/attempt_table.h"

#include <algorithm>
#include <new>

#include "exchange/attempt.h"
#include "fronts/module/envoy_host.h"
#include "fronts/module/guard.h"
#include "fronts/module/shared_exchange.h"

namespace aigw::module {
namespace {

constexpr auto kRequestHeaders = envoy_dynamic_module_type_http_header_type_RequestHeader;
constexpr auto kResponseHeaders = envoy_dynamic_module_type_http_header_type_ResponseHeader;
constexpr auto kReceivedRequest = envoy_dynamic_module_type_http_body_type_ReceivedRequestBody;
constexpr auto kReceivedResponse = envoy_dynamic_module_type_http_body_type_ReceivedResponseBody;
constexpr auto kBufferedResponse = envoy_dynamic_module_type_http_body_type_BufferedResponseBody;

constexpr int kContinue = 0;
constexpr int kStop = 1;  // headers: stop iteration; body: and buffer; trailers: stop
constexpr int kStopNoBuffer = envoy_dynamic_module_type_on_http_filter_response_body_status_StopIterationNoBuffer;

// Of a body that is patched; Envoy's slices are 16 KiB.
constexpr size_t kSlicesAtATime = 16;

constexpr Bytes kBackendNamespace = "aigateway.envoy.io";

// A copy, in the exchange's arena: the attempt edits headers while it reads what was picked, and some releases of Envoy
// end a view with the next getter.
Bytes metadata(EnvoyFilter envoy, envoy_dynamic_module_type_metadata_source source, Bytes key, Arena& arena) {
  EnvoyBuffer value{nullptr, 0};
  bool found = envoy_dynamic_module_callback_http_get_metadata_string(envoy, source, to_buffer(kBackendNamespace),
                                                                      to_buffer(key), &value);
  return found ? arena.copy(to_bytes(value)) : Bytes();
}

// Host metadata, then cluster metadata; the cluster's alone where an endpoint picker has chosen the host.
exchange::Pick read_pick(EnvoyFilter envoy, http::HeaderMap& request, Arena& arena) {
  constexpr Bytes kBackendKey = "per_route_rule_backend_name";
  exchange::Pick pick;
  if (!request.get("x-gateway-destination-endpoint")) {
    pick.backend = metadata(envoy, envoy_dynamic_module_type_metadata_source_Host, kBackendKey, arena);
  }
  if (pick.backend.empty()) {
    pick.backend = metadata(envoy, envoy_dynamic_module_type_metadata_source_Cluster, kBackendKey, arena);
  }
  pick.upstream_host = metadata(envoy, envoy_dynamic_module_type_metadata_source_Host, "upstream_host", arena);
  pick.route_name = metadata(envoy, envoy_dynamic_module_type_metadata_source_Route, "aigw_route_name", arena);
  return pick;
}

// The request's dynamic metadata. Envoy's ABI shows texts in a namespace, and nothing inside of structs.
class EnvoyRequestMetadata final : public exchange::RequestMetadata {
 public:
  explicit EnvoyRequestMetadata(EnvoyFilter envoy) : envoy_(envoy) {}
  std::optional<Secret> text(Bytes name_space, Bytes key) override {
    EnvoyBuffer value{nullptr, 0};
    if (!envoy_dynamic_module_callback_http_get_metadata_string(
            envoy_, envoy_dynamic_module_type_metadata_source_Dynamic, to_buffer(name_space), to_buffer(key), &value))
      return std::nullopt;
    return Secret(to_bytes(value));
  }
  std::optional<Secret> member(Bytes, Bytes, Bytes) override { return std::nullopt; }

 private:
  EnvoyFilter envoy_;
};

// One attempt in an upstream filter.
class ModuleAttempt {
 public:
  explicit ModuleAttempt(SharedExchange& shared) : shared_(shared), held_(shared), attempt_(shared.exchange) {}
  ModuleAttempt(const ModuleAttempt&) = delete;
  ModuleAttempt& operator=(const ModuleAttempt&) = delete;

  // The client's.
  endpoint::Dialect dialect() const { return shared_.exchange.dialect(); }

  int request_headers(EnvoyFilter envoy) {
    EnvoyHeaders request(envoy, kRequestHeaders);
    EnvoyRequestMetadata metadata(envoy);
    exchange::Pick pick = read_pick(envoy, request, shared_.exchange.arena());
    pick.metadata = &metadata;
    switch (attempt_.start(request, pick)) {
      case exchange::Step::proceed:
        return kContinue;
      case exchange::Step::hold:
        return kStop;
      case exchange::Step::reply:
        break;
    }
    return answer(envoy, kStop);
  }

  int request_body(EnvoyFilter envoy, bool end_of_stream) {
    if (!attempt_.edits_body()) return kContinue;
    EnvoyBody body(envoy, kReceivedRequest);
    EnvoyHeaders request(envoy, kRequestHeaders);
    EnvoyBodySink sink(envoy, kReceivedRequest);
    // Envoy replays a body in one piece. What has been written anew goes before the next slices are looked at, so that
    // a large body never stands there twice.
    Slices left = body.slices();
    exchange::BodyStep step;
    do {
      const Slices now = attempt_.waits_for_body() ? left : left.first(std::min(left.size(), kSlicesAtATime));
      left = left.subspan(now.size());
      step = attempt_.on_request_body(request, now, end_of_stream && left.empty(), sink);
      if (step.piece == exchange::BodyStep::Piece::fail) return answer(envoy, kStopNoBuffer);
      if (step.piece == exchange::BodyStep::Piece::replace) drain(envoy, kReceivedRequest, total_size(now));
    } while (!left.empty());
    return step.hold ? kStopNoBuffer : kContinue;
  }

  int response_headers(EnvoyFilter envoy, bool end_of_stream) {
    EnvoyHeaders response(envoy, kResponseHeaders);
    if (attempt_.on_response_headers(response, end_of_stream) == exchange::Step::proceed) return kContinue;
    if (!end_of_stream) return kStop;
    // There is no body to wait for. What is buffered behind the headers goes out when the hook continues.
    EnvoyBodySink sink(envoy, kBufferedResponse);
    exchange::BodyStep step = attempt_.on_response_body(response, {}, true, sink);
    return step.piece == exchange::BodyStep::Piece::fail ? answer(envoy, kStop) : kContinue;
  }

  int response_body(EnvoyFilter envoy, bool end_of_stream) {
    EnvoyBody body(envoy, response_cursor_, kReceivedResponse, kBufferedResponse);
    EnvoyHeaders response(envoy, kResponseHeaders);
    EnvoyBodySink sink(envoy, kReceivedResponse);
    exchange::BodyStep step = attempt_.on_response_body(response, body.slices(), end_of_stream, sink);
    switch (step.piece) {
      case exchange::BodyStep::Piece::keep:
        return step.hold ? kStop : kContinue;
      case exchange::BodyStep::Piece::replace:
        drain(envoy, kReceivedResponse, body.size());
        return step.hold ? kStopNoBuffer : kContinue;
      case exchange::BodyStep::Piece::fail:
        break;
    }
    return answer(envoy, kStopNoBuffer);
  }

  // Where trailers follow, no body hook has said that the body is complete.
  int response_trailers(EnvoyFilter envoy) {
    EnvoyHeaders response(envoy, kResponseHeaders);
    EnvoyBodySink sink(envoy, kBufferedResponse);
    exchange::BodyStep step = attempt_.on_response_body(response, {}, true, sink);
    return step.piece == exchange::BodyStep::Piece::fail ? answer(envoy, kStop) : kContinue;
  }

 private:
  // The reply is moved out first: the call may destroy this attempt.
  int answer(EnvoyFilter envoy, int status) {
    exchange::LocalReply reply = attempt_.reply();
    send_reply(envoy, reply);
    return status;
  }

  SharedExchange& shared_;
  SharedExchange::Held held_;  // before attempt_, which speaks to the exchange as it goes
  exchange::Attempt attempt_;
  BodyCursor response_cursor_;
};

ModuleAttempt& as_attempt(void* attempt) { return *static_cast<ModuleAttempt*>(attempt); }

template <class Hook>
int on_event(const char* name, void* attempt, void* envoy, int stop, Hook&& hook) {
  return guarded_or_closed(
      name, envoy, stop, [attempt] { return as_attempt(attempt).dialect(); },
      [&] { return hook(as_attempt(attempt)); });
}

void* attempt_new(void* exchange) {
  return guarded("attempt_new", static_cast<void*>(nullptr),
                 [&]() -> void* { return new ModuleAttempt(*static_cast<SharedExchange*>(exchange)); }, [] {});
}

void attempt_free(void* attempt) {
  guarded("attempt_free", [&] { delete &as_attempt(attempt); });
}

int request_headers(void* attempt, void* envoy, bool) {
  return on_event("upstream request_headers", attempt, envoy, kStop,
                  [&](ModuleAttempt& one) { return one.request_headers(envoy); });
}

int request_body(void* attempt, void* envoy, bool end_of_stream) {
  return on_event("upstream request_body", attempt, envoy, kStopNoBuffer,
                  [&](ModuleAttempt& one) { return one.request_body(envoy, end_of_stream); });
}

int request_trailers(void*, void*) { return kContinue; }

int response_headers(void* attempt, void* envoy, bool end_of_stream) {
  return on_event("upstream response_headers", attempt, envoy, kStop,
                  [&](ModuleAttempt& one) { return one.response_headers(envoy, end_of_stream); });
}

int response_body(void* attempt, void* envoy, bool end_of_stream) {
  return on_event("upstream response_body", attempt, envoy, kStopNoBuffer,
                  [&](ModuleAttempt& one) { return one.response_body(envoy, end_of_stream); });
}

int response_trailers(void* attempt, void* envoy) {
  return on_event("upstream response_trailers", attempt, envoy, kStop,
                  [&](ModuleAttempt& one) { return one.response_trailers(envoy); });
}

constexpr AigwAttemptTable kTable{sizeof(AigwAttemptTable), attempt_new,      attempt_free,
                                  request_headers,          request_body,     request_trailers,
                                  response_headers,         response_body,    response_trailers,
#ifdef AIGW_LATER_TABLE
                                  [](void*) {}
#endif
};

}  // namespace

const AigwAttemptTable& attempt_table() { return kTable; }

}  // namespace aigw::module
