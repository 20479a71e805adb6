// The only file that includes Boost.Beast, which is slow to compile.
#include "mock/server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <csignal>
#include <memory>
#include <random>

#include "base/limits.h"

namespace aigw::mock {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto idle_timeout = std::chrono::minutes(5);

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// Ids differ from one reply to the next and from one run to the next.
class Stamps {
 public:
  Stamps() : run_(std::random_device()()) {}
  Stamp next() {
    char id[40];
    std::snprintf(id, sizeof id, "%08x%012llx", run_, static_cast<unsigned long long>(++count_));
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::seconds>(now).count(), id};
  }

 private:
  unsigned run_;
  uint64_t count_ = 0;
};

// One connection. Owned by the handler of its pending operation, so it ends when nothing is
// pending.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const ServerOptions& options, Stamps& stamps)
      : stream_(std::move(socket)),
        timer_(stream_.get_executor()),
        options_(options),
        stamps_(stamps) {
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
  }

  void read() {
    parser_.emplace();
    parser_->body_limit(limits::request_body_max);
    stream_.expires_after(idle_timeout);
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code error, size_t) { self->on_read(error); });
  }

 private:
  void on_read(error_code error) {
    if (error == http::error::body_limit) {
      return send_unary(refusal(request(), 413, "The request body is too large.", stamps_.next()),
                        false);
    }
    // What is not HTTP ends here as well, without an answer.
    if (error) return close();
    const auto& message = parser_->get();
    reply_ = answer(request(), options_.provider, stamps_.next());
    keep_alive_ = message.keep_alive();
    head_only_ = message.method() == http::verb::head;
    version_ = message.version();
    after_delay([this] {
      reply_.streams() ? send_stream_head() : send_unary(std::move(reply_), keep_alive_);
    });
  }

  // Views into the parser.
  Request request() const {
    const auto& message = parser_->get();
    return {.method = view(message.method_string()),
            .target = view(message.target()),
            .authorization = view(message[http::field::authorization]),
            .body = message.body(),
            .api_key = view(message["x-api-key"]),
            .anthropic_version = view(message["anthropic-version"])};
  }

  // `then` may use `this`: the session is kept alive until it has run.
  template <class Then>
  void after_delay(Then then) {
    if (options_.event_delay.count() == 0) return then();
    stream_.expires_never();
    timer_.expires_after(options_.event_delay);
    timer_.async_wait([self = shared_from_this(), then](error_code error) {
      if (!error) then();
    });
  }

  template <class Message>
  void set_head(Message& message, const Reply& reply) {
    message.version(version_);
    message.result(reply.status);
    message.set(http::field::content_type, reply.content_type);
    for (const auto& [name, value] : reply.headers) message.set(name, value);
  }

  void send_unary(Reply reply, bool keep_alive) {
    response_.emplace();
    set_head(*response_, reply);
    response_->keep_alive(keep_alive);
    response_->content_length(reply.body.size());
    if (!head_only_) response_->body() = std::move(reply.body);
    stream_.expires_after(idle_timeout);
    http::async_write(stream_, *response_,
                      [self = shared_from_this(), keep_alive](error_code error, size_t) {
                        if (error || !keep_alive) return self->close();
                        self->read();
                      });
  }

  void send_stream_head() {
    head_.emplace();
    set_head(*head_, reply_);
    head_->keep_alive(keep_alive_);
    head_->chunked(true);
    head_serializer_.emplace(*head_);
    next_event_ = 0;
    stream_.expires_after(idle_timeout);
    http::async_write_header(stream_, *head_serializer_,
                             [self = shared_from_this()](error_code error, size_t) {
                               if (error) return self->close();
                               self->send_event();
                             });
  }

  // The first event follows the delay that was waited for before the head.
  void send_event() {
    if (next_event_ == reply_.events.size()) return send_stream_end();
    const std::string& event = reply_.events[next_event_++];
    stream_.expires_after(idle_timeout);
    asio::async_write(stream_, http::make_chunk(asio::buffer(event)),
                      [self = shared_from_this()](error_code error, size_t) {
                        if (error) return self->close();
                        self->after_delay([raw = self.get()] { raw->send_event(); });
                      });
  }

  void send_stream_end() {
    asio::async_write(stream_, http::make_chunk_last(),
                      [self = shared_from_this()](error_code error, size_t) {
                        if (error || !self->keep_alive_) return self->close();
                        self->read();
                      });
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.close();
  }

  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  const ServerOptions& options_;
  Stamps& stamps_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  std::optional<http::response<http::empty_body>> head_;
  std::optional<http::response_serializer<http::empty_body>> head_serializer_;
  Reply reply_;
  size_t next_event_ = 0;
  bool keep_alive_ = false;
  bool head_only_ = false;
  unsigned version_ = 11;
};

class Server {
 public:
  Server(asio::io_context& loop, const ServerOptions& options)
      : acceptor_(loop), options_(options) {}

  error_code listen(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
    return error;
  }

  tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) std::make_shared<Session>(std::move(socket), options_, stamps_)->read();
      accept();
    });
  }

 private:
  tcp::acceptor acceptor_;
  const ServerOptions& options_;
  Stamps stamps_;
};

}  // namespace

Result<void> serve(const ServerOptions& options,
                   const std::function<void(const std::string&)>& on_listening) {
  const auto failure = [&](const std::string& what) {
    return Failure{FailureKind::internal, "cannot listen on " + options.host + ":" +
                                              std::to_string(options.port) + ": " + what};
  };
  error_code error;
  const asio::ip::address address = asio::ip::make_address(options.host, error);
  if (error) return failure("not an IP address");
  asio::io_context loop(1);
  Server server(loop, options);
  if (error_code refused = server.listen({address, options.port}))
    return failure(refused.message());
  asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](error_code, int) { loop.stop(); });
  server.accept();
  std::ostringstream text;
  text << server.endpoint();
  on_listening(text.str());
  loop.run();
  return {};
}

}  // namespace aigw::mock
