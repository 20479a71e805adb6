#include "drivers/core/carrier.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <optional>
#include <stdexcept>

#include "exchange/attempt.h"
#include "exchange/exchange.h"
#include "http/testing/vector_header_map.h"
#include "json/text.h"

namespace aigw::tests {
namespace {

using exchange::BodyStep;
using exchange::LocalReply;
using exchange::Step;

void require(bool holds, const char* rule) {
  if (!holds) throw std::logic_error(rule);
}

constexpr uint64_t kStart = 1'000'000'000;
uint64_t now = kStart;

// However an answer is cut, it takes less than a millisecond.
uint64_t tick() { return now += 10; }

uint64_t unix_seconds = 0;

// "a, b (2 times)" as a set.
std::set<std::string> split_list(Bytes list) {
  std::set<std::string> out;
  while (!list.empty()) {
    const size_t comma = list.find(", ");
    out.emplace(list.substr(0, comma));
    list.remove_prefix(comma == Bytes::npos ? list.size() : comma + 2);
  }
  return out;
}

// One call's worth of a body, in memory that dies with it, so that a kept view is a report of
// AddressSanitizer.
class Piece {
 public:
  Piece(Bytes bytes, size_t slice_size) {
    for (size_t at = 0; at < bytes.size(); at += slice_size) {
      const Bytes slice = bytes.substr(at, slice_size);
      memory_.emplace_back(new char[slice.size()]);
      std::copy(slice.begin(), slice.end(), memory_.back().get());
      views_.push_back({memory_.back().get(), slice.size()});
    }
  }
  Slices slices() const { return views_; }

 private:
  std::vector<std::unique_ptr<char[]>> memory_;
  std::vector<Bytes> views_;
};

// Calls `take(slices, last)` until it says no more.
void deliver(const std::string& body, Chunking chunking,
             const std::function<bool(Slices, bool last)>& take) {
  const Bytes all = body;
  const bool sliced = chunking.mode == Chunking::Mode::slices;
  size_t step = all.size();
  if (chunking.mode == Chunking::Mode::split || chunking.mode == Chunking::Mode::fixed) {
    step = std::clamp<size_t>(chunking.size, 1, std::max<size_t>(all.size(), 1));
  }
  for (size_t at = 0; at < all.size();) {
    const Bytes bytes = all.substr(at, step);
    at += bytes.size();
    const Piece piece(bytes, sliced ? chunking.size : bytes.size());
    if (!take(piece.slices(), at == all.size())) return;
    if (chunking.mode == Chunking::Mode::split) step = all.size();
  }
}

class StringSink final : public ByteSink {
 public:
  void append(Bytes piece) override { text.append(piece); }
  std::string text;
};

class Metadata final : public exchange::MetadataSink {
 public:
  explicit Metadata(std::map<std::string, std::string>& to) : to_(to) {}
  void number(Bytes key, double value) override {
    char text[64];
    std::snprintf(text, sizeof text, value == std::floor(value) ? "%.0f" : "%.17g", value);
    to_[std::string(key)] = text;
  }
  void text(Bytes key, Bytes value) override {
    std::string quoted;
    json::append_quoted(quoted, value);
    to_[std::string(key)] = std::move(quoted);
  }

 private:
  std::map<std::string, std::string>& to_;
};

class Recorder final : public observe::Recorder {
 public:
  explicit Recorder(Told& told) : told_(told) {}
  void request_began(Bytes) override { ++told_.began; }
  void attempt_began(const observe::AttemptRecord&) override {}
  void attempt_ended(const observe::AttemptRecord& attempt) override {
    require(!attempt.operation.empty() && attempt.duration_ns > 0 && told_.ended == 0,
            "an attempt is told without its operation or its time, or too late");
    require(attempt.outcome == observe::AttemptOutcome::refused || !attempt.provider.empty(),
            "an attempt is told without its provider");
    told_.attempt_outcomes.emplace_back(observe::name_of(attempt.outcome));
  }
  void request_ended(const observe::RequestRecord& request) override {
    ++told_.ended;
    told_.status = static_cast<int>(request.status);
    told_.outcome = observe::name_of(request.outcome);
    told_.attempts = request.attempts;
    require(request.error.empty() == (request.outcome == observe::RequestOutcome::answered),
            "a request is told with an error that it did not have, or without the one it had");
    for (const observe::Cost& cost : request.costs) told_.costs[std::string(cost.key)] = cost.value;
  }
  void refused(Bytes, FailureKind) override {}
  void limited(Limit limit) override { told_.limited.insert(name_of(limit)); }
  void dropped(Bytes, Bytes, uint64_t) override {}

