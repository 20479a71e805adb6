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
  // Nothing follows. False where the answer could be read so far and ends inside of a document, an event or a message:
  // then it was cut, however cleanly the connection was closed.
  virtual bool finish() = 0;
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

  bool finish() override {
    if (!readable_) return true;
    readable_ = false;
    if (!scanner_.finish()) return false;
    reader_.read(scanner_, report_);
    return true;
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
  bool finish() override {
    whole_ = true;
    const bool between_fields = decoder_.finish(*this);
    return between_fields && whole_;
  }

 private:
  void on_data(Bytes piece) override {
    if (piece.empty()) return;
    if (!begun_) {
      begun_ = true;
      event_size_ = 0;
      first_ = piece.front();
      // `[DONE]` is not JSON, and no event of interest is anything but an object.
      readable_ = first_ == '{';
      if (readable_) scanner_.reset();
    }
    event_size_ += piece.size();
    readable_ = readable_ && event_size_ <= limits::sse_event_max && scanner_.feed(piece).has_value();
  }

  void on_event(Bytes) override {
    if (begun_ && readable_) {
      whole_ = scanner_.finish().has_value();
      if (whole_) reader_.read(scanner_, report_);
    } else {
      whole_ = begun_ && (first_ != kDone.front() || event_size_ >= kDone.size());
    }
    begun_ = false;
  }

  static constexpr Bytes kDone = "[DONE]";

  Report report_;
  Reader reader_;
  wire::SseDecoder decoder_;
  json::Scanner scanner_;
  bool begun_ = false;
  bool readable_ = true;
  bool whole_ = true;  // the last event
  char first_ = 0;     // of the event's data
  size_t event_size_ = 0;
};

}  // namespace aigw::scan
