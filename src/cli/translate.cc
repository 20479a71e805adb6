#include "cli/translate.h"

#include <chrono>
#include <memory>

#include "config/compile.h"
#include "config/load.h"
#include "credential/store.h"
#include "endpoint/cells.h"
#include "exchange/attempt.h"
#include "exchange/exchange.h"
#include "http/testing/vector_header_map.h"
#include "json/text.h"
#include "net/url.h"

namespace aigw::cli {
namespace {

using endpoint::EndpointKind;
using exchange::BodyStep;
using exchange::Step;

constexpr const char* backend_name = "provider";

class StringSink final : public ByteSink {
 public:
  void append(Bytes piece) override { text.append(piece); }
  std::string text;
};

uint64_t unix_now() {
  using std::chrono::system_clock;
  return static_cast<uint64_t>(system_clock::to_time_t(system_clock::now()));
}

void append_member(std::string& json, Bytes name, Bytes value) {
  if (value.empty()) return;
  json.append(",");
  json::append_quoted(json, name);
  json.append(":");
  json::append_quoted(json, value);
}

// A document with one backend, without a credential.
Result<std::shared_ptr<const config::Config>> make_config(const TranslateOptions& options) {
  std::string text = R"({"backends":[{"name":"provider")";
  append_member(text, "modelNameOverride", options.model);
  text += R"(,"schema":{"name":)";
  json::append_quoted(text, config::to_string(options.to));
  const bool of_backend =
      options.from != EndpointKind::messages && options.to == config::SchemaName::anthropic;
  append_member(text, "version",
                options.backend_version.empty() && of_backend ? options.anthropic_version
                                                              : options.backend_version);
  text += "}}]}";
  const config::Loaded loaded = config::load_text(text, "the command line", {});
  if (!loaded.ok()) {
    return Failure{FailureKind::malformed_request, to_string(loaded.diagnostics.front())};
  }
  credential::Store store;
  return config::compile(loaded.document.filter, store);
}

std::string model_of(const TranslateOptions& options) {
  return options.model.empty() ? "model" : options.model;
}

bool asks_for_stream(const TranslateOptions& options) {
  return options.direction == Direction::stream || options.streams;
}

// Where the client sends its request.
std::string client_path(const TranslateOptions& options) {
  if (options.from == EndpointKind::responses) return "/v1/responses";
  if (options.from == EndpointKind::messages) return "/anthropic/v1/messages";
  const bool stream = asks_for_stream(options);
  if (options.from == EndpointKind::generate_content) {
    return "/v1beta/models/" + net::percent_encoded(model_of(options)) +
           (stream ? ":streamGenerateContent?alt=sse" : ":generateContent");
  }
  if (options.from == EndpointKind::converse) {
    return "/model/" + net::percent_encoded(model_of(options)) +
           (stream ? "/converse-stream" : "/converse");
  }
  return "/v1/chat/completions";
}

// What a client would have asked where only the answer is given.
std::string request_for_answer(const TranslateOptions& options) {
  if (options.from == EndpointKind::generate_content) {
    return R"({"contents":[{"role":"user","parts":[{"text":"-"}]}]})";
  }
  if (options.from == EndpointKind::converse) {
    return R"({"messages":[{"role":"user","content":[{"text":"-"}]}]})";
  }
  std::string body = R"({"model":)";
  json::append_quoted(body, model_of(options));
  body += options.from == EndpointKind::responses
              ? R"(,"input":"-")"
              : R"(,"max_tokens":1024,"messages":[{"role":"user","content":"-"}])";
  if (options.direction == Direction::stream) {
    body += R"(,"stream":true)";
    if (options.from == EndpointKind::chat_completions) {
      body += R"(,"stream_options":{"include_usage":true})";
    }
  }
  return body + "}";
}

const char* answer_type(const TranslateOptions& options) {
  if (options.direction != Direction::stream) return "application/json";
  const bool aws = options.to == config::SchemaName::aws_bedrock ||
                   options.to == config::SchemaName::aws_anthropic;
  return aws ? "application/vnd.amazon.eventstream" : "text/event-stream";
}

class Translation {
 public:
  Translation(const TranslateOptions& options, exchange::Setup setup)
      : options_(options), exchange_(std::move(setup)), attempt_(exchange_) {
    headers_ = {{":method", "POST"},
                {":path", client_path(options)},
                {":authority", "gateway"},
                {"content-type", "application/json"}};
    if (options.from == EndpointKind::messages) {
      headers_.add("anthropic-version",
                   options.anthropic_version.empty() ? "2023-06-01" : options.anthropic_version);
    }
  }