 private:
  Told& told_;
};

class Carrier {
 public:
  Carrier(const Case& story, exchange::Setup setup, Chunking request, Chunking response)
      : story_(story),
        exchange_(with_recorder(std::move(setup))),
        request_chunking_(request),
        response_chunking_(response) {
    for (const auto& [name, value] : client_headers(story)) request_.add(name, value);
    request_.add("x-request-id", "5f0c7a3e");
    request_.add("x-forwarded-proto", "http");
  }

  Outcome run() {
    if (send_to_router()) try_backends();
    exchange_.undo_request_edits(request_);
    Metadata metadata(outcome_.metadata);
    exchange_.finish(metadata);
    attempt_.reset();
    outcome_.dropped = split_list(exchange_.dropped());
    outcome_.request_at_end = request_.entries();
    return std::move(outcome_);
  }

 private:
  enum class End : uint8_t { answered, retry, reset };

  // True when the request goes on to a provider.
  bool send_to_router() {
    const std::string& body = story_.client_request.body;
    Step step = exchange_.on_request_headers(request_, body.empty());
    require(step != Step::hold || !body.empty(), "the exchange waits for a body that is none");
    if (step == Step::hold) {
      deliver(body, request_chunking_, [&](Slices slices, bool) {
        step = exchange_.on_request_body(slices);
        require(step != Step::proceed, "the exchange proceeds before the end of the body");
        return step == Step::hold;
      });
      if (step == Step::hold) step = exchange_.on_request_end(request_);
      require(step != Step::hold, "the exchange waits after the end of the request");
    }
    if (step == Step::reply) {
      reply(exchange_.reply());
      return false;
    }
    outcome_.model = request_.get("x-ai-eg-model").value_or("");
    return true;
  }

  void try_backends() {
    for (size_t number = 1; number <= story_.backends.size(); ++number) {
      const bool last = number == story_.backends.size();
      const End end = try_backend(number, last);
      if (end == End::answered) return;
      if (end == End::reset && last) {
        const Bytes text = "upstream connect error or disconnect/reset before headers";
        outcome_.status = 503;
        http::VectorHeaderMap headers;
        exchange_.set_carrier_reply_headers(503, headers);
        outcome_.headers = headers.entries();
        outcome_.body = exchange_.shape_carrier_reply(503, text);
        return;
      }
    }
  }

  End try_backend(size_t number, bool last) {
    const std::string backend = story_.backends[number - 1];
    attempt_.reset();
    attempt_ = std::make_unique<exchange::Attempt>(exchange_);
    request_.set("x-envoy-attempt-count", std::to_string(number));
    const Step step = attempt_->start(request_, {backend, {}, "default/route"});
    if (step == Step::reply) {
      reply(attempt_->reply());
      return End::answered;
    }
    std::optional<std::string> body = replayed_body();
    if (!body) {
      reply(attempt_->reply());
      return End::answered;
    }
    outcome_.sent.push_back({backend, request_.entries(), std::move(*body)});
    const auto answer = story_.upstream_responses.find(number);
    require(answer != story_.upstream_responses.end(), "the case has no answer for this attempt");
    return take_answer(answer->second, last);
  }

  // What goes to the provider; nothing where the attempt refuses the request.
  std::optional<std::string> replayed_body() {
    StringSink out;
    bool failed = false;
    bool held = false;
    deliver(story_.client_request.body, request_chunking_, [&](Slices slices, bool is_last) {
      const BodyStep step = attempt_->on_request_body(request_, slices, is_last, out);
      failed = step.piece == BodyStep::Piece::fail;
      if (failed) return false;
      held = step.hold;
      require(attempt_->edits_body() == (step.piece == BodyStep::Piece::replace),
              "an attempt does with a body what it has not announced");
      if (step.piece == BodyStep::Piece::keep) {
        for (Bytes slice : slices) out.append(slice);
      }
      return true;
    });
    if (failed) return std::nullopt;
    require(!held, "an attempt holds back its request for ever");
    return std::move(out.text);
  }

