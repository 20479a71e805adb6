// `ai_gateway.router`: owns the exchange. It reads the request, lets Envoy choose the route again by the model,
// gives replies that Envoy makes itself the client's dialect, and closes the books at the end of the stream.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "exchange/access_line.h"
#include "fronts/module/envoy_host.h"
#include "fronts/module/shared_exchange.h"
#include "runtime/runtime.h"

namespace aigw::module {

// In Envoy's own statistics, where a swap may start them anew; 0: not defined.
struct RouterCounters {
  size_t refused = 0;   // label: the error type of the local reply
  // These have no labels: with them Envoy makes a name anew each time, which costs microseconds.
  size_t requests[5] = {};  // by the number of the outcome
  size_t input_tokens = 0, output_tokens = 0;
};

class RouterFilter {
 public:
  RouterFilter(EnvoyFilter envoy, runtime::Runtime& runtime, const exchange::CurrentConfig& current,
               const exchange::DebugLog& debug, const RouterCounters& counters);
  ~RouterFilter();
  RouterFilter(const RouterFilter&) = delete;
  RouterFilter& operator=(const RouterFilter&) = delete;

  // Each gives back a status of the ABI. The filter may be gone when it returns.
  int request_headers(bool end_of_stream);
  int request_body(bool end_of_stream);
  int request_trailers();
  void local_reply(uint32_t status, Bytes details);
  int response_headers(bool end_of_stream);
  int response_body(bool end_of_stream);
  int response_trailers();
  void stream_complete();

  // The client's.
  endpoint::Dialect dialect() const { return shared_.exchange.dialect(); }

 private:
  // Answers with the exchange's local reply. `whole`: the request's body has been read to its end.
  int answer(bool whole);
  // The request has been read; it goes on to the router, which chooses the route by the model.
  int route();
  // Puts the client's dialect in the place of Envoy's text.
  void shape_reply(BodyType append_to);
  // The books of the exchange are closed.
  void finish(http::HeaderMap& request);
  // False where the line is for Envoy to write.
  bool tell_access_log(http::HeaderMap& request);
  void count(size_t counter, uint64_t amount);

  EnvoyFilter envoy_;
  const RouterCounters& counters_;
  exchange::AccessLine access_line_;
  const bool logs_;  // that line is wanted
  SharedExchange& shared_;
  BodyCursor request_cursor_;
  bool routed_ = false;
  uint32_t carrier_status_ = 0;  // of a reply that Envoy makes itself and that is still to be shaped
  std::string carrier_text_;
};

}  // namespace aigw::module
