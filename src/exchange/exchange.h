// One client request, from its headers to the last byte of the answer.
//
// The exchange reads the request once, as it comes, and keeps offsets, never bytes: the carrier holds the body and
// hands the same bytes to every attempt. It is driven by the router side of a front; each try at a backend is an
// Attempt (attempt.h) that refers to it. All calls come from one thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/arena.h"
#include "base/budget.h"
#include "base/clock.h"
#include "base/limits.h"
#include "chat/drops.h"
#include "chat/usage.h"
#include "config/config.h"
#include "endpoint/table.h"
#include "exchange/account.h"
#include "exchange/client_request.h"
#include "exchange/debug_log.h"
#include "exchange/effects.h"
#include "http/header_map.h"
#include "http/undo_log.h"
#include "policy/cost.h"
#include "wire/content_coding.h"

namespace aigw::exchange {

class Attempt;

// The codings of an answer that the gateway can read.
struct NamedCoding {
  Bytes name;
  wire::ContentCoding coding;
};
inline constexpr std::array<NamedCoding, 4> kReadableCodings = {{{"gzip", wire::ContentCoding::gzip},
                                                                 {"deflate", wire::ContentCoding::deflate},
                                                                 {"br", wire::ContentCoding::br},
                                                                 {"zstd", wire::ContentCoding::zstd}}};

// The configuration that is current now, for a backend that the exchange's own configuration does not know.
class CurrentConfig {
 public:
  virtual ~CurrentConfig() = default;
  virtual std::shared_ptr<const config::Config> current() const = 0;
};

// What an exchange begins with. The pointers must outlive every start of an attempt.
struct Setup {
  std::shared_ptr<const config::Config> config;
  std::shared_ptr<const endpoint::Table> endpoints;
  const CurrentConfig* current = nullptr;  // may be null
  uint64_t request_body_max = limits::request_body_max;
  MonotonicNow now = nullptr;
  UnixSecondsNow unix_now = nullptr;
  observe::Recorder* recorder = nullptr;  // may be null; otherwise outlives the exchange's finish
  const observe::HeaderAttributes* header_attributes = nullptr;  // likewise
  observe::Tracer* tracer = nullptr;  // likewise; needs a recorder
  const DebugLog* debug = nullptr;  // may be null
  Budget budget;  // what is held is counted there
};

class Exchange {
 public:
  explicit Exchange(Setup setup);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // --- the request, in order ---------------------------------------------------------------------------------

  // Finds the endpoint and drops internal headers that came from outside. `hold` means: keep the headers until
  // on_request_end. `end_stream`: there is no body.
  Step on_request_headers(http::HeaderMap& request, bool end_stream);

  // Reads the next bytes of the body. `hold`, or `reply` as soon as the body is known to be wrong.
  Step on_request_body(Slices body);

  // The body is complete (last piece or trailers). On `proceed` the request carries `x-ai-eg-model`, and the front
  // lets its carrier choose the route again.
  Step on_request_end(http::HeaderMap& request);

  // The answer to give after a `reply` of this exchange. Valid as long as the exchange.
  const LocalReply& reply() const { return reply_; }

  // --- the response ------------------------------------------------------------------------------------------

  // The answer goes to the client, so that nobody tries the request again, and the carrier lets go of its body.
  void release_request() { held_.release(); }

  // Takes back the live attempt's edits of the request headers, so that logs show what the client sent.
  // Idempotent.
  void undo_request_edits(http::HeaderMap& request);

  // The carrier refuses a request before this exchange has seen it; its path says in which dialect.
  void note_refused_path(Bytes path);

  // An answer of this status and text that the carrier made itself (no route, no upstream, time-out), in the
  // client's dialect.
  std::string shape_carrier_reply(uint32_t status, Bytes text);
  // What goes with it, but for its length.
  void set_carrier_reply_headers(uint32_t status, http::HeaderMap& response) const;

  // The exchange is over, in whatever way. Writes costs and names of the live attempt, if it got an answer.
  void finish(MetadataSink& metadata);

  // What it cost, once it is finished: the one place from which costs are counted and traced.
  const policy::Bill& bill() const { return bill_; }

  // The language in which the client reads errors.
  endpoint::Dialect dialect() const;

  // --- for attempts ------------------------------------------------------------------------------------------

