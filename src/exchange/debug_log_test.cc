#include "exchange/debug_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/compile.h"
#include "exchange/exchange.h"

namespace aigw::exchange {
namespace {

class Log final : public DebugLog {
 public:
  explicit Log(Bodies shown) : bodies_(shown) {}
  bool on() const override { return true; }
  Bodies bodies() const override { return bodies_; }
  void write(Bytes line) const override { lines.emplace_back(line); }
  mutable std::vector<std::string> lines;

 private:
  Bodies bodies_;
};

// What is logged of a body in two pieces.
std::vector<std::string> logged(DebugLog::Bodies shown, const std::string& first, const std::string& second) {
  credential::Store store;
  const Log log(shown);
  Setup setup;
  setup.config = *config::compile(config::Document{}, store);
  setup.debug = &log;
  const Exchange exchange(std::move(setup));
  const std::vector<Bytes> body{first, second};
  exchange.note_body("request", body);
  return log.lines;
}

TEST(DebugLog, WhatTheOptionsMean) {
  EXPECT_EQ(DebugLog::shown(false, false), DebugLog::Bodies::none);
  EXPECT_EQ(DebugLog::shown(false, true), DebugLog::Bodies::none);
  EXPECT_EQ(DebugLog::shown(true, true), DebugLog::Bodies::sizes);
  EXPECT_EQ(DebugLog::shown(true, false), DebugLog::Bodies::whole);
}

TEST(DebugLog, BodiesAreShownAsTheyWereAskedFor) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(logged(DebugLog::Bodies::none, "one", "two"), Lines{});
  EXPECT_EQ(logged(DebugLog::Bodies::sizes, "one", "two"), Lines{"request body: [REDACTED] (6 bytes)"});
  EXPECT_EQ(logged(DebugLog::Bodies::whole, "one", "two"), Lines{"request body: onetwo (6 bytes)"});
}

TEST(DebugLog, ABodyIsCutAtTheLimit) {
  using Lines = std::vector<std::string>;
  const std::string longest(limits::debug_body_max, 'x');
  EXPECT_EQ(logged(DebugLog::Bodies::whole, longest, ""), Lines{"request body: " + longest + " (65536 bytes)"});
  const Lines cut{"request body: " + longest + "… (65537 bytes)"};
  EXPECT_EQ(logged(DebugLog::Bodies::whole, longest, "y"), cut);
  EXPECT_EQ(logged(DebugLog::Bodies::whole, longest + "y", ""), cut);
}

}  // namespace
}  // namespace aigw::exchange
