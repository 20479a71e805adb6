#include "wire/eventstream.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/limits.h"

namespace aigw::wire {
namespace {

constexpr size_t kPreludeSize = 12;
constexpr size_t kFrameSize = kPreludeSize + 4;  // what is neither headers nor payload

uint64_t read_number(Bytes bytes) {
  uint64_t number = 0;
  for (char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

// Two's complement of `bytes`' own width.
int64_t read_signed(Bytes bytes) {
  uint64_t number = read_number(bytes);
  size_t bits = 8 * bytes.size();
  if (bits < 64 && (number >> (bits - 1)) != 0) number |= ~uint64_t{0} << bits;
  return static_cast<int64_t>(number);
}

// The sizes here are at most those of limits::eventstream_*, which fit zlib's uInt.
uint32_t crc_of(Bytes bytes) {
  return static_cast<uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

void append_number(std::string& out, uint64_t number, size_t width) {
  for (size_t i = width; i > 0; --i) out += static_cast<char>(number >> (8 * (i - 1)));
}

// The bytes of a value of a type that has always the same number; none for the others.
std::optional<size_t> fixed_size(HeaderType type) {
  switch (type) {
    case HeaderType::boolean_true:
    case HeaderType::boolean_false:
      return 0;
    case HeaderType::int8:
      return 1;
    case HeaderType::int16:
      return 2;
    case HeaderType::int32:
      return 4;
    case HeaderType::int64:
    case HeaderType::timestamp:
      return 8;
    case HeaderType::uuid:
      return 16;
    case HeaderType::bytes:
    case HeaderType::string:
      break;
  }
  return std::nullopt;
}

// Takes `size` bytes off the front of `rest`; false if there are fewer.
bool take(Bytes& rest, size_t size, Bytes& taken) {
  if (rest.size() < size) return false;
  taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return true;
}

// The same with a length of `width` bytes in front.
bool take_sized(Bytes& rest, size_t width, Bytes& taken) {
  Bytes length;
  return take(rest, width, length) && take(rest, static_cast<size_t>(read_number(length)), taken);
}

bool take_header(Bytes& rest, EventHeader& header) {
  Bytes type;
  if (!take_sized(rest, 1, header.name) || header.name.empty() || !take(rest, 1, type))
    return false;
  uint64_t number = read_number(type);
  if (number > static_cast<uint64_t>(HeaderType::uuid)) return false;
  header.type = static_cast<HeaderType>(number);
  std::optional<size_t> size = fixed_size(header.type);
  if (!size) return take_sized(rest, 2, header.bytes);
  Bytes value;
  if (!take(rest, *size, value)) return false;
  if (header.type == HeaderType::uuid) {
    header.bytes = value;
  } else if (value.empty()) {
    header.number = header.type == HeaderType::boolean_true ? 1 : 0;
  } else {
    header.number = read_signed(value);
  }
  return true;
}

struct KnownHeader {
  Bytes name;
  Bytes EventMessage::* member;
};
constexpr std::array<KnownHeader, 6> kKnownHeaders{{
    {":message-type", &EventMessage::message_type},
    {":event-type", &EventMessage::event_type},
    {":exception-type", &EventMessage::exception_type},
    {":content-type", &EventMessage::content_type},
    {":error-code", &EventMessage::error_code},
    {":error-message", &EventMessage::error_message},
}};

// Fills the views of `message` from its headers. What is wrong with them, or "".
std::string read_headers(EventMessage& message) {
  std::array<bool, kKnownHeaders.size()> seen{};
  EventHeaderReader reader(message.headers);
  while (std::optional<EventHeader> header = reader.next()) {
    for (size_t i = 0; i < kKnownHeaders.size(); ++i) {
      if (header->name != kKnownHeaders[i].name) continue;
      if (header->type != HeaderType::string) {
        return "header " + std::string(header->name) + " is not a string";
      }
      if (seen[i]) return "header " + std::string(header->name) + " occurs twice";
      seen[i] = true;
      message.*kKnownHeaders[i].member = header->bytes;
    }
  }
  return reader.well_formed() ? "" : "malformed header";
}

}  // namespace

std::optional<EventHeader> EventHeaderReader::next() {
  if (rest_.empty() || malformed_) return std::nullopt;
  EventHeader header;
  if (take_header(rest_, header)) return header;
  malformed_ = true;
  return std::nullopt;
}

// How many bytes of the current message have to be together before the next step.
size_t EventStreamDecoder::size_needed() const {
  return message_size_ == 0 ? kPreludeSize : message_size_;
}

// Takes from `piece` what the next step lacks, and says how much that was.
size_t EventStreamDecoder::gather(Bytes piece) {
  size_t taken = std::min(piece.size(), size_needed() - gathered_.size());
  gathered_.append(piece.data(), taken);
  return taken;
}

Result<void> EventStreamDecoder::fail(std::string message, Limit limit) {
  failure_ = Failure{FailureKind::bad_upstream, "event stream: " + std::move(message), limit};
  std::string().swap(gathered_);
  return *failure_;
}

Result<void> EventStreamDecoder::feed(Bytes piece, EventStreamSink& sink) {
  if (failure_) return *failure_;
  while (!piece.empty()) {
    // Where nothing of this message is gathered, it is read in `piece` itself, if it is whole
    // there.
    const bool in_place = gathered_.empty() && piece.size() >= size_needed();
    if (!in_place) piece.remove_prefix(gather(piece));
    Bytes at_hand = in_place ? piece : Bytes(gathered_);
    if (at_hand.size() < size_needed()) return {};
    if (message_size_ == 0) {
      AIGW_TRY(read_prelude(at_hand.substr(0, kPreludeSize)));
      if (at_hand.size() < message_size_) continue;
    }
    AIGW_TRY(read_message(at_hand.substr(0, message_size_), sink));
    if (in_place) piece.remove_prefix(message_size_);
    message_size_ = 0;
    // A large message leaves no large buffer behind.
    if (gathered_.capacity() > limits::eventstream_buffer_kept_max) std::string().swap(gathered_);
    gathered_.clear();
  }
  return {};
}

Result<void> EventStreamDecoder::finish() {
  if (failure_) return *failure_;
  if (!gathered_.empty()) return fail("it ends inside a message");
  return {};
}

Result<void> EventStreamDecoder::read_prelude(Bytes prelude) {
  if (crc_of(prelude.substr(0, 8)) != read_number(prelude.substr(8, 4))) {
    return fail("the CRC of a prelude is wrong");
  }
  auto total = static_cast<size_t>(read_number(prelude.substr(0, 4)));
  auto headers = static_cast<size_t>(read_number(prelude.substr(4, 4)));
  if (headers > limits::eventstream_headers_max) {
    return fail("headers of " + std::to_string(headers) + " bytes are too large", Limit::eventstream_headers);
  }
  if (total < kFrameSize + headers) {
    return fail("a message of " + std::to_string(total) + " bytes cannot hold headers of " +
                std::to_string(headers));
  }
  if (total - kFrameSize - headers > limits::eventstream_payload_max) {
    return fail("a message of " + std::to_string(total) + " bytes is too large", Limit::eventstream_payload);
  }
  message_size_ = total;
  headers_size_ = headers;
  return {};
}

Result<void> EventStreamDecoder::read_message(Bytes message, EventStreamSink& sink) {
  size_t crc_at = message.size() - 4;
  if (crc_of(message.substr(0, crc_at)) != read_number(message.substr(crc_at))) {
    return fail("the CRC of a message is wrong");
  }
  EventMessage view;
  view.headers = message.substr(kPreludeSize, headers_size_);
  size_t payload_at = kPreludeSize + headers_size_;
  view.payload = message.substr(payload_at, crc_at - payload_at);
  if (std::string wrong = read_headers(view); !wrong.empty()) return fail(std::move(wrong));
  sink.on_message(view);
  return {};
}

void append_event(std::string& out, std::span<const EventHeader> headers, Bytes payload) {
  const size_t start = out.size();
  out.append(kPreludeSize, '\0');
  for (const EventHeader& header : headers) {
    AIGW_CHECK(!header.name.empty() && header.name.size() <= UINT8_MAX);
    append_number(out, header.name.size(), 1);
    out += header.name;
    append_number(out, static_cast<uint64_t>(header.type), 1);
    std::optional<size_t> size = fixed_size(header.type);
    if (!size) {
      AIGW_CHECK(header.bytes.size() <= UINT16_MAX);
      append_number(out, header.bytes.size(), 2);
      out += header.bytes;
    } else if (header.type == HeaderType::uuid) {
      AIGW_CHECK(header.bytes.size() == *size);
      out += header.bytes;
    } else {
      append_number(out, static_cast<uint64_t>(header.number), *size);
    }
  }
  size_t headers_size = out.size() - start - kPreludeSize;
  AIGW_CHECK(headers_size <= limits::eventstream_headers_max);
  AIGW_CHECK(payload.size() <= limits::eventstream_payload_max);
  std::string prelude;
  append_number(prelude, kFrameSize + headers_size + payload.size(), 4);
  append_number(prelude, headers_size, 4);
  append_number(prelude, crc_of(prelude), 4);
  out.replace(start, kPreludeSize, prelude);
  out += payload;
  append_number(out, crc_of(Bytes(out).substr(start)), 4);
}

}  // namespace aigw::wire