  Translated run(Bytes input) {
    const bool is_request = options_.direction == Direction::request;
    const std::string made = is_request ? std::string() : request_for_answer(options_);
    const Bytes body = is_request ? input : Bytes(made);
    if (send(body) && !is_request) receive(input);
    out_.dropped = exchange_.dropped();
    return std::move(out_);
  }

 private:
  bool refuse(const exchange::LocalReply& reply) {
    out_.start = std::to_string(reply.status);
    out_.headers = "content-type: application/json\n";
    out_.body = reply.body;
    out_.refused = true;
    return false;
  }

  void show_headers(http::VectorHeaderMap& from) {
    for (const http::HeaderView& header : from.all()) {
      if (header.name.starts_with(":") || header.name.starts_with("x-ai-eg-")) continue;
      out_.headers.append(header.name).append(": ").append(header.value).append("\n");
    }
  }

  // False where the gateway answers itself.
  bool send(Bytes body) {
    Step step = exchange_.on_request_headers(headers_, body.empty());
    if (step == Step::hold) step = exchange_.on_request_body(Slices(&body, 1));
    if (step == Step::hold) step = exchange_.on_request_end(headers_);
    if (step == Step::reply) return refuse(exchange_.reply());
    step =
        attempt_.start(headers_, {.backend = backend_name, .upstream_host = {}, .route_name = {}});
    if (step == Step::reply) return refuse(attempt_.reply());
    out_.body = body;
    if (attempt_.edits_body()) {
      StringSink sink;
      const BodyStep sent = attempt_.on_request_body(headers_, Slices(&body, 1), true, sink);
      if (sent.piece == BodyStep::Piece::fail) return refuse(attempt_.reply());
      if (sent.piece == BodyStep::Piece::replace) out_.body = std::move(sink.text);
    }
    out_.start.append(headers_.get(":method").value_or(""))
        .append(" ")
        .append(headers_.get(":path").value_or(""));
    show_headers(headers_);
    return true;
  }

  void receive(Bytes input) {
    out_ = Translated();
    http::VectorHeaderMap response{{":status", std::to_string(options_.status)},
                                   {"content-type", answer_type(options_)},
                                   {"content-length", std::to_string(input.size())}};
    // Bedrock's answers have no id but this one.
    if (options_.to == config::SchemaName::aws_bedrock) response.add("x-amzn-requestid", "example");
    const Step step = attempt_.on_response_headers(response, input.empty());
    if (step == Step::reply) {
      refuse(attempt_.reply());
      return;
    }
    StringSink sink;
    const BodyStep got = attempt_.on_response_body(response, Slices(&input, 1), true, sink);
    if (got.piece == BodyStep::Piece::fail) {
      refuse(attempt_.reply());
      return;
    }
    out_.start = response.get(":status").value_or("");
    show_headers(response);
    out_.body = got.piece == BodyStep::Piece::keep ? std::string(input) : std::move(sink.text);
  }

  const TranslateOptions& options_;
  exchange::Exchange exchange_;
  exchange::Attempt attempt_;
  http::VectorHeaderMap headers_;
  Translated out_;
};

}  // namespace

Result<Translated> translate(const TranslateOptions& options, Bytes input) {
  if (endpoint::lane_of(options.from, options.to) == endpoint::Lane::none) {
    return Failure{FailureKind::unprocessable,
                   "there is no such translation; `aigw matrix` lists them"};
  }
  Result<std::shared_ptr<const config::Config>> config = make_config(options);
  if (!config) return std::move(config).error();
  exchange::Setup setup;
  setup.config = *config;
  setup.endpoints = std::make_shared<const endpoint::Table>(endpoint::Prefixes());
  setup.unix_now = unix_now;
  return Translation(options, std::move(setup)).run(input);
}

}  // namespace aigw::cli
