// The stream of Bedrock's InvokeModelWithResponseStream: a model's own events, each as base64 in a
// JSON object {"bytes":…} in a message of an AWS event stream.
#pragma once

#include <string>

#include "base/bytes.h"
#include "wire/eventstream.h"

namespace aigw::host::aws {

class InvokeSink {
 public:
  virtual ~InvokeSink() = default;
  // The model's next event, as it wrote it.
  virtual void on_event(Bytes event) = 0;
  // The stream failed, once and last. `type` is the exception's name, or empty where the bytes are no
  // such stream; `message` is for people;
  // `limit`: that of ours which it ran into.
  virtual void on_failure(Bytes type, Bytes message, Limit limit) = 0;
};

class InvokeStream final : private wire::EventStreamSink {
 public:
  // `sink` outlives the stream. Views live for the call.
  explicit InvokeStream(InvokeSink& sink) : sink_(sink) {}

  void feed(Bytes piece);
  // Nothing follows. Whether the events were complete is the sink's to judge.
  void finish();

 private:
  void on_message(const wire::EventMessage& message) override;
  void fail(Bytes type, Bytes message, Limit limit = Limit::none);

  InvokeSink& sink_;
  wire::EventStreamDecoder frames_;
  std::string event_;
  bool failed_ = false;
};

}  // namespace aigw::host::aws
