#include "exchange/access_line.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/time_text.h"
#include "json/text.h"

namespace aigw::exchange {
namespace {

using From = observe::AccessMember::From;

constexpr size_t kUsualSize = 1024;
constexpr double kExactMax = 9007199254740992.0;  // 2^53: whole numbers up to here are exact

void append_number(std::string& out, double value) {
  char digits[32];
  const bool whole = value >= 0 && value <= kExactMax && value == std::floor(value);
  const std::to_chars_result written =
      whole ? std::to_chars(digits, digits + sizeof digits, static_cast<uint64_t>(value))
            : std::to_chars(digits, digits + sizeof digits, value);
  out.append(digits, static_cast<size_t>(written.ptr - digits));
}

}  // namespace

std::optional<Bytes> AccessLine::value_of(const observe::AccessMember& member, http::HeaderMap& request) {
  if (member.from == From::header) return request.get(member.key);
  if (member.from != From::path) return std::nullopt;
  const std::optional<Bytes> path = request.get(":path");
  return path ? path->substr(0, path->find('?')) : path;
}

void AccessLine::on_request(http::HeaderMap& request, uint64_t unix_milliseconds) {
  const std::array<char, 24> time = time_text(unix_milliseconds);
  text_.reserve(kUsualSize);
  for (size_t i = 0; i < members_.size(); ++i) {
    const bool is_time = members_[i].from == From::time;
    const std::optional<Bytes> value = is_time ? Bytes(time.data(), time.size()) : value_of(members_[i], request);
    if (!value) continue;
    written_ |= uint64_t{1} << i;
    text_ += members_[i].head;
    json::append_quoted(text_, *value);
  }
}

bool AccessLine::begin(Bytes key) {
  const std::optional<size_t> index = members_.from_metadata(key);
  if (!index) return false;
  const uint64_t bit = uint64_t{1} << *index;
  usable_ = usable_ && (written_ & bit) == 0;
  written_ |= bit;
  text_ += members_[*index].head;
  return true;
}

void AccessLine::number(Bytes key, double value) {
  if (!begin(key)) return;
  usable_ = usable_ && std::isfinite(value);
  append_number(text_, value);
}

void AccessLine::text(Bytes key, Bytes value) {
  if (begin(key)) json::append_quoted(text_, value);
}

std::string AccessLine::take(http::HeaderMap& request) {
  if (!usable_) return {};
  for (size_t i = 0; i < members_.size(); ++i) {
    const observe::AccessMember& one = members_[i];
    if ((written_ >> i & 1) != 0) continue;
    text_ += one.head;
    if (const std::optional<Bytes> value = value_of(one, request)) {
      json::append_quoted(text_, *value);
    } else {
      text_ += "null";
    }
  }
  return std::move(text_);
}

void AccessLineSink::number(Bytes key, double value) {
  next_.number(key, value);
  line_.number(key, value);
}

void AccessLineSink::text(Bytes key, Bytes value) {
  line_.text(key, value);
  if (key == AccessLine::kLast) {
    last_ = value;
  } else {
    next_.text(key, value);
  }
}

void AccessLineSink::release() {
  if (!last_.empty()) next_.text(AccessLine::kLast, last_);
}

}  // namespace aigw::exchange
