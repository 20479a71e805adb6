#include "net/http_client.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/limits.h"
#include "base/system_clock.h"
#include "net/stream.h"
#include "net/url.h"

namespace aigw::net {
namespace {

constexpr size_t kSmallBody = 16u << 10;

Failure unavailable(std::string message) {
  return Failure{FailureKind::unavailable, std::move(message)};
}

Failure no_answer() { return unavailable("the answer is not HTTP/1.1, or too large"); }

bool same_name(Bytes a, Bytes b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

// What comes from the server, up to a limit; erased at its end.
class Incoming {
 public:
  Incoming(Stream& stream, const Patience& patience) : stream_(stream), patience_(patience) {}

  // Reads on. False at the end of the stream.
  Result<bool> more() {
    char piece[4096];
    const Result<size_t> got = stream_.read(piece, sizeof piece, patience_);
    if (!got) return got.error();
    if (*got > 0) text_.append({piece, *got});
    erase_bytes(piece, sizeof piece);
    if (text_.full()) return no_answer();
    return *got > 0;
  }

  // The bytes that have come and were not taken.
  Bytes rest() const { return text_.reveal().substr(taken_); }
  void take(size_t size) { taken_ += size; }

  // A line without its end.
  Result<Bytes> line() {
    for (;;) {
      const size_t end = rest().find('\n');
      if (end != Bytes::npos) {
        Bytes found = rest().substr(0, end);
        take(end + 1);
        if (found.ends_with('\r')) found.remove_suffix(1);
        return found;
      }
      const Result<bool> came = more();
      if (!came) return came.error();
      if (!*came) return unavailable("the connection ended before the answer");
    }
  }

  // `size` bytes.
  Result<Bytes> bytes(size_t size) {
    if (size > limits::token_answer_max) return no_answer();
    while (rest().size() < size) {
      const Result<bool> came = more();
      if (!came) return came.error();
      if (!*came) return unavailable("the connection ended in the answer");
    }
    const Bytes found = rest().substr(0, size);
    take(size);
    return found;
  }

 private:
  Stream& stream_;
  const Patience& patience_;
  SecretBuilder text_{limits::token_answer_max};
  size_t taken_ = 0;
};

struct Head {
  int status = 0;
  std::optional<size_t> length;
  bool chunked = false;
};

Result<Head> read_head(Incoming& in) {
  Head head;
  const Result<Bytes> first = in.line();
  if (!first) return first.error();
  const Bytes line = *first;
  constexpr Bytes kVersion = "HTTP/1.";
  if (!line.starts_with(kVersion) || line.size() < 12 ||
      std::from_chars(line.data() + 9, line.data() + 12, head.status).ptr != line.data() + 12) {
    return no_answer();
  }
  for (;;) {
    const Result<Bytes> header = in.line();
    if (!header) return header.error();
    if (header->empty()) return head;
    const size_t colon = header->find(':');
    if (colon == Bytes::npos) return no_answer();
    Bytes value = header->substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    if (same_name(header->substr(0, colon), "content-length")) {
      size_t length = 0;
      if (std::from_chars(value.data(), value.data() + value.size(), length).ec != std::errc()) {
        return no_answer();
      }
      head.length = length;
    } else if (same_name(header->substr(0, colon), "transfer-encoding")) {
      head.chunked = true;
    }
  }
}

Result<Secret> read_chunks(Incoming& in) {
  SecretBuilder body(limits::token_answer_max);
  for (;;) {
    const Result<Bytes> line = in.line();
    if (!line) return line.error();
    size_t size = 0;
    if (std::from_chars(line->data(), line->data() + line->size(), size, 16).ec != std::errc()) {
      return no_answer();
    }
    if (size == 0) return Secret(body.reveal());
    const Result<Bytes> piece = in.bytes(size);
    if (!piece) return piece.error();
    body.append(*piece);
    if (const Result<Bytes> end = in.line(); !end) return end.error();
  }
}

Result<Secret> read_body(Incoming& in, const Head& head) {
  if (head.chunked) return read_chunks(in);
  if (head.status == 204 || head.status == 304) return Secret();
  if (head.length) {
    const Result<Bytes> body = in.bytes(*head.length);
    if (!body) return body.error();
    return Secret(*body);
  }
  for (;;) {
    const Result<bool> came = in.more();
    if (!came) return came.error();
    if (!*came) return Secret(in.rest());
  }
}

Result<HttpResponse> read_response(Stream& stream, const Patience& patience) {
  Incoming in(stream, patience);
  for (;;) {
    const Result<Head> head = read_head(in);
    if (!head) return head.error();
    if (head->status >= 100 && head->status < 200) continue;
    Result<Secret> body = read_body(in, *head);
    if (!body) return std::move(body).error();
    return HttpResponse{head->status, std::move(*body)};
  }
}

// Has a proxy connect the stream to where `url` points.
Result<void> ask_for_tunnel(Stream& stream, const Url& url, const Patience& patience) {
  const std::string host = url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
  const std::string target = host + ":" + std::to_string(url.port);
  AIGW_TRY(stream.write("CONNECT " + target + " HTTP/1.1\r\nhost: " + target + "\r\n\r\n", patience));
  Incoming in(stream, patience);
  const Result<Head> head = read_head(in);
  if (!head) return head.error();
  if (head->status / 100 == 2) return {};
  return unavailable("the proxy answers " + std::to_string(head->status));
}

Result<void> write_request(Stream& stream, const HttpRequest& request, const Url& url,
                           const Patience& patience) {
  size_t size = 256 + request.method.size() + url.target.size() + 2 * url.host.size();
  for (const auto& [name, value] : request.headers) size += name.size() + value.size() + 4;
  // A small body goes out with the head, in one piece; a large one is not copied for that.
  const Bytes body = request.body.empty() ? request.plain_body : request.body.reveal();
  const bool together = body.size() <= kSmallBody;
  SecretBuilder head(size + (together ? body.size() : 0));
  head.append(request.method).append(" ");
  if (!request.proxy.empty() && !url.tls) head.append("http://").append(url.authority());
  head.append(url.target).append(" HTTP/1.1\r\nhost: ").append(url.authority());
  head.append("\r\nconnection: close\r\n");
  for (const auto& [name, value] : request.headers) {
    if (value.reveal().find_first_of("\r\n") != Bytes::npos) {
      return Failure{FailureKind::internal, "a header with a line end: " + name};
    }
    head.append(name).append(": ").append(value.reveal()).append("\r\n");
  }
  if (!body.empty() || request.method == "POST" || request.method == "PUT") {
    head.append("content-length: ").append(std::to_string(body.size())).append("\r\n");
  }
  head.append("\r\n");
  if (together) head.append(body);
  AIGW_CHECK(!head.full());
  AIGW_TRY(stream.write(head.reveal(), patience));
  return together ? Result<void>() : stream.write(body, patience);
}

}  // namespace

Result<HttpResponse> HttpClient::send(const HttpRequest& request) const {
  const Result<Url> url = parse_url(request.url);
  if (!url) return url.error();
  const Result<Url> proxy = request.proxy.empty() ? *url : parse_url(request.proxy);
  if (!proxy) return proxy.error();
  const auto timeout = std::chrono::nanoseconds(request.timeout);
  const Patience patience{system_monotonic_now() + static_cast<uint64_t>(timeout.count()), interrupt_};
  const auto named = [&](const Failure& failure) {
    return unavailable(url->authority() + ": " + failure.message);
  };
  Result<std::unique_ptr<Stream>> stream = Stream::connect(proxy->host, proxy->port, patience);
  if (!stream) return std::move(stream).error();
  if (url->tls) {
    if (!request.proxy.empty()) {
      if (Result<void> tunnel = ask_for_tunnel(**stream, *url, patience); !tunnel) return named(tunnel.error());
    }
    TlsFiles files = request.tls;
    if (files.authorities.empty()) files.authorities = ca_file_;
    if (Result<void> begun = (*stream)->start_tls(url->host, files, patience); !begun) return named(begun.error());
  }
  if (Result<void> sent = write_request(**stream, request, *url, patience); !sent) return named(sent.error());
  Result<HttpResponse> response = read_response(**stream, patience);
  if (!response) return named(response.error());
  return response;
}

std::string system_ca_file() {
  if (const char* named = std::getenv("SSL_CERT_FILE"); named != nullptr && *named != 0) return named;
  for (const char* path : {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                           "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"}) {
    if (::access(path, R_OK) == 0) return path;
  }
  return {};
}

}  // namespace aigw::net
