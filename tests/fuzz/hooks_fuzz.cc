// The exchange as a sequence of calls that the input's last bytes choose, in any order that a
// carrier may come to: answers before the request has ended, attempts that outlive each other and
// the exchange's end, aborts anywhere.
#include <memory>
#include <string>
#include <vector>

#include "drivers/core/carrier.h"
#include "exchange/attempt.h"
#include "exchange/exchange.h"
#include "fuzz/world.h"
#include "http/testing/vector_header_map.h"

namespace {

using aigw::Bytes;
using aigw::fuzz::require;
namespace exchange = aigw::exchange;
namespace tests = aigw::tests;
using Step = exchange::Step;
using BodyStep = exchange::BodyStep;

constexpr size_t kAttemptsMax = 3;
constexpr size_t kCallsMax = 48;

class Ignore final : public aigw::ByteSink, public exchange::MetadataSink {
 public:
  void append(Bytes) override {}
  void number(Bytes, double) override {}
  void text(Bytes, Bytes) override {}
};

// A body on its way, in pieces of the size that the input says.
class Body {
 public:
  explicit Body(Bytes bytes) : rest_(bytes) {}
  bool over() const { return over_; }
  // The next piece, in memory that dies with the next call. The last one is over().
  Bytes next(size_t size) {
    copy_.assign(rest_.substr(0, size));
    rest_.remove_prefix(copy_.size());
    over_ = rest_.empty();
    return copy_;
  }

 private:
  Bytes rest_;
  std::string copy_;
  bool over_ = false;
};

struct Try {
  std::unique_ptr<exchange::Attempt> attempt;
  Body request{{}};
  Body answer{{}};
  aigw::http::VectorHeaderMap headers;  // of the answer
  bool sent = false, answered = false, released = false, dead = false;
};

class Hooks {
 public:
  Hooks(aigw::fuzz::Input& input, const tests::Case& story)
      : input_(input), story_(story), body_(story.client_request.body) {
    exchange::Setup setup;
    setup.config = aigw::fuzz::gateway_config();
    setup.endpoints = aigw::fuzz::gateway_endpoints();
    exchange_ = std::make_unique<exchange::Exchange>(std::move(setup));
    for (const auto& [name, value] : tests::client_headers(story)) request_.add(name, value);
  }

  void run() {
    const bool empty = story_.client_request.body.empty();
    step_ = exchange_->on_request_headers(request_, empty);
    for (size_t calls = 0; calls < kCallsMax && !over_; ++calls) call(input_.byte());
    // The end of the stream, whatever has happened: the front's destroy.
    exchange_->undo_request_edits(request_);
    if (!over_) exchange_->finish(ignore_);
  }

 private:
  void call(uint8_t choice) {
    const size_t size = 1 + choice / 8;
    switch (choice % 8) {
      case 0:
      case 1:
        return step_ == Step::hold ? feed_request(size * 8) : start();
      case 2:
        return replay(size * 8);
      case 3:
        return answer_headers();
      case 4:
      case 5:
        return answer_body(size * 8);
      case 6:
        // An attempt that was given up goes at once, or when the next one has begun long since.
        if (!tries_.empty())
          tries_.erase(tries_.begin() + static_cast<ptrdiff_t>(size % tries_.size()));
        return;
      default:
        if (size % 4 != 0) return;
        exchange_->finish(ignore_);
        over_ = true;
    }
  }

  void feed_request(size_t size) {
    if (body_.over()) {
      step_ = exchange_->on_request_end(request_);
    } else {
      const Bytes piece = body_.next(size);
      step_ = exchange_->on_request_body(aigw::Slices(&piece, 1));
      require(step_ != Step::proceed, "the exchange proceeds before the end of the body");
    }
    if (step_ == Step::reply) require(exchange_->reply().status != 0, "a reply without a status");
  }

  void start() {
    if (step_ != Step::proceed || started_ == kAttemptsMax) return;
    const size_t number = 1 + started_++ % story_.backends.size();
    for (Try& other : tries_) other.dead = true;  // it is only destroyed now
    Try& one = tries_.emplace_back();
    one.attempt = std::make_unique<exchange::Attempt>(*exchange_);
    one.request = Body(story_.client_request.body);
    const tests::Message& answer = story_.upstream_responses.at(number);
    one.answer = Body(answer.body);
    one.headers.add(":status", std::to_string(answer.status == 0 ? 502 : answer.status));
    for (const tests::HeadLine& line : answer.head) one.headers.add(line.name, line.value);
    const Step step =
        one.attempt->start(request_, {story_.backends[number - 1], {}, "default/route"});
    one.dead = step == Step::reply;
    one.sent = story_.client_request.body.empty();
  }

  Try* live() { return tries_.empty() || tries_.back().dead ? nullptr : &tries_.back(); }

  void replay(size_t size) {
    Try* one = live();
    if (one == nullptr || one->sent) return;
    const Bytes piece = one->request.next(size);
    one->sent = one->request.over();
    const BodyStep step =
        one->attempt->on_request_body(request_, aigw::Slices(&piece, 1), one->sent, ignore_);
    one->dead = step.piece == BodyStep::Piece::fail;
    require(one->dead || one->attempt->edits_body() == (step.piece == BodyStep::Piece::replace),
            "an attempt does with a body what it has not announced");
    require(one->dead || !one->sent || !step.hold, "an attempt holds back its request for ever");
  }

  void answer_headers() {
    Try* one = live();
    if (one == nullptr || one->answered) return;
    one->answered = true;
    const Step step = one->attempt->on_response_headers(one->headers, false);
    one->released = step == Step::proceed;
    one->dead = step == Step::reply;
  }

  void answer_body(size_t size) {
    Try* one = live();
    if (one == nullptr || !one->answered) return;
    const Bytes piece = one->answer.next(size);
    const bool last = one->answer.over();
    const BodyStep step =
        one->attempt->on_response_body(one->headers, aigw::Slices(&piece, 1), last, ignore_);
    require(step.piece == BodyStep::Piece::fail || !step.hold || !one->released,
            "an attempt holds what it has let go");
    require(step.piece == BodyStep::Piece::fail || !last || !step.hold,
            "an attempt holds back its answer for ever");
    if (!step.hold) one->released = true;
    one->dead = last || step.piece == BodyStep::Piece::fail;
  }

  aigw::fuzz::Input& input_;
  const tests::Case& story_;
  Body body_;
  aigw::http::VectorHeaderMap request_;
  std::unique_ptr<exchange::Exchange> exchange_;
  std::vector<Try> tries_;  // before the exchange in death
  Ignore ignore_;
  Step step_ = Step::hold;
  size_t started_ = 0;
  bool over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  aigw::fuzz::Input input(data, size);
  aigw::fuzz::Input calls(input.tail(kCallsMax));
  const tests::Case story = aigw::fuzz::pick_case(input);
  Hooks(calls, story).run();
  return 0;
}
