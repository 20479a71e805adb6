#include "json/string_skip.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/test_slices.h"

namespace aigw::json {
namespace {

// Every byte value at every distance, in a block that ends where the run ends.
TEST(StringSkip, FindsEverySpecialByteAtEveryDistance) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    for (size_t size : {1, 7, 8, 15, 16, 17, 33, 48, 95, 96, 97, 130, 200}) {
      for (size_t at = value % 3u; at < size; at += 3) {
        std::string text(size, 'x');
        text[at] = c;
        whole(text).for_each_piece([&](Bytes piece) {
          const char* const end = piece.data() + piece.size();
          const char* const expected = std::find_if(piece.data(), end, is_string_special);
          ASSERT_EQ(find_string_special(piece.data(), end), expected)
              << value << " at " << at << " of " << size;
          ASSERT_EQ(find_string_special_portable(piece.data(), end), expected)
              << value << " at " << at;
        });
      }
    }
  }
}

TEST(StringSkip, HighBytesAreNotSpecial) {
  std::string text;
  for (int i = 0; i < 3; ++i) {
    for (int value = 0x80; value < 0x100; ++value) text += static_cast<char>(value);
  }
  const char* const end = text.data() + text.size();
  EXPECT_EQ(find_string_special(text.data(), end), end);
  EXPECT_EQ(find_string_special_portable(text.data(), end), end);
}

// What skip_string_text promises, a byte at a time.
const char* skip_text_slowly(const char* at, const char* end) {
  while (at != end) {
    if (*at == '\\' && end - at >= 2 && Bytes("\"\\/bfnrt").find(at[1]) != Bytes::npos) {
      at += 2;
    } else if (is_string_special(*at)) {
      return at;
    } else {
      ++at;
    }
  }
  return end;
}

// Texts of all sizes around a block, dense with escapes of both kinds, quotes and what must be
// escaped.
TEST(StringSkip, StepsOverSimpleEscapesInsideAndAcrossBlocks) {
  uint32_t random = 1;
  const auto next = [&](uint32_t below) {
    random = random * 1664525u + 1013904223u;
    return (random >> 8) % below;
  };
  for (int round = 0; round < 20'000; ++round) {
    std::string text(next(200) + 1, 'x');
    const uint32_t rare = next(4) == 0 ? 400 : 60;
    for (size_t i = 0; i < text.size(); ++i) {
      const uint32_t pick = next(rare);
      if (pick < 8) text[i] = '\\';
      if (pick >= 8 && pick < 24) text[i] = "nt\"\\/bfr"[pick % 8];
      if (pick == 24) text[i] = 'u';
      if (pick == 25) text[i] = '\x1f';
    }
    whole(text).for_each_piece([&](Bytes piece) {
      const char* const end = piece.data() + piece.size();
      const auto expected = skip_text_slowly(piece.data(), end) - piece.data();
      ASSERT_EQ(skip_string_text(piece.data(), end) - piece.data(), expected) << text;
      ASSERT_EQ(skip_string_text_portable(piece.data(), end) - piece.data(), expected) << text;
    });
  }
}

TEST(StringSkip, SkipsWhiteSpaceOfEveryLength) {
  for (size_t size = 0; size < 100; ++size) {
    for (char stop : {'x', '\v', '\0', '"', '\xa0'}) {
      std::string text;
      for (size_t i = 0; i < size; ++i) text += " \n\r\t"[i * 7 % 4];
      text += stop;
      text += " ";
      whole(text).for_each_piece([&](Bytes piece) {
        ASSERT_EQ(skip_space(piece.data(), piece.data() + piece.size()), piece.data() + size);
        ASSERT_EQ(skip_space(piece.data(), piece.data() + size), piece.data() + size);
      });
    }
  }
}

}  // namespace
}  // namespace aigw::json
