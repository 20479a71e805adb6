#include "wire/eventstream.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/test_slices.h"

#if defined(__SANITIZE_ADDRESS__)
// Of AddressSanitizer's runtime; not all releases of the compiler come with the header.
extern "C" size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace aigw::wire {
namespace {

std::string from_hex(Bytes hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

// Made with Python's struct and zlib.crc32, and read back by botocore's EventStreamBuffer (1.44)
// with the contents that the tests below expect.
std::string empty_message() { return from_hex("000000100000000005c248eb7d98c8ff"); }

std::string message_of_all_types() {
  return from_hex(
      "00000068000000564e68172401740001660102693802ff0369313603fed40369333204000111700369363405ffff"
      "fffed5fa0e00016206000200ff017307000368c3a9027473080000019b76daa87b01750900010203040506070809"
      "0a0b0c0d0e0f0070e38a9dec");
}

std::string delta_event() {
  return from_hex(
      "0000009400000057b4ab9aee0b3a6576656e742d74797065070011636f6e74656e74426c6f636b44656c74610d3a"
      "636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d7479706507"
      "00056576656e747b22636f6e74656e74426c6f636b496e646578223a302c2264656c7461223a7b2274657874223a"
      "224869227d7d1f944657");
}

std::string throttling_exception() {
  return from_hex(
      "0000008800000061de0175f40f3a657863657074696f6e2d747970650700137468726f74746c696e674578636570"
      "74696f6e0d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d657373616765"
      "2d74797065070009657863657074696f6e7b226d657373616765223a22736c6f7720646f776e227d832ee072");
}

std::string error_message() {
  return from_hex(
      "0000005c0000004ce7abf0180d3a6d6573736167652d747970650700056572726f720b3a6572726f722d636f6465"
      "07000d496e7465726e616c4572726f720e3a6572726f722d6d65737361676507000869742062726f6b65c0c21ee"
      "3");
}

using Lines = std::vector<std::string>;

// Writes "message|event|exception|content type|code|error message|payload" for each message.
class Recorder : public EventStreamSink {
 public:
  void on_message(const EventMessage& message) override {
    std::string line;
    for (Bytes part : {message.message_type, message.event_type, message.exception_type,
                       message.content_type, message.error_code, message.error_message}) {
      line += std::string(part) + "|";
    }
    lines.push_back(line + std::string(message.payload));
    header_blocks.emplace_back(message.headers);
  }
  Lines lines;
  std::vector<std::string> header_blocks;
};

// What a stream gives, with the failure as the last line; the same for every slicing.
Lines decode(Bytes stream) {
  Lines first;
  bool any = false;
  for_every_slicing(stream, [&](const Slicing& slicing) {
    EventStreamDecoder decoder;
    Recorder recorder;
    slicing.for_each_piece([&](Bytes piece) { (void)decoder.feed(piece, recorder); });
    Result<void> end = decoder.finish();
    if (!end) {
      EXPECT_EQ(end.error().kind, FailureKind::bad_upstream);
      recorder.lines.push_back(end.error().message);
    }
    if (!any) first = recorder.lines;
    any = true;
    EXPECT_EQ(recorder.lines, first) << slicing.name();
  });
  return first;
}

std::string encode(std::vector<EventHeader> headers, Bytes payload) {
  std::string out;
  append_event(out, headers, payload);
  return out;
}

EventHeader text(Bytes name, Bytes value) { return {name, HeaderType::string, value, 0}; }

const std::string kDeltaLine =
    "event|contentBlockDelta||application/"
    "json|||{\"contentBlockIndex\":0,\"delta\":{\"text\":\"Hi\"}}";

TEST(EventStreamTest, Messages) {
  EXPECT_EQ(decode(""), Lines{});
  EXPECT_EQ(decode(empty_message()), Lines{"||||||"});
  EXPECT_EQ(decode(message_of_all_types()), Lines{"||||||" + std::string("\0p", 2)});
  EXPECT_EQ(decode(delta_event()), Lines{kDeltaLine});
  EXPECT_EQ(decode(throttling_exception()),
            Lines{"exception||throttlingException|application/json|||{\"message\":\"slow down\"}"});
  EXPECT_EQ(decode(error_message()), Lines{"error||||InternalError|it broke|"});
  EXPECT_EQ(decode(delta_event() + empty_message() + delta_event()),
            (Lines{kDeltaLine, "||||||", kDeltaLine}));
}

TEST(EventStreamTest, HeadersOfAllTypes) {
  EventStreamDecoder decoder;
  Recorder recorder;
  ASSERT_TRUE(decoder.feed(message_of_all_types(), recorder));
  std::vector<EventHeader> headers;
  EventHeaderReader reader(recorder.header_blocks.at(0));
  while (auto header = reader.next()) headers.push_back(*header);
  EXPECT_TRUE(reader.well_formed());
  ASSERT_EQ(headers.size(), 10u);
  const std::string uuid = from_hex("000102030405060708090a0b0c0d0e0f");
  const std::vector<EventHeader> expected = {{"t", HeaderType::boolean_true, "", 1},
                                             {"f", HeaderType::boolean_false, "", 0},
                                             {"i8", HeaderType::int8, "", -1},
                                             {"i16", HeaderType::int16, "", -300},
                                             {"i32", HeaderType::int32, "", 70000},
                                             {"i64", HeaderType::int64, "", -5000000000},
                                             {"b", HeaderType::bytes, Bytes("\x00\xff", 2), 0},
                                             {"s", HeaderType::string, "h\xc3\xa9", 0},
                                             {"ts", HeaderType::timestamp, "", 1767225600123},
                                             {"u", HeaderType::uuid, uuid, 0}};
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(headers[i].name, expected[i].name);
    EXPECT_EQ(headers[i].type, expected[i].type) << expected[i].name;
    EXPECT_EQ(headers[i].bytes, expected[i].bytes) << expected[i].name;
    EXPECT_EQ(headers[i].number, expected[i].number) << expected[i].name;
  }
  EXPECT_EQ(encode(headers, Bytes("\0p", 2)), message_of_all_types());
}

TEST(EventStreamTest, EncoderWritesTheVectors) {
  EXPECT_EQ(encode({}, ""), empty_message());
  EXPECT_EQ(encode({text(":event-type", "contentBlockDelta"),
                    text(":content-type", "application/json"), text(":message-type", "event")},
                   "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"Hi\"}}"),
            delta_event());
}

// Whichever byte is wrong, what came before is kept and what follows is not made up.
TEST(EventStreamTest, EveryDamagedByteIsNoticed) {
  for (size_t i = 0; i < delta_event().size(); ++i) {
    std::string stream = empty_message() + delta_event() + delta_event();
    stream[empty_message().size() + i] ^= 0x20;
    EventStreamDecoder decoder;
    Recorder recorder;
    Result<void> fed = decoder.feed(stream, recorder);
    ASSERT_FALSE(fed) << i;
    EXPECT_EQ(fed.error().message, i < 12 ? "event stream: the CRC of a prelude is wrong"
                                          : "event stream: the CRC of a message is wrong");
    EXPECT_EQ(recorder.lines, Lines{"||||||"});
  }
}

TEST(EventStreamTest, EveryCutIsNoticed) {
  const std::string stream = delta_event() + delta_event();
  for (size_t size = 1; size < stream.size(); ++size) {
    EventStreamDecoder decoder;
    Recorder recorder;
    ASSERT_TRUE(decoder.feed(Bytes(stream).substr(0, size), recorder));
    EXPECT_EQ(decoder.finish().has_value(), size == delta_event().size()) << size;
  }
  EXPECT_EQ(decode(delta_event() + "x"),
            (Lines{kDeltaLine, "event stream: it ends inside a message"}));
}

TEST(EventStreamTest, FailureStays) {
  EventStreamDecoder decoder;
  Recorder recorder;
  EXPECT_FALSE(decoder.feed("<html>not an event stream</html>", recorder));
  EXPECT_FALSE(decoder.feed(delta_event(), recorder));
  EXPECT_FALSE(decoder.finish());
  EXPECT_TRUE(recorder.lines.empty());
}

std::string big_endian(uint32_t number) {
  std::string out;
  for (int shift : {24, 16, 8, 0}) out += static_cast<char>(number >> shift);
  return out;
}

// `bytes` and their CRC-32, made bit by bit: the decoder's comes from zlib.
std::string with_crc(std::string bytes) {
  uint32_t crc = 0xffffffff;
  for (char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
  }
  return bytes + big_endian(~crc);
}

std::string prelude(uint32_t total, uint32_t headers) {
  return with_crc(big_endian(total) + big_endian(headers));
}

TEST(EventStreamTest, LengthsThatLie) {
  const std::string p = "event stream: ";
  EXPECT_EQ(decode(prelude(0, 0)), Lines{p + "a message of 0 bytes cannot hold headers of 0"});
  EXPECT_EQ(decode(prelude(15, 0)), Lines{p + "a message of 15 bytes cannot hold headers of 0"});
  EXPECT_EQ(decode(prelude(26, 11)), Lines{p + "a message of 26 bytes cannot hold headers of 11"});
  EXPECT_EQ(decode(prelude(UINT32_MAX, 0)),
            Lines{p + "a message of 4294967295 bytes is too large"});
  EXPECT_EQ(decode(prelude(UINT32_MAX, UINT32_MAX)),
            Lines{p + "headers of 4294967295 bytes are too large"});
}

TEST(EventStreamTest, LimitsAreExact) {
  constexpr auto kHeaders = static_cast<uint32_t>(limits::eventstream_headers_max);
  constexpr auto kPayload = static_cast<uint32_t>(limits::eventstream_payload_max);
  const std::string end = "event stream: it ends inside a message";
  EXPECT_EQ(decode(prelude(16 + kHeaders + kPayload, kHeaders)), Lines{end});
  EXPECT_NE(decode(prelude(17 + kHeaders + kPayload, kHeaders)), Lines{end});
  EXPECT_NE(decode(prelude(17 + kHeaders, kHeaders + 1)), Lines{end});

  const std::string stream = encode({}, std::string(kPayload, 'x')) + delta_event();
  EventStreamDecoder decoder;
  Recorder recorder;
  constexpr size_t kPiece = 100'000;
  for (size_t at = 0; at < stream.size(); at += kPiece) {
    ASSERT_TRUE(decoder.feed(Bytes(stream).substr(at, kPiece), recorder));
  }
  ASSERT_EQ(recorder.lines.size(), 2u);
  EXPECT_EQ(recorder.lines[0].size(), 6 + kPayload);
  EXPECT_EQ(recorder.lines[1], kDeltaLine);
}

#if defined(__SANITIZE_ADDRESS__)
// What a decoder holds between two messages, the first of which came in two pieces: its beginning and the rest.
size_t held_after(const std::string& message) {
  constexpr size_t kBeginning = 1;
  Recorder recorder;
  EventStreamDecoder decoder;
  const size_t before = __sanitizer_get_current_allocated_bytes();
  EXPECT_TRUE(decoder.feed(Bytes(message).substr(0, kBeginning), recorder));
  EXPECT_TRUE(decoder.feed(Bytes(message).substr(kBeginning), recorder));
  std::vector<std::string>().swap(recorder.lines);
  return __sanitizer_get_current_allocated_bytes() - before;
}

TEST(EventStreamTest, ALargeMessageLeavesNoLargeBuffer) {
  constexpr size_t kFrame = 16;
  const std::string fits(limits::eventstream_buffer_kept_max - kFrame, 'x');
  EXPECT_GE(held_after(encode({}, fits)), limits::eventstream_buffer_kept_max);
  EXPECT_LT(held_after(encode({}, fits + "x")), 1024u);
}
#endif

// A message without payload, right but for what `block` says.
std::string with_header_block(const std::string& block) {
  auto size = static_cast<uint32_t>(block.size());
  return with_crc(prelude(16 + size, size) + block);
}

TEST(EventStreamTest, MalformedHeaders) {
  const Lines malformed{"event stream: malformed header"};
  for (const char* block : {"00", "0161", "0561", "01610a", "016109", "016108000000", "01610700",
                            "0161070002", "016107000261", "0007000161", "01610001"}) {
    EXPECT_EQ(decode(with_header_block(from_hex(block))), malformed) << block;
  }
  EXPECT_EQ(decode(with_header_block(from_hex("016100"))), Lines{"||||||"});
  EXPECT_EQ(decode(encode({{":event-type", HeaderType::bytes, "x", 0}}, "")),
            Lines{"event stream: header :event-type is not a string"});
  EXPECT_EQ(decode(encode({text(":event-type", "a"), text(":event-type", "a")}, "")),
            Lines{"event stream: header :event-type occurs twice"});
}

}  // namespace
}  // namespace aigw::wire
