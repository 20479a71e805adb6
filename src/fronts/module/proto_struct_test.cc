#include "fronts/module/proto_struct.h"

#include <gtest/gtest.h>

namespace aigw::module {
namespace {

// What Python's google.protobuf.struct_pb2 serialises for the same struct.
TEST(ProtoStruct, WritesWhatProtobufWrites) {
  std::string out;
  append_number(out, "in", 3);
  append_text(out, "m", "gpt");
  EXPECT_EQ(out, std::string("\x0a\x0f\x0a\x02in\x12\x09\x11\x00\x00\x00\x00\x00\x00\x08\x40"
                             "\x0a\x0a\x0a\x01m\x12\x05\x1a\x03gpt",
                             29));
}

TEST(ProtoStruct, LengthsTakeAsManyBytesAsTheyNeed) {
  std::string out;
  append_text(out, "k", std::string(200, 'v'));
  EXPECT_EQ(out.substr(0, 11), std::string("\x0a\xd1\x01\x0a\x01k\x12\xcb\x01\x1a\xc8", 11));
  EXPECT_EQ(out.size(), 3 + 209u);
}

}  // namespace
}  // namespace aigw::module
