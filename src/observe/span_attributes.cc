#include "observe/span_attributes.h"

#include "json/text.h"

namespace aigw::observe {
namespace {

constexpr uint32_t kAttributes = 9;  // of Span

// The first characters of UTF-8 text.
Bytes first_characters(Bytes text, size_t most) {
  if (text.size() <= most) return text;
  size_t at = 0;
  for (size_t characters = 0; at < text.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    if (starts && characters++ == most) break;
  }
  return text.substr(0, at);
}

}  // namespace

Bytes as_utf8(Bytes text, std::string& repaired) {
  if (json::is_utf8(text)) return text;
  repaired = text;
  for (char& c : repaired) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return repaired;
}

bool SpanAttributes::admit() {
  if (written_ >= limits_.attributes) {
    ++dropped_;
    return false;
  }
  ++written_;
  return true;
}

void SpanAttributes::text(Bytes key, Bytes value) {
  if (!admit()) return;
  std::string repaired;
  out_.text_pair(kAttributes, key, first_characters(as_utf8(value, repaired), limits_.value_characters));
}

void SpanAttributes::count(Bytes key, uint64_t value) {
  if (admit()) out_.count_pair(kAttributes, key, value);
}

void SpanAttributes::number(Bytes key, double value) {
  if (admit()) out_.number_pair(kAttributes, key, value);
}

void SpanAttributes::texts(Bytes key, std::span<const Bytes> values) {
  if (!admit()) return;
  out_.array_pair(kAttributes, key, [&](Protobuf& array) {
    for (const Bytes value : values) {
      std::string repaired;
      const Bytes shown = first_characters(as_utf8(value, repaired), limits_.value_characters);
      array.message(1, [&](Protobuf& any) { any.bytes(1, shown); });
    }
  });
}

void SpanAttributes::numbers(Bytes key, std::span<const double> values) {
  if (!admit()) return;
  out_.array_pair(kAttributes, key, [&](Protobuf& array) {
    for (const double value : values) array.message(1, [&](Protobuf& any) { any.number(4, value); });
  });
}

}  // namespace aigw::observe
