#include "crypto/base64.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <utility>

namespace aigw::crypto {
namespace {

std::optional<std::string> decode(Bytes text, Padding padding = Padding::required) {
  std::string out = "kept ";
  if (append_from_base64(out, text, padding)) return out.substr(5);
  EXPECT_EQ(out, "kept ") << text;
  return std::nullopt;
}

// RFC 4648, section 10.
constexpr std::array<std::pair<Bytes, Bytes>, 7> kVectors{{{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}}};

TEST(Base64Test, Rfc4648) {
  for (auto [bytes, text] : kVectors) {
    Bytes bare = text.substr(0, text.find('='));
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(to_base64(bytes, Padding::absent), bare);
    EXPECT_EQ(decode(text), bytes);
    EXPECT_EQ(decode(bare, Padding::absent), bytes);
    EXPECT_EQ(decode(text, Padding::optional), bytes);
    EXPECT_EQ(decode(bare, Padding::optional), bytes);
    if (text != bare) {
      EXPECT_EQ(decode(bare), std::nullopt);
      EXPECT_EQ(decode(text, Padding::absent), std::nullopt);
    }
  }
}

TEST(Base64Test, EveryByteComesBack) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (size_t size = 0; size <= all.size(); ++size) {
    Bytes bytes = Bytes(all).substr(all.size() - size);
    EXPECT_EQ(decode(to_base64(bytes)), bytes);
    EXPECT_EQ(decode(to_base64(bytes, Padding::absent), Padding::absent), bytes);
  }
}

TEST(Base64Test, RefusesWhatIsNotTheText) {
  for (Bytes text : {"Z", "Zg=", "Zg===", "Z===", "=", "==", "====", "Zm9=v", "Zm9vYg==Zm9v",
                     "Zm9v\n", "Zm9 ", "Zm-_", "Zm9\xc3", "Zh==", "Zm9=", "Z=g=", "Zm9v="}) {
    EXPECT_EQ(decode(text), std::nullopt) << text;
    EXPECT_EQ(decode(text, Padding::optional), std::nullopt) << text;
  }
  for (Bytes text : {"Z", "Zm9vY", "Zh", "Zm9", "Zg==", "Zm8="}) {
    EXPECT_EQ(decode(text, Padding::absent), std::nullopt) << text;
  }
}

// Each of the 256 characters is either of the alphabet or refused, at each place of a group.
TEST(Base64Test, AlphabetIsExact) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t place = 0; place < 4; ++place) {
    for (int c = 0; c < 256; ++c) {
      if (c == '=') continue;
      std::string text = "AAAAAAAA";
      text[place] = static_cast<char>(c);
      bool known = alphabet.find(static_cast<char>(c)) != std::string::npos;
      EXPECT_EQ(decode(text).has_value(), known) << c;
    }
  }
}

}  // namespace
}  // namespace aigw::crypto
