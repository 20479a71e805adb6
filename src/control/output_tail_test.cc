#include "control/output_tail.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace aigw::control {
namespace {

TEST(OutputTail, KeepsTheEndUpToTheLimit) {
  std::string output = "a" + std::string(limits::envoy_output_kept_max - 1, 'b');
  keep_end(output);
  EXPECT_EQ(output.size(), limits::envoy_output_kept_max);
  EXPECT_EQ(output.front(), 'a');
  output += 'c';
  keep_end(output);
  EXPECT_EQ(output.size(), limits::envoy_output_kept_max);
  EXPECT_EQ(output.front(), 'b');
  EXPECT_EQ(output.back(), 'c');
}

TEST(OutputTail, ShowsTheLastLinesAndTheBeginningOfEach) {
  std::string output, shown;
  for (size_t i = 0; i < limits::envoy_lines_shown_max; ++i) {
    output += "line " + std::to_string(i) + "\n\n";
    shown += "\n  line " + std::to_string(i);
  }
  EXPECT_EQ(last_lines(output), shown);
  EXPECT_EQ(last_lines("one more\n" + output), shown);
  EXPECT_EQ(last_lines(output + "the last"), shown.substr(shown.find("\n  line 1")) + "\n  the last");

  const std::string line(limits::envoy_line_shown_max, 'x');
  EXPECT_EQ(last_lines(line), "\n  " + line);
  EXPECT_EQ(last_lines(line + "x\n"), "\n  " + line);
  EXPECT_EQ(last_lines(""), "");
}

}  // namespace
}  // namespace aigw::control
