#include "cli/server_log.h"

#include <sys/time.h>
#include <time.h>

#include <cstdio>
#include <string>

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

// RFC 3339, UTC, milliseconds.
std::string now() {
  timeval time;
  gettimeofday(&time, nullptr);
  tm parts;
  gmtime_r(&time.tv_sec, &parts);
  char text[64];
  const size_t size = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(time.tv_usec / 1000) % 1000);
  return std::string(text, size) + fraction;
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
