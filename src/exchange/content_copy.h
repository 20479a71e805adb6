// Keeps the beginning of a request's body and of its answer for a span. Where the bytes of all requests are exhausted
// it keeps nothing more: a request never fails for the sake of its span.
#pragma once

#include "base/budget.h"
#include "base/bytes.h"
#include "endpoint/table.h"
#include "http/header_map.h"
#include "observe/content.h"

namespace aigw::exchange {

class ContentCopy {
 public:
  ContentCopy(endpoint::EndpointKind endpoint, Budget budget) : held_(budget) {
    content_.endpoint = static_cast<uint8_t>(endpoint);
  }

  // The next bytes of the client's body.
  void request(Bytes piece);

  // What came of an attempt before is forgotten.
  void begin_answer();
  // As they go to the client.
  void answer_headers(http::HeaderMap& response);
  // The next bytes that go to the client; `decoded`: they are in no content coding, whatever the headers said.
  void answer(Bytes piece, bool decoded);

  observe::Content& content() { return content_; }

 private:
  void keep(std::string& in, Bytes piece);

  Charge held_;
  observe::Content content_;
};

// Hands on what is written, and keeps it.
class CopyingSink final : public ByteSink {
 public:
  CopyingSink(ByteSink& next, ContentCopy& copy) : next_(next), copy_(copy) {}
  void append(Bytes piece) override {
    copy_.answer(piece, true);
    next_.append(piece);
  }

 private:
  ByteSink& next_;
  ContentCopy& copy_;
};

}  // namespace aigw::exchange
