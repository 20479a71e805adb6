// `ai_gateway.upstream`: a trampoline. It finds the exchange that the router filter left in the filter state, and
// hands every event to the functions of the build that made it.
#pragma once

#include <cstddef>

#include "fronts/module/envoy_host.h"
#include "fronts/module/handoff.h"

namespace aigw::module {

// The counters of a filter configuration, in Envoy's own stats. Ids are 0 where Envoy refused one.
struct UpstreamCounters {
  size_t no_exchange = 0;
  size_t unknown_layout = 0;
};

class UpstreamFilter {
 public:
  UpstreamFilter(EnvoyFilter envoy, const UpstreamCounters& counters) : envoy_(envoy), counters_(counters) {}
  ~UpstreamFilter();
  UpstreamFilter(const UpstreamFilter&) = delete;
  UpstreamFilter& operator=(const UpstreamFilter&) = delete;

  // Each gives back a status of the ABI. The filter may be gone when it returns.
  int request_headers(bool end_of_stream);
  int request_body(bool end_of_stream);
  int request_trailers();
  int response_headers(bool end_of_stream);
  int response_body(bool end_of_stream);
  int response_trailers();

 private:
  // The local reply of a filter without an exchange; fails closed.
  int refuse();

  EnvoyFilter envoy_;
  const UpstreamCounters& counters_;
  const AigwAttemptTable* table_ = nullptr;
  void* attempt_ = nullptr;
};

}  // namespace aigw::module
