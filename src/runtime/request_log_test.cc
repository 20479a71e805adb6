#include "runtime/request_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "base/limits.h"
#include "observe/labels.h"

namespace aigw::runtime {
namespace {

// A log that writes into a pipe. As long as nobody reads, its thread is kept from looking for more.
class RequestLogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "aigw-log-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    reader_ = ::open(path().c_str(), O_RDONLY | O_NONBLOCK);
    writer_ = ::open(path().c_str(), O_WRONLY);  // the pipe has no end while it is there
    ASSERT_TRUE(reader_ >= 0 && writer_ >= 0);
    capacity_ = ::fcntl(reader_, F_SETPIPE_SZ, 1);
    log_.emplace(path(), LineFormat::text, [this](uint64_t count) { lost_ += count; });
  }
  void TearDown() override {
    ::close(reader_);
    std::filesystem::remove_all(folder_);
  }
  std::string path() const { return folder_ / "log"; }

  // Returns when the thread has taken a line and waits in the middle of it.
  void fill() {
    observe::Labels labels;
    for (int i = 0; i < 7; ++i) labels.add("a", std::string(limits::label_value_max, '\1'));
    ASSERT_GT(observe::event_as_text(labels.bytes()).size(), static_cast<size_t>(capacity_));
    log_->feed().publish(labels.bytes());
    for (int waits = 0; waits < capacity_;) {
      ASSERT_EQ(::ioctl(reader_, FIONREAD, &waits), 0);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  // Ends the log, which writes what is left. How many lines came out of the pipe.
  int64_t drain() {
    ::fcntl(reader_, F_SETFL, 0);
    std::future<int64_t> lines = std::async(std::launch::async, [this] {
      int64_t ends = 0;
      char piece[65536];
      for (ssize_t got; (got = ::read(reader_, piece, sizeof piece)) > 0;) ends += std::count(piece, piece + got, '\n');
      return ends;
    });
    log_.reset();
    ::close(writer_);
    return lines.get();
  }

  std::filesystem::path folder_;
  int reader_ = -1, writer_ = -1, capacity_ = 0;
  uint64_t lost_ = 0;
  std::optional<RequestLog> log_;
};

TEST_F(RequestLogTest, SoManyLinesWait) {
  fill();
  for (uint32_t i = 0; i < limits::request_lines_waiting_max; ++i) log_->feed().publish("x");
  EXPECT_EQ(drain(), 1 + int64_t{limits::request_lines_waiting_max});
  EXPECT_EQ(lost_, 0u);
}

TEST_F(RequestLogTest, OneMoreIsLostAndCounted) {
  fill();
  for (uint32_t i = 0; i <= limits::request_lines_waiting_max; ++i) log_->feed().publish("x");
  EXPECT_EQ(drain(), 1 + int64_t{limits::request_lines_waiting_max});
  EXPECT_EQ(lost_, 1u);
}

}  // namespace
}  // namespace aigw::runtime
