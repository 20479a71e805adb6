// What the streams of one server share: the runtime, and the exchanges that are open.
//
// How an attempt's stream finds its exchange: the router's stream has put a random name into the
// header x-ai-eg-internal-req-id. The first attempt takes that off, since no provider may get it;
// and as Envoy keeps one header map for all attempts, a second one comes without it. That one is
// known by its x-request-id, which goes to providers anyway and which the registry keeps unique
// among the exchanges that are open, and by carrying what the attempts before it have left in the
// headers (paths, the backend's credential), which a request from outside does not know.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "exchange/attempt.h"
#include "exchange/exchange.h"
#include "fronts/extproc/wire.h"
#include "http/header_map.h"
#include "runtime/runtime.h"

namespace aigw::extproc {

inline constexpr Bytes kInternalId = "x-ai-eg-internal-req-id";
inline constexpr Bytes kRequestId = "x-request-id";

// An exchange and what Envoy does not hold for it. The router's stream owns it, and each attempt's
// stream as long as it is open; the strand is what makes one thread at a time of all those that
// gRPC calls on.
struct OpenExchange {
  explicit OpenExchange(exchange::Setup setup) : exchange(std::move(setup)) {}

  std::mutex strand;  // guards everything below
  exchange::Exchange exchange;
  std::string body;  // the client's, for every attempt; given back once one has answered
  std::unique_ptr<exchange::Attempt> attempt;  // the live one
  bool routed = false;     // the request is whole, and Envoy chooses who gets it
  bool replied = false;    // the gateway itself has answered instead of an attempt
  std::string request_id;  // as in x-request-id; empty until it is entered
  std::string internal_id;
  // What attempts have made of the headers that they edited; nothing for one that is gone.
  std::map<std::string, std::optional<std::string>, std::less<>> left;
  bool answered = false;  // an answer is on its way to the client: no attempt follows
};

class Gateway final : public exchange::CurrentConfig, public exchange::DebugLog {
 public:
  // `log` is called from any thread; `debug`: whether it takes the debug level.
  using Log = std::function<void(runtime::LogLevel, Bytes)>;
  Gateway(std::shared_ptr<runtime::Runtime> runtime, Log log, bool debug = false)
      : runtime_(std::move(runtime)), log_(std::move(log)), debug_(debug) {}

  bool on() const override { return debug_; }
  Bodies bodies() const override {
    return shown(runtime_->options().log_bodies, runtime_->options().redact_bodies);
  }
  void write(Bytes line) const override { log_(runtime::LogLevel::debug, line); }

  void log(runtime::LogLevel level, Bytes message) const { log_(level, message); }

  std::shared_ptr<const config::Config> current() const override { return runtime_->current(); }
  std::shared_ptr<OpenExchange> open_exchange() const;
  runtime::Sight& sight() const { return runtime_->sight(); }

  // Makes an exchange known to the streams of its attempts, and gives it its two names.
  // `request_id` becomes another where it is empty, or that of an exchange that is open.
  void enter(Bytes request_id, const std::shared_ptr<OpenExchange>& exchange);
  void leave(const OpenExchange& exchange);

  // Of an attempt with these headers; null where there is none.
  std::shared_ptr<OpenExchange> find(http::HeaderMap& headers);

  size_t exchanges_open();

 private:
  // Several, so that workers of Envoy do not wait for each other.
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, std::shared_ptr<OpenExchange>> exchanges;  // by request id
  };
  Shard& shard_of(Bytes request_id) {
    return shards_[std::hash<Bytes>{}(request_id) % shards_.size()];
  }
  std::shared_ptr<OpenExchange> find(Bytes request_id);

  const std::shared_ptr<runtime::Runtime> runtime_;
  const Log log_;
  const bool debug_;
  std::array<Shard, 16> shards_;
};

}  // namespace aigw::extproc
