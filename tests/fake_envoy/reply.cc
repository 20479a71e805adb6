// Local replies: the module's, which come back into it through the router filter, and Envoy's own.
#include "fake_envoy/stream.h"

namespace aigw::fake {
namespace {

std::string text_of(envoy_dynamic_module_type_module_buffer buffer) {
  return buffer.ptr == nullptr ? std::string() : std::string(buffer.ptr, buffer.length);
}

tests::Headers read_headers(const envoy_dynamic_module_type_module_http_header* headers, size_t count) {
  tests::Headers out;
  for (size_t i = 0; i < count; ++i) {
    out.emplace_back(std::string(headers[i].key_ptr, headers[i].key_length),
                     std::string(headers[i].value_ptr, headers[i].value_length));
  }
  return out;
}

}  // namespace

void Stream::cut() {
  outcome_.cut = true;
  done_ = true;
}

// The hook that every local reply begins with. A view of its details ends with it.
void Stream::tell_local_reply(uint32_t status, const std::string& details) {
  if (router_ == nullptr || router_->destroyed) return;
  const std::string_view lent = views_.lend(details);
  in_hook(*router_, "local_reply", [&](const Hooks& hooks) {
    return hooks.local_reply(router_, router_->module, status, {lent.data(), lent.size()}, false);
  });
}

void Stream::reply_directly(const std::string& body) {
  client_started_ = true;
  outcome_.status = std::stoi(response_headers_.front().second);
  outcome_.headers = response_headers_;
  outcome_.body = body;
  done_ = true;
}

void Stream::reply_through_router(uint32_t status, const std::string& body, const std::string& details) {
  started_ = true;
  tell_local_reply(status, details);
  if (router_ == nullptr || router_->destroyed || router_->sent_local_reply) return reply_directly(body);
  encode_headers(*router_, body.empty());
  if (!done_ && !body.empty()) encode_data(*router_, body, true);
  if (!done_) {
    Process::get().violation("a local reply is held for ever");
    cut();
  }
}

void Stream::envoy_replies(uint32_t status, const std::string& text, const std::string& details) {
  if (weather_.before_1_40 && depth_ == 0) destroy_upstreams();
  if (started_) {
    // Nothing but this hook comes: hooks of the answer end with the answer.
    tell_local_reply(status, details);
    return cut();
  }
  response_headers_ = {{":status", std::to_string(status)},
                       {"content-length", std::to_string(text.size())},
                       {"content-type", "text/plain"}};
  // What the attempt's filter has gathered is nobody's any more.
  router_->buffered_response.clear();
  router_->holds_response_headers = false;
  reply_through_router(status, text, details);
}

void Stream::send_response(Filter& filter, uint32_t status,
                           const envoy_dynamic_module_type_module_http_header* headers, size_t count,
                           envoy_dynamic_module_type_module_buffer body,
                           envoy_dynamic_module_type_module_buffer details) {
  const bool is_router = filter.role == Filter::Role::router;
  filter.sent_local_reply = true;
  if (weather_.before_1_40) {
    // The sender is gone before its own arguments have been read.
    if (is_router) complete(filter);
    destroy(filter);
  }
  const std::string text = text_of(body);
  const std::string why = text_of(details);
  tests::Headers reply = read_headers(headers, count);
  if (client_started_ || (!is_router && started_)) {
    tell_local_reply(status, why);
    cut();
  } else {
    reply.insert(reply.begin(), {":status", std::to_string(status)});
    reply.emplace_back("content-length", std::to_string(text.size()));
    response_headers_ = std::move(reply);
    if (is_router) tell_local_reply(status, why);
    is_router ? reply_directly(text) : reply_through_router(status, text, why);
  }
  if (weather_.before_1_40 && router_ != nullptr) {
    complete(*router_);
    destroy(*router_);
  }
}

void Stream::send_response_headers(Filter& filter, const envoy_dynamic_module_type_module_http_header* headers,
                                   size_t count, bool end_stream) {
  if (client_started_) Process::get().violation("a second answer is begun");
  filter.sent_local_reply = true;
  response_headers_ = read_headers(headers, count);
  client_started_ = started_ = true;
  outcome_.headers = response_headers_;
  for (const auto& [name, value] : response_headers_) {
    if (name == ":status") outcome_.status = std::stoi(value);
  }
  if (end_stream) send_response_data(filter, {}, true);
}

void Stream::send_response_data(Filter& filter, std::string_view data, bool end_stream) {
  if (!client_started_) Process::get().violation("the body of an answer comes before its headers");
  if (end_stream && weather_.before_1_40) {
    complete(filter);
    destroy(filter);
  }
  outcome_.body += data;
  done_ = end_stream;
}

}  // namespace aigw::fake
