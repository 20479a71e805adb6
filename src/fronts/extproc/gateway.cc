#include "fronts/extproc/gateway.h"

#include <sched.h>
#include <sys/random.h>

#include "base/check.h"
#include "base/system_clock.h"

namespace aigw::extproc {
namespace {

// A random UUID (RFC 9562, version 4).
std::string random_uuid() {
  unsigned char bytes[16];
  AIGW_CHECK(getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (size_t i = 0; i < sizeof bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[bytes[i] >> 4];
    text += kDigits[bytes[i] & 0x0f];
  }
  return text;
}

// Envoy sets these anew for each attempt, or may be told to refuse an edit of theirs.
bool is_envoys(Bytes name) {
  return name == "content-length" || name == ":authority" || name == ":scheme" ||
         name == ":method" || name == "host" || name.starts_with("x-envoy-");
}

// Whether these headers are as the attempts of that exchange have left them.
bool are_as_left(http::HeaderMap& headers, const OpenExchange& exchange) {
  for (const auto& [name, value] : exchange.left) {
    if (is_envoys(name)) continue;
    const std::optional<Bytes> found = headers.get(name);
    if (found.has_value() != value.has_value() || (found && *found != *value)) return false;
  }
  return !exchange.left.empty();  // there has been an attempt: each takes off the internal headers
}

}  // namespace

std::shared_ptr<OpenExchange> Gateway::open_exchange() const {
  exchange::Setup setup;
  setup.config = runtime_->current();
  setup.endpoints = runtime_->endpoints();
  setup.current = this;
  setup.request_body_max = runtime_->options().request_body_max;
  setup.now = system_monotonic_now;
  setup.unix_now = system_unix_now;
  const int cpu = ::sched_getcpu();
  setup.recorder = runtime_->recorder(cpu < 0 ? 0 : static_cast<uint32_t>(cpu));
  setup.tracer = runtime_->tracer();
  setup.header_attributes = &runtime_->options().header_attributes;
  setup.debug = this;
  setup.budget = runtime_->budget();
  return std::make_shared<OpenExchange>(std::move(setup));
}

void Gateway::enter(Bytes request_id, const std::shared_ptr<OpenExchange>& exchange) {
  std::string name(request_id);
  for (;;) {
    if (!name.empty()) {
      exchange->request_id = name;
      exchange->internal_id = name + '-' + random_uuid();
      Shard& shard = shard_of(name);
      std::lock_guard<std::mutex> lock(shard.mutex);
      if (shard.exchanges.emplace(name, exchange).second) return;
      name += '-';
    }
    name += random_uuid();
  }
}

void Gateway::leave(const OpenExchange& exchange) {
  std::shared_ptr<OpenExchange> gone;  // destroyed after the lock
  Shard& shard = shard_of(exchange.request_id);
  std::lock_guard<std::mutex> lock(shard.mutex);
  auto node = shard.exchanges.extract(exchange.request_id);
  if (!node.empty()) gone = std::move(node.mapped());
}

std::shared_ptr<OpenExchange> Gateway::find(Bytes request_id) {
  Shard& shard = shard_of(request_id);
  std::lock_guard<std::mutex> lock(shard.mutex);
  auto found = shard.exchanges.find(std::string(request_id));
  return found == shard.exchanges.end() ? nullptr : found->second;
}

std::shared_ptr<OpenExchange> Gateway::find(http::HeaderMap& headers) {
  std::shared_ptr<OpenExchange> exchange = find(headers.get(kRequestId).value_or(""));
  if (exchange == nullptr) return nullptr;
  const std::optional<Bytes> id = headers.get(kInternalId);
  if (id) return *id == exchange->internal_id ? exchange : nullptr;
  std::lock_guard<std::mutex> lock(exchange->strand);
  return are_as_left(headers, *exchange) ? exchange : nullptr;
}

size_t Gateway::exchanges_open() {
  size_t count = 0;
  for (Shard& shard : shards_) {
    std::lock_guard<std::mutex> lock(shard.mutex);
    count += shard.exchanges.size();
  }
  return count;
}

}  // namespace aigw::extproc
