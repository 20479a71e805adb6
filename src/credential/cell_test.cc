#include "credential/cell.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace aigw::credential {
namespace {

std::string text_of(const Cell& cell) {
  Cell::Buffer buffer;
  return std::string(cell.read_into(buffer));
}

TEST(Cell, IsEmptyUntilItIsWritten) {
  Cell cell(Form::trimmed);
  EXPECT_EQ(text_of(cell), "");
  EXPECT_TRUE(cell.write("sk-1"));
  EXPECT_EQ(text_of(cell), "sk-1");
}

TEST(Cell, CutsWhatItsFormCuts) {
  Cell trimmed(Form::trimmed);
  EXPECT_TRUE(trimmed.write(" \t\r\n sk-1 \r\n\n"));
  EXPECT_EQ(text_of(trimmed), "sk-1");
  EXPECT_TRUE(trimmed.write(" \n "));
  EXPECT_EQ(text_of(trimmed), "");

  Cell verbatim(Form::verbatim);
  EXPECT_TRUE(verbatim.write(" ya29 \r\n\n"));
  EXPECT_EQ(text_of(verbatim), " ya29 ");

  Cell text(Form::text);
  EXPECT_TRUE(text.write("[default]\naws_access_key_id = a\n"));
  EXPECT_EQ(text_of(text), "[default]\naws_access_key_id = a\n");
}

TEST(Cell, RefusesWhatAHeaderCannotCarry) {
  using namespace std::string_view_literals;
  Cell cell(Form::trimmed);
  ASSERT_TRUE(cell.write("kept"));
  EXPECT_FALSE(cell.write("a\r\nb: c"));
  EXPECT_FALSE(cell.write("a\0b"sv));
  EXPECT_FALSE(cell.write("a\x7f"));
  EXPECT_EQ(text_of(cell), "kept");
}

TEST(Cell, HoldsUpToItsCapacity) {
  Cell cell(Form::text);
  const std::string longest(limits::credential_max, 'x');
  EXPECT_TRUE(cell.write(longest));
  EXPECT_EQ(text_of(cell), longest);
  EXPECT_FALSE(cell.write(longest + "x"));
  EXPECT_EQ(text_of(cell), longest);

  Cell small(Form::trimmed, 9);
  EXPECT_TRUE(small.write("123456789"));
  EXPECT_EQ(text_of(small), "123456789");
  EXPECT_FALSE(small.write("1234567890"));
}

TEST(Cell, SaysHowLargeAValueIsThatDoesNotFit) {
  Cell cell(Form::trimmed);
  ASSERT_TRUE(cell.write("123456789"));
  char out[4] = {'a', 'b', 'c', 'd'};
  EXPECT_EQ(cell.read(out, sizeof out), 9u);
  EXPECT_EQ(std::string_view(out, 4), "abcd");
}

// Every value is one letter repeated a number of times that follows from the letter, so a torn read
// shows. The writer goes on until each reader has seen it change values.
TEST(Cell, NeverTearsUnderAWriter) {
  Cell cell(Form::trimmed);
  const auto value = [](int i) {
    return std::string(static_cast<size_t>(1 + (i % 26) * 37), static_cast<char>('a' + i % 26));
  };
  ASSERT_TRUE(cell.write(value(0)));
  std::atomic<bool> done{false};
  std::atomic<int> torn{0};
  std::atomic<size_t> saw_changes{0};
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      Cell::Buffer buffer;
      int first = -1;
      bool changed = false;
      while (!done.load(std::memory_order_relaxed)) {
        const Bytes read = cell.read_into(buffer);
        const int i = read.empty() ? -1 : read.front() - 'a';
        if (i < 0 || i >= 26 || read != value(i)) torn.fetch_add(1);
        if (first < 0) first = i;
        if (!changed && i != first) {
          changed = true;
          saw_changes.fetch_add(1);
        }
      }
    });
  }
  for (int i = 0; i < 40'000 || saw_changes.load() < readers.size(); ++i) {
    ASSERT_TRUE(cell.write(value(i)));
    if (i % 1000 == 0) std::this_thread::yield();
  }
  done.store(true);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(torn.load(), 0);
}

}  // namespace
}  // namespace aigw::credential
