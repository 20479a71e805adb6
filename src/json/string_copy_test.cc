#include "json/string_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/bytes.h"

namespace aigw::json {
namespace {

bool stops_plain(char c) { return is_string_special(c) || static_cast<unsigned char>(c) >= 0x80; }

// Every byte value at every distance, from and to blocks that end where they may be used.
TEST(StringCopy, StopsAtEveryByteThatItMust) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    for (size_t size : {1u, 7u, 15u, 16u, 17u, 33u, 50u}) {
      for (size_t at = 0; at < size; ++at) {
        const std::unique_ptr<char[]> text(new char[size]);
        std::fill_n(text.get(), size, 'x');
        text[at] = c;
        const char* const end = text.get() + size;
        const std::unique_ptr<char[]> out(new char[size + kVectorSize]);
        const Copied plain = copy_plain_ascii(text.get(), end, out.get(), out.get() + size);
        const size_t expected = stops_plain(c) ? at : size;
        ASSERT_EQ(plain.from - text.get(), static_cast<ptrdiff_t>(expected))
            << value << " at " << at;
        ASSERT_EQ(Bytes(out.get(), static_cast<size_t>(plain.to - out.get())),
                  Bytes(text.get(), expected));

        const std::unique_ptr<char[]> exact(new char[size]);
        const Copied found = copy_to_backslash(text.get(), end, exact.get());
        const size_t before = c == '\\' ? at : size;
        ASSERT_EQ(found.from - text.get(), static_cast<ptrdiff_t>(before)) << value << " at " << at;
        ASSERT_EQ(Bytes(exact.get(), static_cast<size_t>(found.to - exact.get())),
                  Bytes(text.get(), before));
      }
    }
  }
}

TEST(StringCopy, StopsWhenTheOutputIsFull) {
  const std::string text(100, 'x');
  for (size_t room = 0; room < 60; ++room) {
    const std::unique_ptr<char[]> out(new char[room + kVectorSize]);
    const Copied copied =
        copy_plain_ascii(text.data(), text.data() + text.size(), out.get(), out.get() + room);
    const auto size = static_cast<size_t>(copied.to - out.get());
    ASSERT_GE(size, room);
    ASSERT_LE(size, room + kVectorSize);
    ASSERT_EQ(copied.from - text.data(), copied.to - out.get());
  }
}

}  // namespace
}  // namespace aigw::json
