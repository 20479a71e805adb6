#include "cli/server_log.h"

#include <array>
#include <cstdio>
#include <string>

#include "base/system_clock.h"
#include "base/time_text.h"
#include "json/text.h"

namespace aigw::cli {
namespace {

const char* name_of(runtime::LogLevel level) {
  switch (level) {
    case runtime::LogLevel::debug:
      return "DEBUG";
    case runtime::LogLevel::info:
      return "INFO";
    case runtime::LogLevel::warning:
      return "WARN";
    case runtime::LogLevel::error:
      break;
  }
  return "ERROR";
}

std::string now() {
  const std::array<char, 24> text = time_text(system_unix_milliseconds());
  return {text.data(), text.size()};
}

}  // namespace

void ServerLog::write(runtime::LogLevel level, Bytes message) {
  if (level < least_) return;
  std::string line;
  if (json_) {
    line = "{\"time\":\"" + now() + "\",\"level\":\"" + name_of(level) + "\",\"msg\":";
    json::append_quoted(line, message);
    line += "}\n";
  } else {
    line = "time=" + now() + " level=" + name_of(level) + " msg=";
    json::append_quoted(line, message);
    line += '\n';
  }
  std::lock_guard<std::mutex> lock(mutex_);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace aigw::cli
