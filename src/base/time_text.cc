#include "base/time_text.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace aigw {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `count` digits off the front.
std::optional<int> take_digits(Bytes& text, size_t count) {
  if (text.size() < count || !std::all_of(text.begin(), text.begin() + count, is_digit)) {
    return std::nullopt;
  }
  int value = 0;
  for (char digit : text.substr(0, count)) value = value * 10 + (digit - '0');
  text.remove_prefix(count);
  return value;
}

bool take(Bytes& text, const char* one_of) {
  if (text.empty() || Bytes(one_of).find(text.front()) == Bytes::npos) return false;
  text.remove_prefix(1);
  return true;
}

// "Z" or an offset, in seconds east of UTC; takes the whole of `text`.
std::optional<int64_t> take_offset(Bytes text) {
  if (text == "Z" || text == "z") return 0;
  if (text.empty()) return std::nullopt;
  const int64_t sign = text.front() == '-' ? -1 : 1;
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 23 || !take(text, ":")) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59 || !text.empty()) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

// Writes `digits` figures of a number.
void put_figures(char* to, uint64_t number, int digits) {
  for (int i = digits - 1; i >= 0; --i, number /= 10) to[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::optional<int64_t> parse_time(Bytes text) {
  using namespace std::chrono;
  const auto year = take_digits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day || !take(text, "Tt")) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second) return std::nullopt;
  if (take(text, ".")) {
    if (text.empty() || !is_digit(text.front())) return std::nullopt;
    while (take(text, "0123456789")) {
    }
  }
  const auto offset = take_offset(text);
  const year_month_day date{std::chrono::year(*year), std::chrono::month(unsigned(*month)),
                            std::chrono::day(unsigned(*day))};
  if (!offset || !date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const int64_t days = sys_days(date).time_since_epoch().count();
  return days * 86'400 + *hour * 3600 + *minute * 60 + *second - *offset;
}

std::array<char, 24> time_text(uint64_t unix_milliseconds) {
  using namespace std::chrono;
  const uint64_t seconds = unix_milliseconds / 1000;
  const year_month_day date{sys_days(days(seconds / 86'400))};
  std::array<char, 24> text;
  std::memcpy(text.data(), "0000-00-00T00:00:00.000Z", text.size());
  put_figures(text.data(), static_cast<uint64_t>(int{date.year()}), 4);
  put_figures(text.data() + 5, unsigned{date.month()}, 2);
  put_figures(text.data() + 8, unsigned{date.day()}, 2);
  put_figures(text.data() + 11, seconds / 3600 % 24, 2);
  put_figures(text.data() + 14, seconds / 60 % 60, 2);
  put_figures(text.data() + 17, seconds % 60, 2);
  put_figures(text.data() + 20, unix_milliseconds % 1000, 3);
  return text;
}

}  // namespace aigw
