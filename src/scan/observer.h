// Reads usage and model out of an answer while its bytes pass untouched.
#pragma once

#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/limits.h"
#include "chat/usage.h"
#include "json/scanner.h"
#include "wire/sse.h"

namespace aigw::scan {

// Where an observer writes, as the answer reports it; both outlive it. `model` stays as it is until an answer names
// one.
struct Report {
  chat::Usage& usage;
  std::string& model;
};

class Observer {
 public:
  virtual ~Observer() = default;
  // The next bytes of the answer, decoded. What cannot be read is passed over: it is the provider's answer, and the
  // client gets it either way.
  virtual void feed(Bytes piece) = 0;
  // Nothing follows.
  virtual void finish() = 0;
};

// A dialect gives a Reader: `static const json::WatchList& watches()`, and `void read(const json::Scanner&, Report&)`,
// called with each JSON object that is complete, in order.

// One JSON object.
template <class Reader>
class UnaryObserver final : public Observer {
 public:
  explicit UnaryObserver(Report report) : report_(report), scanner_(Reader::watches()) {}

  void feed(Bytes piece) override {
    if (readable_) readable_ = scanner_.feed(piece).has_value();
  }

  void finish() override {
    if (readable_ && scanner_.finish().has_value()) reader_.read(scanner_, report_);
    readable_ = false;
  }

 private:
  Report report_;
  Reader reader_;
  json::Scanner scanner_;
  bool readable_ = true;
};

// Server-sent events, each with one JSON object.
template <class Reader>
class StreamObserver final : public Observer, private wire::SseSink {
 public:
  explicit StreamObserver(Report report) : report_(report), scanner_(Reader::watches()) {}

  void feed(Bytes piece) override { decoder_.feed(piece, *this); }
  void finish() override { decoder_.finish(*this); }

 private:
  void on_data(Bytes piece) override {
    if (piece.empty()) return;
    if (!begun_) {
      begun_ = true;
      event_size_ = 0;
      // `[DONE]` is not JSON, and no event of interest is anything but an object.
      readable_ = piece.front() == '{';
      if (readable_) scanner_.reset();
    }
    event_size_ += piece.size();
    readable_ = readable_ && event_size_ <= limits::sse_event_max && scanner_.feed(piece).has_value();
  }

  void on_event(Bytes) override {
    if (begun_ && readable_ && scanner_.finish().has_value()) reader_.read(scanner_, report_);
    begun_ = false;
  }

  Report report_;
  Reader reader_;
  wire::SseDecoder decoder_;
  json::Scanner scanner_;
  bool begun_ = false;
  bool readable_ = true;
  size_t event_size_ = 0;
};

}  // namespace aigw::scan
