#include "dialect/gemini/signature.h"

#include <gtest/gtest.h>

#include <string>

namespace aigw::dialect::gemini {
namespace {

// What google-genai makes of bytes: the other alphabet of base64.
std::string through_client(std::string text) {
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

TEST(Signature, ComesBackAsItWas) {
  Arena arena(1 << 16);
  for (Bytes signature : {Bytes("c2ln"), Bytes("+/+/"), Bytes("AA=="), Bytes("AAA="),
                          Bytes("not base64"), Bytes("gAAAA_-x"), Bytes("abc"), Bytes("a===")}) {
    const std::string wire = wire_signature(signature, {});
    EXPECT_TRUE(is_base64(wire)) << wire;
    for (const std::string& sent : {wire, through_client(wire)}) {
      const ReadSignature read = read_signature(sent, arena);
      EXPECT_EQ(read.signature, signature);
      EXPECT_EQ(read.redacted, "");
    }
  }
}

TEST(Signature, CarriesRedactedThoughts) {
  Arena arena(1 << 16);
  const std::string wire = wire_signature({}, "what nobody reads?>");
  const ReadSignature read = read_signature(through_client(wire), arena);
  EXPECT_EQ(read.signature, "");
  EXPECT_EQ(read.redacted, "what nobody reads?>");
}

TEST(Signature, WhatIsNotBase64StaysWhatItIs) {
  Arena arena(1 << 16);
  EXPECT_EQ(standard_base64("a-b_", arena), "a+b/");
  EXPECT_EQ(standard_base64("a-b", arena), "a+b=");
  EXPECT_EQ(standard_base64("no, really-", arena), "no, really-");
  EXPECT_FALSE(is_base64(""));
  EXPECT_FALSE(is_base64("abc"));
}

}  // namespace
}  // namespace aigw::dialect::gemini