  End take_answer(const Message& answer, bool last) {
    if (answer.status == 0) return End::reset;
    const std::string body = compress(answer.coding, answer.body);
    http::VectorHeaderMap response;
    response.add(":status", std::to_string(answer.status));
    for (const HeadLine& line : answer.head) response.add(line.name, line.value);
    const bool ends = !answer.reset && !answer.open;

    released_ = false;
    std::string held;
    Step step = attempt_->on_response_headers(response, body.empty() && ends);
    if (step == Step::proceed && !release(response, last)) return End::retry;
    bool failed = false;
    bool retried = false;
    const auto take = [&](Slices slices, bool end_stream) {
      StringSink sink;
      const BodyStep body_step = attempt_->on_response_body(response, slices, end_stream, sink);
      require(!body_step.hold || !released_, "an attempt holds what it has let go");
      if (body_step.piece == BodyStep::Piece::fail) {
        failed = true;
        return false;
      }
      if (body_step.piece == BodyStep::Piece::keep) {
        for (Bytes slice : slices) sink.text.append(slice);
      }
      held += sink.text;
      if (body_step.hold) return true;
      if (!released_ && !release(response, last)) {
        retried = true;
        return false;
      }
      outcome_.body += std::exchange(held, {});
      return true;
    };
    if (!body.empty()) {
      // As Envoy does it for a length that it knows: the end comes by itself, with no byte.
      const bool end_apart = response_chunking_.mode == Chunking::Mode::split;
      deliver(body, response_chunking_, [&](Slices slices, bool is_last) {
        return take(slices, is_last && ends && !end_apart);
      });
      if (!retried && !failed && ends && end_apart) take({}, true);
    } else if (step == Step::hold && ends) {
      take({}, true);
    }
    if (failed && !released_) {
      reply(attempt_->reply());
      return End::answered;
    }
    if (retried) return End::retry;
    if (!released_) {
      require(!ends, "an attempt holds back its answer for ever");
      return End::reset;
    }
    outcome_.cut = answer.reset || failed;
    return End::answered;
  }

  // The answer's headers reach Envoy's router. False: it tries the next backend.
  bool release(http::VectorHeaderMap& response, bool last) {
    const int status = std::stoi(std::string(response.get(":status").value_or("0")));
    if (!last && (status == 429 || status >= 500)) return false;
    released_ = true;
    exchange_.undo_request_edits(request_);
    outcome_.status = status;
    outcome_.headers = response.entries();
    return true;
  }

  void reply(const LocalReply& local) {
    outcome_.status = local.status;
    outcome_.headers = {{"content-type", "application/json"}};
    if (!local.allow.empty()) outcome_.headers.push_back({"allow", local.allow});
    if (!local.aws_type.empty()) outcome_.headers.push_back({"x-amzn-errortype", local.aws_type});
    outcome_.body = local.body;
  }

  exchange::Setup with_recorder(exchange::Setup setup) {
    setup.recorder = &recorder_;
    return setup;
  }

  const Case& story_;
  Outcome outcome_;
  Recorder recorder_{outcome_.told};
  exchange::Exchange exchange_;
  Chunking request_chunking_;
  Chunking response_chunking_;
  http::VectorHeaderMap request_;
  std::unique_ptr<exchange::Attempt> attempt_;
  bool released_ = false;
};

}  // namespace

std::string to_string(const Chunking& chunking) {
  const std::string size = std::to_string(chunking.size);
  switch (chunking.mode) {
    case Chunking::Mode::whole:
      return "whole";
    case Chunking::Mode::split:
      return "split at " + size;
    case Chunking::Mode::fixed:
      return "chunks of " + size;
    case Chunking::Mode::slices:
      return "one call, slices of " + size;
  }
  return {};
}

Headers client_headers(const Case& story) {
  Headers headers{{":method", story.method}, {":path", story.path}, {":scheme", "http"}};
  const HeadLine* host = story.client_request.find("host");
  headers.push_back({":authority", host == nullptr ? "gateway.test" : host->value});
  for (const HeadLine& line : story.client_request.head) {
    if (!line.absent && line.name != "host") headers.push_back({line.name, line.value});
  }
  const std::string& body = story.client_request.body;
  if (!body.empty() && story.client_request.find("content-type") == nullptr) {
    headers.push_back({"content-type", "application/json"});
  }
  if (story.method != "GET") headers.push_back({"content-length", std::to_string(body.size())});
  return headers;
}

void set_clock(uint64_t seconds) { unix_seconds = seconds; }

uint64_t clock() { return unix_seconds; }

Outcome carry(const Case& story, const std::shared_ptr<const config::Config>& config,
              const std::shared_ptr<const endpoint::Table>& endpoints, Chunking request_chunking,
              Chunking response_chunking) {
  // Ids that are made from the time are the same in every weather.
  now = kStart;
  exchange::Setup setup;
  setup.config = config;
  setup.endpoints = endpoints;
  setup.now = tick;
  setup.unix_now = clock;
  return Carrier(story, std::move(setup), request_chunking, response_chunking).run();
}

}  // namespace aigw::tests
