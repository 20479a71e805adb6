// Reads usage, model and failure out of an answer while its bytes pass untouched.
#pragma once

#include <cstddef>
#include <cstdint>

#include "json/scanner.h"
#include "scan/observer.h"

namespace aigw::dialect::gemini {

class AnswerReader {
 public:
  static const json::WatchList& watches();
  void read(const json::Scanner& scanner, scan::Report& report);
};

using UnaryObserver = scan::UnaryObserver<AnswerReader>;
using StreamObserver = scan::StreamObserver<AnswerReader>;

// A stream without `alt=sse`: one JSON array whose elements come one by one. Elements are told apart
// by their brackets, each is scanned by itself.
class ArrayObserver final : public scan::Observer {
 public:
  explicit ArrayObserver(scan::Report report) : report_(report), scanner_(AnswerReader::watches()) {}

  void feed(Bytes piece) override;
  bool finish() override { return ended_ || !begun_; }

 private:
  void read_element();

  scan::Report report_;
  AnswerReader reader_;
  json::Scanner scanner_;
  size_t depth_ = 0;  // of objects and arrays inside of the outermost array
  bool in_string_ = false;
  bool escaped_ = false;
  bool begun_ = false;     // the outermost array
  bool ended_ = false;     // likewise
  bool readable_ = true;   // the element, so far
  size_t size_ = 0;        // of the element
};

}  // namespace aigw::dialect::gemini
