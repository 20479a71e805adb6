#include "crypto/hex.h"

#include <gtest/gtest.h>

namespace aigw::crypto {
namespace {

TEST(HexTest, LowerCase) {
  EXPECT_EQ(hex(""), "");
  EXPECT_EQ(hex(Bytes("\x00\x09\x0a\x7f\x80\xff", 6)), "00090a7f80ff");
  std::string out = "x";
  append_hex(out, "az");
  EXPECT_EQ(out, "x617a");
}

}  // namespace
}  // namespace aigw::crypto