  const Setup& setup() const { return setup_; }
  Arena& arena() { return arena_; }
  http::UndoLog& undo_log() { return undo_log_; }
  const endpoint::Endpoint* endpoint() const { return endpoint_; }
  const ClientRequest& request() const { return request_; }
  Bytes model() const { return request_.model(); }
  uint64_t request_body_size() const { return body_size_; }
  bool client_accepts(wire::ContentCoding coding) const {
    return client_accepts_[static_cast<size_t>(coding)];
  }
  uint32_t attempts_started() const { return attempts_; }

  // The usage and model that the answer has reported so far. An attempt writes them as they come, since the
  // exchange may be finished before the attempt is closed.
  struct Answer {
    uint32_t status = 0;  // 0: no response headers yet
    bool streaming = false;
    chat::Usage usage;
    std::string model;           // as the provider names it
    Limit limit = Limit::none;   // that ended a stream, or the reading of what passes on
    // An answer of 2xx that says that it has failed: the provider's word for why (scan::error_word), or empty.
    std::optional<std::string> fault;
    std::string broken;          // why a stream is no whole answer, however well its bytes ended; empty: it is one
    Bytes sent_model;            // what the provider was asked for
    std::string request_echo;    // what the answer has to repeat of the request, where it is translated
    std::string request_namespaces;  // of its tools, where that is so
    std::string freeform_tools;  // whose calls come back as those of functions: chat::freeform::names()
    Bytes backend_name;          // full name from the configuration
    Bytes backend_short_name;    // ns/name
    Bytes route_name;            // ns/name, empty when the carrier gave none
    uint64_t started_ns = 0;     // when the attempt began
    uint64_t first_byte_ns = 0;  // of the body, after the attempt began; 0: none yet
    uint64_t last_byte_ns = 0;
  };
  Answer& answer() { return answer_; }
  Account& account() { return account_; }
  const Answer& answer() const { return answer_; }

  // For the debug log, where it is on. `secret`: names of headers whose values are kept out of it, besides those
  // that always are.
  void note_headers(Bytes what, http::HeaderMap& headers, std::span<const Bytes> secret = {}) const;
  void note_body(Bytes what, Slices body) const;
  // From now on nothing is: who writes the log may go before the exchange.
  void end_debug() { setup_.debug = nullptr; }

  // Counts rules for bodies that did not fit the body of an attempt.
  void note_failed_edits(size_t count) { failed_edits_ += count; }
  size_t failed_edits() const { return failed_edits_; }

  // Counts what a translation could not carry.
  void note_drops(const chat::Drops& drops);
  // The members that translations of this exchange dropped, for a log line; empty for none.
  Bytes dropped() const { return dropped_; }

 private:
  friend class Attempt;
  // Begins an attempt: what the one before it did and learned is forgotten.
  void begin_attempt(http::HeaderMap& request);

  void charge(MetadataSink& metadata, std::vector<observe::Cost>& costs);
  Step refuse(const Failure& failure);
  Step refuse(FailureKind kind, std::string message) { return refuse({kind, std::move(message)}); }
  Step refuse_too_large();
  Step forbid(Bytes why);
  // The views are of `request`.
  Step list_models(http::HeaderMap& request, Bytes authority, Bytes path);
  void write_costs(MetadataSink& metadata, std::vector<observe::Cost>& costs);
  // Opens the request where the headers let its body be read.
  Step check_body_headers(Bytes content_type, Bytes content_encoding, Bytes content_length);
  Step open_form(Bytes content_type);

  Setup setup_;
  Arena arena_{limits::exchange_arena_max};
  http::UndoLog undo_log_{arena_};
  const endpoint::Endpoint* endpoint_ = nullptr;
  endpoint::Dialect unknown_dialect_ = endpoint::Dialect::openai;
  ClientRequest request_;
  Bytes client_;  // in the arena; empty where nobody says
  uint64_t body_size_ = 0;
  Charge held_{setup_.budget};  // the body
  std::array<bool, wire::kContentCodings> client_accepts_{};
  bool finished_ = false;
  uint32_t attempts_ = 0;
  std::shared_ptr<const config::Config> foreign_config_;  // keeps a backend of the current configuration alive
  LocalReply reply_;
  Answer answer_;
  std::string dropped_;
  size_t failed_edits_ = 0;
  Account account_{*this};
  policy::Bill bill_;
};

}  // namespace aigw::exchange
