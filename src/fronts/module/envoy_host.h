// The carrier as the module sees it: headers, bodies, replies and logs of one filter, over the ABI.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "exchange/effects.h"
#include "exchange/errors.h"
#include "fronts/module/abi.h"
#include "http/header_map.h"

namespace aigw::module {

using EnvoyFilter = envoy_dynamic_module_type_http_filter_envoy_ptr;
using EnvoyBuffer = envoy_dynamic_module_type_envoy_buffer;
using ModuleBuffer = envoy_dynamic_module_type_module_buffer;
using HeaderType = envoy_dynamic_module_type_http_header_type;
using BodyType = envoy_dynamic_module_type_http_body_type;
using LogLevel = envoy_dynamic_module_type_log_level;

inline Bytes to_bytes(EnvoyBuffer buffer) { return {buffer.ptr == nullptr ? "" : buffer.ptr, buffer.length}; }
inline ModuleBuffer to_buffer(Bytes bytes) { return {bytes.data(), bytes.size()}; }

// Writes `message` to Envoy's log if that level is on.
void log(LogLevel level, Bytes message);

// A request's or response's headers in Envoy. Views die at the next edit and at the end of the hook. One such object at
// a time for the same headers: get() answers from what all() has read for as long as nothing was edited through it. The
// first search in Envoy for a header that is none of its own builds a map of all of them (some 5,000 instructions).
class EnvoyHeaders final : public http::HeaderMap {
 public:
  EnvoyHeaders(EnvoyFilter envoy, HeaderType type) : envoy_(envoy), type_(type) {}
  ~EnvoyHeaders() override {}
  EnvoyHeaders(const EnvoyHeaders&) = delete;
  EnvoyHeaders& operator=(const EnvoyHeaders&) = delete;

  std::span<const http::HeaderView> all() override;
  using HeaderMap::get;
  std::optional<Bytes> get(Bytes name, size_t index, size_t* count) override;
  void set(Bytes name, Bytes value) override;
  void add(Bytes name, Bytes value) override;
  void remove(Bytes name) override;

 private:
  static constexpr size_t kInline = 40;

  std::optional<Bytes> get_known(Bytes name, size_t index, size_t* count) const;

  EnvoyFilter envoy_;
  HeaderType type_;
  std::span<const http::HeaderView> known_;  // all headers, where all() was called and nothing edited since
  envoy_dynamic_module_type_envoy_http_header raw_inline_[kInline];
  union {
    http::HeaderView inline_[kInline];  // alive as far as all() has filled it
  };
  std::vector<envoy_dynamic_module_type_envoy_http_header> raw_heap_;
  std::vector<http::HeaderView> heap_;
};

// Counts the bytes of a body that its filter has seen. Envoy puts the last piece behind those that a filter has
// buffered before it calls the body hook, and then nothing is received.
struct BodyCursor {
  uint64_t seen = 0;
};

// The pieces of a body in Envoy, each valid until it is drained or the hook ends.
class EnvoyBody {
 public:
  EnvoyBody(EnvoyFilter envoy, BodyType type) { read(envoy, type, 0); }

  // What came since the last call with this cursor.
  EnvoyBody(EnvoyFilter envoy, BodyCursor& cursor, BodyType received, BodyType buffered);

  EnvoyBody(const EnvoyBody&) = delete;
  EnvoyBody& operator=(const EnvoyBody&) = delete;

  Slices slices() const { return slices_; }
  uint64_t size() const { return size_; }

 private:
  void read(EnvoyFilter envoy, BodyType type, uint64_t skip);

  static constexpr size_t kInline = 16;
  EnvoyBuffer raw_inline_[kInline];
  Bytes inline_[kInline];
  std::vector<EnvoyBuffer> raw_heap_;
  std::vector<Bytes> heap_;
  Slices slices_;
  uint64_t size_ = 0;
};

// Appends to a body of Envoy's.
class EnvoyBodySink final : public ByteSink {
 public:
  EnvoyBodySink(EnvoyFilter envoy, BodyType type) : envoy_(envoy), type_(type) {}
  void append(Bytes piece) override;

 private:
  EnvoyFilter envoy_;
  BodyType type_;
};

// Takes that many bytes off the head of a body. What replaces them has been appended before: Envoy can append to a
// body's tail and drain its head, and nothing else. Slices further back stay where they are.
void drain(EnvoyFilter envoy, BodyType type, uint64_t size);

// Envoy's dynamic metadata in the namespace io.envoy.ai_gateway. One call a key is cheaper than one call with all of
// them, which Envoy 1.40 has: that one is parsed and merged (measured: 7.1 and 4.5 us for eight keys).
class EnvoyMetadata final : public exchange::MetadataSink {
 public:
  explicit EnvoyMetadata(EnvoyFilter envoy) : envoy_(envoy) {}
  void number(Bytes key, double value) override;
  void text(Bytes key, Bytes value) override;

 private:
  EnvoyFilter envoy_;
};

// Marks a local reply as ours in its details, so that the router filter does not shape it once more.
inline constexpr Bytes kReplyDetails = "ai_gateway_reply";

// Answers the request. On Envoy 1.39 and older this may destroy the calling filter inside the call: `reply` must
// not be part of it, and the caller touches nothing of its own afterwards.
void send_reply(EnvoyFilter envoy, const exchange::LocalReply& reply);

// The same for a request that has been read whole, so that its connection lives on: Envoy closes an HTTP/1
// connection after a 400 that it believes to be about the message's framing (seen on 1.38 to 1.40), unless the reply
// is sent in parts. No hook runs for such a reply.
void send_reply_and_keep_connection(EnvoyFilter envoy, const exchange::LocalReply& reply);

// Answers for a filter that does not know the client's dialect: the router filter, of whichever build, writes this text
// into it.
void send_plain_reply(EnvoyFilter envoy, FailureKind kind, Bytes message);

// Answers a request whose handling failed by our own fault: 500 while the headers are unsent, a cut stream after. Needs
// no memory.
void fail_closed(EnvoyFilter envoy, endpoint::Dialect dialect);

}  // namespace aigw::module
