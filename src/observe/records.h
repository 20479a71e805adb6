// What the core tells about its work, when a piece of it is over. Views live during the call only.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "chat/usage.h"
#include "observe/content.h"
#include "observe/trace.h"

namespace aigw::observe {

// A request header that is shown under another name.
struct Attribute {
  Bytes name;
  Bytes value;
};

enum class AttemptOutcome : uint8_t {
  answered,   // 2xx, to its end
  error,      // the provider's answer was an error, or a 2xx that says that it has failed
  no_answer,  // no response headers
  refused,    // the gateway could not send it, or not use the answer
  cut,        // the answer began well and did not come to its end or could not be read on, or the client left
};

struct AttemptRecord {
  Bytes operation;       // as in gen_ai.operation.name
  Bytes provider;        // as in gen_ai.provider.name
  Bytes original_model;  // of the client's request
  Bytes request_model;   // that the provider was asked for
  Bytes response_model;  // that the provider named; empty where it named none
  Bytes backend;         // the full name from the configuration
  Bytes request_id;
  AttemptOutcome outcome = AttemptOutcome::no_answer;
  uint32_t status = 0;  // the provider's; 0: none came
  uint32_t number = 1;  // which attempt of its request
  bool streaming = false;
  chat::Usage usage;
  uint64_t duration_ns = 0;
  uint64_t first_byte_ns = 0;  // of the answer's body, after the attempt began; 0: none came
  uint64_t last_byte_ns = 0;   // of the last piece that was not empty
  std::span<const Attribute> attributes;  // header attributes for metrics
  const TraceContext* trace = nullptr;    // of the request's span; null: there is none
};

enum class RequestOutcome : uint8_t {
  answered,  // 2xx, to its end; also what the gateway answers itself
  error,     // a provider's error, which may end a stream of 200
  refused,   // an error that the gateway made
  carrier,   // an error that Envoy made: no route, no upstream, a time-out
  cut,       // no whole answer reached the client, or it left
};

struct Cost {
  Bytes key;
  uint64_t value = 0;
};

struct RequestRecord {
  Bytes endpoint;  // as in endpoint::Endpoint::name; "unknown" for another path
  Bytes operation;  // as in gen_ai.operation.name; empty for another path
  Bytes request_id;
  Bytes model;     // of the client's request; empty where it was not read
  Bytes backend;   // of the last attempt; empty for none
  Bytes provider;
  Bytes response_model;
  Bytes route;
  RequestOutcome outcome = RequestOutcome::cut;
  uint32_t status = 0;    // that the client got; 0: none
  Bytes error;            // why, in words for a person; empty where all is well
  Bytes refusal;          // the error type of a refusal
  Bytes fault;            // the provider's word for the error in an answer of 2xx; empty where it has none
  uint32_t attempts = 0;
  bool streaming = false;
  chat::Usage usage;      // of the last attempt
  std::span<const Cost> costs;
  uint64_t failed_edits = 0;  // rules for bodies that did not fit the body of an attempt
  uint32_t failed_costs = 0;  // expressions of costs that gave none
  bool unpriced = false;      // prices are configured, and there is none for the model
  uint64_t duration_ns = 0;
  uint64_t first_byte_ns = 0;  // of the answer, after the request began; 0: none
  std::span<const Attribute> attributes;  // header attributes for logs
  const TraceContext* trace = nullptr;    // null: no span was begun
  std::span<const Attribute> span_attributes;  // header attributes for spans
  Content* content = nullptr;  // for the span, whose taker may move out of it; null: nothing was kept
};

// Takes what the core tells. Called on the thread of the exchange; must not wait.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void request_began(Bytes endpoint) = 0;
  // An attempt sets out; only what is known by then is set.
  virtual void attempt_began(const AttemptRecord& attempt) = 0;
  virtual void attempt_ended(const AttemptRecord& attempt) = 0;
  virtual void request_ended(const RequestRecord& request) = 0;
  // The gateway answers with an error of this kind, or gives an attempt up with it.
  virtual void refused(Bytes endpoint, FailureKind kind) = 0;
  // A request or an answer ran into this limit, whether that ended it or the reading of it. Not `none`.
  virtual void limited(Limit limit) = 0;
  // A translation between an endpoint and a provider could not carry so many members.
  virtual void dropped(Bytes endpoint, Bytes provider, uint64_t members) = 0;
};

Bytes name_of(AttemptOutcome outcome);
Bytes name_of(RequestOutcome outcome);

}  // namespace aigw::observe
