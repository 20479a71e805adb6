// A story of one request, as tests/cases/README.md describes the format.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace aigw::tests {

struct HeadLine {
  std::string name;
  std::string value;
  bool absent = false;  // `!name`
  bool any = false;     // `name: *`
};

struct Message {
  std::string method;
  std::string path;
  int status = 0;
  std::vector<HeadLine> head;
  std::string body;  // unescaped, framed, not compressed
  std::string coding;  // gzip, br or zstd; empty for none
  bool reset = false;
  bool open = false;
  bool cut = false;

  const HeadLine* find(const std::string& name) const;
};

struct Case {
  std::string name;
  std::string method;
  std::string path;
  std::vector<std::string> backends;
  bool scan_all = true;
  std::optional<std::string> config;
  Message client_request;
  Message client_response;
  std::map<size_t, Message> upstream_requests;  // by the number of the attempt, from 1
  std::map<size_t, Message> upstream_responses;

  std::optional<size_t> attempts;
  std::optional<std::string> model;
  // Absent: not compared. The values are JSON texts.
  std::optional<std::map<std::string, std::string>> metadata;
  std::set<std::string> dropped;
  std::set<std::string> limited;
  std::optional<std::string> outcome;  // absent: what the status says
};

// A file that is no case: the message names file and line.
struct CaseError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

Case read_case(const std::string& path);

// The configuration of a case without one: of the nearest default.yaml, beside it or further up.
std::string default_config(const std::string& path);

std::string read_text_file(const std::string& path);

}  // namespace aigw::tests
