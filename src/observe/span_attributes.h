// Writes the attributes of a span, within OpenTelemetry's limits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "observe/content.h"
#include "observe/protobuf.h"

namespace aigw::observe {

class SpanAttributes {
 public:
  // Appends to `span`, a Span message of opentelemetry-proto that already has `written` attributes. It outlives this.
  SpanAttributes(std::string& span, const SpanLimits& limits, uint32_t written = 0)
      : out_(span), limits_(limits), written_(written) {}

  // Bytes that are not UTF-8 are shown as '?': a collector refuses the whole message otherwise.
  void text(Bytes key, Bytes value);
  void text_unless_empty(Bytes key, Bytes value) {
    if (!value.empty()) text(key, value);
  }
  void count(Bytes key, uint64_t value);
  void count(Bytes key, const std::optional<uint64_t>& value) {
    if (value) count(key, *value);
  }
  void number(Bytes key, double value);
  void texts(Bytes key, std::span<const Bytes> values);
  void numbers(Bytes key, std::span<const double> values);

  uint32_t written() const { return written_; }
  // What was left out.
  uint32_t dropped() const { return dropped_; }

 private:
  bool admit();

  Protobuf out_;
  const SpanLimits limits_;
  uint32_t written_;
  uint32_t dropped_ = 0;
};

// `text` where it is UTF-8, and with '?' for its other bytes in `repaired` where it is not.
Bytes as_utf8(Bytes text, std::string& repaired);

}  // namespace aigw::observe
