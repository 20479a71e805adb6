// One client request in an Envoy that keeps the rules of its ABI to the letter and is otherwise as unfriendly as they
// allow: it plays the connection manager with the router filter, Envoy's router with its retries, and the upstream
// filter of each attempt.
//
// The two releases differ in when they destroy filters (Weather::before_1_40). What the module breaks of the rules
// goes to Process::violation.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/case_file.h"
#include "drivers/core/carrier.h"
#include "fake_envoy/body.h"
#include "fake_envoy/module.h"

namespace aigw::fake {

struct Weather {
  // As 1.38 and 1.39: a reply destroys its sender inside the call, and an attempt's filter goes before the router
  // filter's last hook. 1.40 waits for the hooks to return.
  bool before_1_40 = false;
  size_t request_chunk = 0;  // bytes of a call of the body hook, 0: all in one
  size_t answer_chunk = 0;
  size_t slice = 16384;
  bool end_apart = false;  // the end of a body comes in a call of its own, without a byte
  bool request_trailers = false;
  bool answer_trailers = false;
  bool watermarks = false;       // and events that nobody asked for, at every event
  bool overlap = false;          // failed attempts live on until the request is over
  bool early_answer = false;     // the headers of an answer come in the middle of the request's body
  bool getters_kill = false;     // a view of metadata or filter state ends with the next getter of one
  size_t slice_moved = 5;        // how buffers are cut anew between hooks
  std::function<void(std::string&)> spoil_filter_state;  // what is written there arrives otherwise
  // The number of the event, from 1, before which something happens; 0: it does not.
  size_t client_leaves_at = 0;
  size_t envoy_replies_at = 0;   // with 504, as for a route's time-out
  size_t provider_resets_at = 0;  // counted in the events of the answers
};

class Stream;

// A filter of the module, on Envoy's side. Lives as long as its stream, so that a late call is seen for what it is.
struct Filter {
  enum class Role : uint8_t { router, upstream };

  Filter(Stream& owner, const FilterConfig& of, Role as) : stream(owner), config(of), role(as) {}
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  Stream& stream;
  const FilterConfig& config;
  const Role role;
  const void* module = nullptr;
  std::string backend;  // of the endpoint that was picked
  bool destroyed = false;
  bool completed = false;
  bool sent_local_reply = false;
  // Which message a hook is in: the Received bodies exist there only.
  bool in_request_body = false;
  bool in_response_body = false;
  bool holds_request_headers = false;
  bool holds_response_headers = false;
  Body received_request, buffered_request, received_response, buffered_response;
};

class Stream {
 public:
  Stream(const FilterConfig& router, const FilterConfig& upstream, const tests::Case& story, const Weather& weather);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // The whole life of the request.
  tests::Outcome run();
  // An attempt alone, as for a mirrored request: there is no router filter, and no exchange.
  tests::Outcome run_without_router();

  // How often something could have happened.
  size_t events() const { return events_; }
  size_t answer_events() const { return answer_events_; }
  // The most bytes of the request that an attempt's filter has stood before at once.
  size_t request_peak() const;
  // The client left, or the provider was still sending.
  bool left() const { return left_; }

  // The filter behind a pointer that the module has given; null, and a violation, for one that is gone.
  static Filter* find(void* envoy, const char* callback);

  // --- for callbacks -----------------------------------------------------------------------------------------
  tests::Headers* headers(envoy_dynamic_module_type_http_header_type type);
  Body* body(Filter& filter, envoy_dynamic_module_type_http_body_type type);
  // What a view may outlive: nothing, once a setter was called.
  void changed() { kill_views(); }
  std::string_view lend(std::string_view bytes) { return views_.lend(bytes); }
  // Of metadata and the filter state, whose getters have ended each other's views in some releases.
  std::string_view lend_state(std::string_view bytes);
  std::string_view metadata(const Filter& filter, envoy_dynamic_module_type_metadata_source source,
                            std::string_view key) const;
  void set_metadata(std::string_view ns, std::string_view key, std::string json);
  void set_filter_state(const std::string& key, std::string value);
  void clear_route_cache();
  void send_response(Filter& filter, uint32_t status, const envoy_dynamic_module_type_module_http_header* headers,
                     size_t count, envoy_dynamic_module_type_module_buffer body,
                     envoy_dynamic_module_type_module_buffer details);
  void send_response_headers(Filter& filter, const envoy_dynamic_module_type_module_http_header* headers, size_t count,
                             bool end_stream);
  void send_response_data(Filter& filter, std::string_view data, bool end_stream);

  std::vector<std::pair<std::string, std::string>> filter_state;
  uint64_t buffer_limit = 1 << 20;

 private:
  struct Stopped {};  // the request is over
  struct Retry {};

  int in_hook(Filter& filter, const char* name, const std::function<int(const Hooks&)>& call);
  void kill_views();
  void event();
  Filter& start_filter(const FilterConfig& config, Filter::Role role, const std::string& backend);
  void complete(Filter& filter);
  void destroy(Filter& filter);
  void destroy_upstreams();
  void tear_down();
  void finish_outcome();

  // --- the request, through one filter -----------------------------------------------------------------------
  void decode_headers(Filter& filter, bool end_stream);
  void decode_data(Filter& filter, std::string_view bytes, bool end_stream, std::string& passed);
  void decode_trailers(Filter& filter, std::string& passed);
  void decode_message(Filter& filter, const std::string& body, std::string& passed);
  bool send_request();
  void run_attempts();
  void run_attempt(size_t number, bool last);

  // --- the answer, through one filter and those behind it ----------------------------------------------------
  void take_answer(Filter& filter, const tests::Message& answer, bool last);
  void encode_answer(Filter& filter, const std::string& body, bool ends, bool last);
  bool provider_resets(bool last);
  void encode_headers(Filter& filter, bool end_stream);
  void encode_data(Filter& filter, std::string_view bytes, bool end_stream);
  void encode_trailers(Filter& filter);
  void pass_headers(Filter& filter, bool end_stream);
  void pass_data(Filter& filter, const std::string& bytes, bool end_stream);
  void pass_trailers(Filter& filter);
  void release(Filter& filter, bool end_stream);
  void after_upstream_ends(Filter& filter, bool end_stream);
  void upstream_is_gone(bool last);
  // A reply of Envoy's own: only the router filter sees it.
  void envoy_replies(uint32_t status, const std::string& text, const std::string& details);
  void reply_through_router(uint32_t status, const std::string& body, const std::string& details);
  void reply_directly(const std::string& body);
  void tell_local_reply(uint32_t status, const std::string& details);
  void cut();

  const FilterConfig& router_config_;
  const FilterConfig& upstream_config_;
  const tests::Case& story_;
  const Weather weather_;
  std::vector<std::unique_ptr<Filter>> filters_;
  Filter* router_ = nullptr;
  Filter* upstream_ = nullptr;
  Views views_, state_views_;
  tests::Headers request_headers_, request_trailers_, response_headers_, response_trailers_;
  std::string client_body_;   // as the router filter has let it pass
  std::function<void()> late_request_;  // sends what is still to come of a request that is answered early
  size_t events_ = 0;
  size_t answer_events_ = 0;
  int depth_ = 0;             // hooks that are running
  bool last_attempt_ = true;
  bool started_ = false;      // the answer has passed Envoy's router
  bool client_started_ = false;  // the client has the headers
  bool done_ = false;         // the client has the whole answer, or a cut one
  bool left_ = false;
  tests::Outcome outcome_;
};

}  // namespace aigw::fake
