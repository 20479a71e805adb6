#include "dialect/openai_responses/echo.h"

#include "base/limits.h"

namespace aigw::dialect::openai_responses {
namespace {

struct Member {
  Bytes name;
  Bytes otherwise;
};

constexpr Member kMembers[] = {
    {"instructions", "null"},
    {"max_output_tokens", "null"},
    {"max_tool_calls", "null"},
    {"metadata", "{}"},
    {"parallel_tool_calls", "true"},
    {"reasoning", R"({"effort":null,"summary":null})"},
    {"temperature", "null"},
    {"text", R"({"format":{"type":"text"}})"},
    {"tool_choice", R"("auto")"},
    {"tools", "[]"},
    {"top_p", "null"},
    {"truncation", R"("disabled")"},
    {"user", "null"},
};

// An event is one line, and line ends in JSON mean nothing.
void append_one_line(std::string& out, Bytes json) {
  for (char c : json) {
    if (c != '\n' && c != '\r') out += c;
  }
}

}  // namespace

std::string request_echo(const json::Value& root) {
  std::string echo;
  size_t left = limits::responses_echo_max;
  for (const Member& member : kMembers) {
    if (!echo.empty()) echo += ',';
    echo += '"';
    echo += member.name;
    echo += "\":";
    const json::Value& given = root[member.name];
    if (given.exists_and_not_null() && given.raw().size() <= left) {
      append_one_line(echo, given.raw());
      left -= given.raw().size();
    } else {
      echo += member.otherwise;
    }
  }
  return echo;
}

}  // namespace aigw::dialect::openai_responses
