// Flags as Go's flag package reads them, which the peer's server does: -name value, -name=value,
// with one dash or two; a boolean takes its value only behind "="; the first word that is no flag,
// or "--", ends them.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace aigw::cli {

class GoFlags {
 public:
  // Each value lives as long as the flags and holds its default. `help` is one line.
  void add(const char* name, std::string& value, const char* help) {
    flags_.push_back({name, &value, help});
  }
  void add(const char* name, bool& value, const char* help) {
    flags_.push_back({name, &value, help});
  }
  void add(const char* name, int64_t& value, const char* help) {
    flags_.push_back({name, &value, help});
  }

  struct Parsed {
    bool help = false;               // was asked for
    std::vector<std::string> given;  // the names that stood there
    std::vector<std::string> rest;   // what came after the flags
  };
  Result<Parsed> parse(const std::vector<std::string>& arguments) const;

  // Every flag with its default.
  std::string usage(const char* program) const;

 private:
  struct Flag {
    const char* name;
    std::variant<std::string*, bool*, int64_t*> value;
    const char* help;
  };
  const Flag* find(const std::string& name) const;
  static Result<void> assign(const Flag& flag, const std::string& text);

  std::vector<Flag> flags_;
};

}  // namespace aigw::cli
