// Reads usage and model out of an answer of the Messages API while its bytes pass untouched.
#pragma once

#include <cstddef>
#include <string>

#include "base/bytes.h"
#include "chat/usage.h"
#include "dialect/anthropic/usage.h"
#include "json/scanner.h"
#include "wire/sse.h"

namespace aigw::dialect::anthropic {

// Where an observer writes. `model` stays as it is until an answer names one.
struct Report {
  chat::Usage& usage;
  std::string& model;
};

class Observer {
 public:
  virtual ~Observer() = default;
  // The next bytes of the answer, decoded. What cannot be read is passed over: it is the provider's
  // answer, and the client gets it either way.
  virtual void feed(Bytes piece) = 0;
  // Nothing follows.
  virtual void finish() = 0;
};

// One JSON object.
class UnaryObserver final : public Observer {
 public:
  explicit UnaryObserver(Report report);
  void feed(Bytes piece) override;
  void finish() override;

 private:
  Report report_;
  json::Scanner scanner_;
  Counts counts_;
  bool readable_ = true;
};

// Server-sent events: the model and the first counts come with message_start, later ones with
// message_delta. Counts are cumulative, each for itself: the last report of one holds.
class StreamObserver final : public Observer, private wire::SseSink {
 public:
  explicit StreamObserver(Report report);
  void feed(Bytes piece) override { decoder_.feed(piece, *this); }
  void finish() override { decoder_.finish(*this); }

 private:
  void on_data(Bytes piece) override;
  void on_event(Bytes type) override;

  Report report_;
  wire::SseDecoder decoder_;
  json::Scanner scanner_;
  Counts counts_;
  bool begun_ = false;
  bool readable_ = true;
  size_t event_size_ = 0;
};

}  // namespace aigw::dialect::anthropic
