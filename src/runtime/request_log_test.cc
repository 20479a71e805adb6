#include "runtime/request_log.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace aigw::runtime {
namespace {

// How many of so many lines are lost that come before the log's thread looks for the first time.
uint64_t lost_of(uint32_t lines) {
  uint64_t lost = 0;
  {
    RequestLog log("/dev/null", LineFormat::text, [&](uint64_t count) { lost += count; });
    for (uint32_t i = 0; i < lines; ++i) log.feed().publish("x");
  }
  return lost;
}

TEST(RequestLog, SoManyLinesWaitAndTheRestIsCounted) {
  EXPECT_EQ(lost_of(limits::request_lines_waiting_max), 0u);
  // Where this thread is held up, the other has looked before the last line came.
  uint64_t lost = 0;
  for (int i = 0; i < 100 && lost == 0; ++i) lost = lost_of(limits::request_lines_waiting_max + 1);
  EXPECT_EQ(lost, 1u);
}

}  // namespace
}  // namespace aigw::runtime
