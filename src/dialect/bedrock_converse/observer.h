// Reads usage and failure out of an answer while its bytes pass untouched. The answer names no model.
#pragma once

#include "json/scanner.h"
#include "scan/observer.h"
#include "wire/eventstream.h"

namespace aigw::dialect::bedrock_converse {

class AnswerReader {
 public:
  static const json::WatchList& watches();
  void read(const json::Scanner& scanner, scan::Report& report);
};

using UnaryObserver = scan::UnaryObserver<AnswerReader>;

// ConverseStream: the counts are in the message `metadata`, a failure is a message of another type.
class StreamObserver final : public scan::Observer, private wire::EventStreamSink {
 public:
  explicit StreamObserver(scan::Report report) : report_(report), scanner_(AnswerReader::watches()) {}

  void feed(Bytes piece) override;
  bool finish() override { return frames_.finish().has_value(); }

 private:
  void on_message(const wire::EventMessage& message) override;

  scan::Report report_;
  AnswerReader reader_;
  json::Scanner scanner_;
  wire::EventStreamDecoder frames_;
  bool readable_ = true;
};

}  // namespace aigw::dialect::bedrock_converse
