// Reads usage and model out of an answer while its bytes pass untouched.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "chat/usage.h"
#include "json/scanner.h"
#include "wire/sse.h"

namespace aigw::scan {

// Where an observer writes, as the answer reports it; all outlive it. `model` stays as it is until an answer names
// one. The others may be null: `limit` stays until one of ours ends the reading of the answer or of one of its events,
// and `fault` until the answer says that it has failed; then it is the provider's word for why, or empty.
struct Report {
  chat::Usage& usage;
  std::string& model;
  Limit* limit = nullptr;
  std::optional<std::string>* fault = nullptr;

  void stopped_by(Limit which) const {
    if (limit != nullptr && which != Limit::none) *limit = which;
  }
  // What is said first holds. `word` is one that error_word() lets pass, or empty.
  void failed(Bytes word) const {
    if (fault != nullptr && !fault->has_value()) fault->emplace(word);
  }
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

// Hands on a piece of an event or element that has `size` bytes so far. False where it cannot be read.
inline bool scan_piece(json::Scanner& scanner, Bytes piece, size_t size, const Report& report) {
  if (size > limits::sse_event_max) {
    report.stopped_by(Limit::sse_event);
    return false;
  }
  const Result<void> fed = scanner.feed(piece);
  if (!fed) report.stopped_by(fed.error().limit);
  return fed.has_value();
}

// A dialect gives a Reader: `static const json::WatchList& watches()`, and `void read(const json::Scanner&, Report&)`,
// called with each JSON object that is complete, in order.

// One JSON object.
template <class Reader>
class UnaryObserver final : public Observer {
 public:
  explicit UnaryObserver(Report report) : report_(report), scanner_(Reader::watches()) {}

  void feed(Bytes piece) override {
    if (!readable_) return;
    const Result<void> fed = scanner_.feed(piece);
    readable_ = fed.has_value();
    if (!readable_) report_.stopped_by(fed.error().limit);
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
    readable_ = readable_ && scan_piece(scanner_, piece, event_size_, report_);
  }

  void on_event(Bytes type) override {
    if (begun_ && readable_) {
      whole_ = scanner_.finish().has_value();
      if (whole_) reader_.read(scanner_, report_);
    } else {
      whole_ = begun_ && (first_ != kDone.front() || event_size_ >= kDone.size());
    }
    if (type == "error" || type == "response.failed") report_.failed({});
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
