// What is told about an exchange: keeps its times and outcomes, and speaks to the recorder when an
// attempt or the request is over. Without a recorder it does nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "config/names.h"
#include "exchange/content_copy.h"
#include "http/header_map.h"
#include "observe/header_attributes.h"
#include "observe/records.h"
#include "policy/cost.h"

namespace aigw::exchange {

class Exchange;
class MetadataSink;

class Account {
 public:
  // `exchange` owns the account.
  explicit Account(Exchange& exchange) : exchange_(exchange) {}

  // --- the request -------------------------------------------------------------------------------

  // The endpoint is known, or known to be none.
  void request_began(http::HeaderMap& request);
  // The request is known: its span begins, and its context goes on in the headers.
  void start_trace(http::HeaderMap& request);
  // What is kept for the request's span; null: nothing is.
  ContentCopy* content() { return content_.get(); }
  // The gateway answers itself, with an error or (a list of models) without. `status` is that of the reply, 0 for the
  // kind's own.
  void refused(const Failure& failure, uint32_t status = 0);
  void answered_locally();
  // Envoy answers itself.
  void carrier_replied(uint32_t status, Bytes text);
  // Members that a translation dropped.
  void dropped(uint64_t members);
  // Once; closes the attempt that is live. `costs` of the answer, if it has any; `bill` for what went wrong with them.
  void finish(std::span<const observe::Cost> costs, const policy::Bill& bill, size_t failed_edits);
  // What became of the request; meaningful after finish.
  observe::RequestOutcome outcome() const { return request_outcome_; }
  // x-request-id of the client's request, by which its log line is found; empty where the carrier gives none.
  Bytes request_id() const { return request_id_; }
  // The header attributes for logs.
  void write_attributes(MetadataSink& metadata) const;

  // --- the live attempt --------------------------------------------------------------------------

  // Closes the one before, whose answer the exchange still has.
  void attempt_begins();
  void attempt_goes_to(config::SchemaName schema);
  // The exchange's answer says to whom and with which model.
  void attempt_set_out();
  void attempt_refused(const Failure& failure);
  void response_headers();
  void response_piece(bool with_bytes);
  void response_complete();
  // The attempt of this number is destroyed; no matter if it is not the live one.
  void attempt_gone(uint32_t number);

 private:
  observe::Recorder* recorder() const;
  uint64_t now() const;
  Bytes endpoint_name() const;
  void close_attempt();
  std::vector<observe::Attribute> attributes(bool observe::HeaderAttribute::*use) const;
  void begin_trace(http::HeaderMap& request);
  observe::AttemptRecord attempt_record() const;
  observe::RequestRecord request_record() const;

  Exchange& exchange_;
  uint64_t began_ns_ = 0;
  uint64_t first_byte_ns_ = 0;  // of the answer that the client gets
  Bytes request_id_;            // in the exchange's arena
  observe::TraceContext trace_;
  bool traced_ = false;  // the span has begun
  std::unique_ptr<ContentCopy> content_;
  std::vector<Bytes> values_;   // of the header attributes, by their index; in the arena
  bool began_ = false;
  bool finished_ = false;
  bool local_ = false;
  bool refused_ = false;
  uint32_t refused_status_ = 0;
  FailureKind refusal_ = FailureKind::internal;
  uint32_t carrier_status_ = 0;
  std::string error_;
  observe::RequestOutcome request_outcome_ = observe::RequestOutcome::cut;

  bool open_ = false;  // an attempt is live
  bool attempt_refused_ = false;
  bool complete_ = false;
  Bytes provider_;
  uint64_t attempt_began_ns_ = 0;
  uint64_t last_event_ns_ = 0;  // of the attempt's answer; 0: none
  uint64_t gone_ns_ = 0;        // when the attempt was destroyed; 0: it lives
  observe::AttemptOutcome outcome_ = observe::AttemptOutcome::no_answer;  // of the last attempt
};

}  // namespace aigw::exchange
