// Thompson's construction, simulated: a pattern is a list of steps with two kinds of forks, and a text is read once
// while a set of steps is held that the matches begun so far stand at.
#include "policy/cel/pattern.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <tuple>

#include "base/limits.h"

namespace aigw::policy::cel {
namespace {

using Step = Pattern::Step;
using Range = Pattern::Range;
using Kind = Pattern::Step::Kind;

constexpr uint32_t kLast = 0x10FFFF;
constexpr uint32_t kNone = UINT32_MAX;  // before the first character and after the last

constexpr Range kDigits[] = {{'0', '9'}};
constexpr Range kWords[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
constexpr Range kSpaces[] = {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};

// The character at the head of `text`, which loses it. A byte that is no UTF-8 is a character of its own.
uint32_t take_character(Bytes& text) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(text[i])); };
  const uint32_t first = byte(0);
  const size_t size = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  uint32_t code = size == 1 ? first : first & (0xFFu >> (size + 1));
  bool fine = size <= text.size() && (first < 0x80 || first >= 0xC2) && first < 0xF5;
  for (size_t i = 1; fine && i < size; ++i) {
    fine = (byte(i) & 0xC0) == 0x80;
    code = code << 6 | (byte(i) & 0x3F);
  }
  text.remove_prefix(fine ? size : 1);
  return fine ? code : 0xFFFD;
}

bool is_word(uint32_t c) {
  return c < 128 && std::any_of(std::begin(kWords), std::end(kWords),
                                [c](const Range& r) { return c >= r.first && c <= r.last; });
}

}  // namespace

class PatternParser {
 public:
  explicit PatternParser(Bytes text) : rest_(text), whole_(text) {}

  Result<Pattern> parse() {
    if (rest_.starts_with("(?i)")) {
      ignores_case_ = true;
      rest_.remove_prefix(4);
    }
    AIGW_TRY(alternation());
    if (!rest_.empty()) return wrong("a parenthesis that was not opened");
    return std::move(out_);
  }

 private:
  std::vector<Step>& steps() { return out_.steps_; }

  Failure wrong(const char* what) const {
    return {FailureKind::unprocessable, "in the pattern, at its byte " +
                                            std::to_string(whole_.size() - rest_.size() + 1) + ": " + what};
  }

  bool accept(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  Result<void> alternation() {
    if (++depth_ > limits::cel_depth_max) return wrong("nested too deep");
    const size_t begin = steps().size();
    AIGW_TRY(sequence());
    if (accept('|')) {
      // fork to here or behind; what is here jumps over the others.
      steps().insert(steps().begin() + static_cast<ptrdiff_t>(begin), Step{});
      const size_t jump = steps().size();
      steps().push_back({});
      AIGW_TRY(alternation());
      steps()[begin] = {Kind::fork, 1, static_cast<int32_t>(jump + 1 - begin)};
      steps()[jump] = {Kind::jump, static_cast<int32_t>(steps().size() - jump), 0};
    }
    --depth_;
    return {};
  }

  Result<void> sequence() {
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      const size_t begin = steps().size();
      AIGW_TRY(atom());
      AIGW_TRY(repetition(begin));
      if (steps().size() > limits::cel_pattern_steps_max) return wrong("the pattern is too large");
    }
    return {};
  }

  Result<void> atom() {
    const char c = rest_.front();
    if (Bytes("*+?").find(c) != Bytes::npos) return wrong("nothing to repeat");
    if (c == '(') return group();
    if (c == '[') return bracket();
    if (c == '\\') return escaped();
    if (c == '.' || c == '^' || c == '$') {
      rest_.remove_prefix(1);
      if (c != '.') {
        steps().push_back({c == '^' ? Kind::begin : Kind::end});
        return {};
      }
      constexpr Range kLineEnd[] = {{'\n', '\n'}};
      add(Kind::none_of, kLineEnd);
      return {};
    }
    const uint32_t character = take_character(rest_);
    add_character(character);
    return {};
  }

  void add(Kind kind, std::span<const Range> ranges) {
    const int32_t first = static_cast<int32_t>(out_.ranges_.size());
    out_.ranges_.insert(out_.ranges_.end(), ranges.begin(), ranges.end());
    steps().push_back({kind, first, static_cast<int32_t>(out_.ranges_.size())});
  }

  void add_character(uint32_t c) {
    std::vector<Range> ranges;
    add_range({c, c}, ranges);
    add(Kind::one_of, ranges);
  }

  // Of letters also the others' case, where that is asked for; beyond ASCII it is not known.
  void add_range(Range range, std::vector<Range>& ranges) const {
    ranges.push_back(range);
    if (!ignores_case_) return;
    for (const auto& [first, last, other] : {std::tuple{'a', 'z', 'A'}, {'A', 'Z', 'a'}}) {
      const uint32_t low = std::max(range.first, static_cast<uint32_t>(first));
      const uint32_t high = std::min(range.last, static_cast<uint32_t>(last));
      const uint32_t shift = static_cast<uint32_t>(other) - static_cast<uint32_t>(first);
      if (low <= high) ranges.push_back({low + shift, high + shift});
    }
  }

  Result<void> group() {
    rest_.remove_prefix(1);
    if (rest_.starts_with("?:")) {
      rest_.remove_prefix(2);
    } else if (rest_.starts_with("?")) {
      return wrong("groups have no other flags here than ?:");
    }
    AIGW_TRY(alternation());
    return accept(')') ? Result<void>() : wrong("a parenthesis that is not closed");
  }

  static std::optional<std::span<const Range>> named_class(char c) {
    switch (c) {
      case 'd':
      case 'D':
        return kDigits;
      case 'w':
      case 'W':
        return kWords;
      case 's':
      case 'S':
        return kSpaces;
      default:
        return std::nullopt;
    }
  }

  Result<void> escaped() {
    if (rest_.size() < 2) return wrong("a backslash at the end");
    const char c = rest_[1];
    if (const auto ranges = named_class(c)) {
      rest_.remove_prefix(2);
      add(c >= 'a' ? Kind::one_of : Kind::none_of, *ranges);
      return {};
    }
    if (c == 'b' || c == 'B') {
      rest_.remove_prefix(2);
      steps().push_back({c == 'b' ? Kind::boundary : Kind::no_boundary});
      return {};
    }
    const Result<uint32_t> character = escaped_character();
    if (!character) return character.error();
    add_character(*character);
    return {};
  }

  // At the backslash, of one that stands for a character.
  Result<uint32_t> escaped_character() {
    const char c = rest_.size() < 2 ? '\0' : rest_[1];
    constexpr Bytes kShort = "nrtfv";
    constexpr Bytes kMeant = "\n\r\t\f\v";
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c == '\0' || (is_letter && kShort.find(c) == Bytes::npos)) return wrong("an escape that is not known here");
    rest_.remove_prefix(1);
    if (!is_letter) return take_character(rest_);
    rest_.remove_prefix(1);
    return static_cast<uint32_t>(kMeant[kShort.find(c)]);
  }

  Result<void> bracket() {
    rest_.remove_prefix(1);
    const bool negated = accept('^');
    std::vector<Range> ranges;
    for (bool first = true; first || !rest_.starts_with(']'); first = false) {
      if (rest_.empty()) return wrong("a class that is not closed");
      const auto named = rest_.starts_with('\\') && rest_.size() > 1 ? named_class(rest_[1]) : std::nullopt;
      if (named) {
        if (rest_[1] < 'a') return wrong("a negated class in a class is not known here");
        ranges.insert(ranges.end(), named->begin(), named->end());
        rest_.remove_prefix(2);
        continue;
      }
      if (rest_.starts_with("[:")) return wrong("named classes are not known here");
      const Result<uint32_t> low = class_character();
      if (!low) return low.error();
      uint32_t high = *low;
      if (rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']') {
        rest_.remove_prefix(1);
        const Result<uint32_t> end = class_character();
        if (!end) return end.error();
        high = *end;
        if (high < *low) return wrong("a range that ends before it begins");
      }
      add_range({*low, high}, ranges);
    }
    rest_.remove_prefix(1);
    add(negated ? Kind::none_of : Kind::one_of, ranges);
    return {};
  }

  Result<uint32_t> class_character() {
    if (rest_.empty()) return wrong("a class that is not closed");
    return rest_.front() == '\\' ? escaped_character() : Result<uint32_t>(take_character(rest_));
  }

  struct Times {
    size_t min = 1;
    std::optional<size_t> max = 1;  // nothing: any number
  };

  // {m}, {m,} or {m,n}; where it is none of them, the brace is a character like others, as for RE2.
  std::optional<Times> braces() {
    Times times;
    Bytes text = rest_.substr(1);
    const auto number = [&](size_t& out) {
      const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
      text.remove_prefix(static_cast<size_t>(end - text.data()));
      return problem == std::errc();
    };
    if (!number(times.min)) return std::nullopt;
    times.max = times.min;
    if (text.starts_with(',')) {
      text.remove_prefix(1);
      size_t max = 0;
      times.max = text.starts_with('}') ? std::nullopt : std::optional<size_t>(0);
      if (times.max && !number(max)) return std::nullopt;
      if (times.max) times.max = max;
    }
    if (!text.starts_with('}')) return std::nullopt;
    rest_ = text.substr(1);
    return times;
  }

  Result<void> repetition(size_t begin) {
    Times times;
    if (rest_.empty()) return {};
    const char mark = rest_.front();
    if (mark == '*' || mark == '+') {
      times = {mark == '*' ? 0u : 1u, std::nullopt};
      rest_.remove_prefix(1);
    } else if (mark == '?') {
      times.min = 0;
      rest_.remove_prefix(1);
    } else if (mark == '{') {
      const std::optional<Times> found = braces();
      if (!found) return {};
      times = *found;
    } else {
      return {};
    }
    accept('?');  // how long a match is does not matter here
    if (!rest_.empty() && Bytes("*+").find(rest_.front()) != Bytes::npos) return wrong("a repetition of a repetition");
    if (times.max && *times.max < times.min) return wrong("a wrong number of times");
    return repeat(begin, times);
  }

  Result<void> repeat(size_t begin, Times times) {
    const std::vector<Step> once(steps().begin() + static_cast<ptrdiff_t>(begin), steps().end());
    steps().resize(begin);
    const int32_t size = static_cast<int32_t>(once.size());
    constexpr size_t kMost = limits::cel_pattern_steps_max;
    const size_t copies = times.max ? *times.max : std::min(times.min, kMost) + 1;
    // Looked at by itself first, since any number may be written.
    if (copies > kMost || begin + copies * (once.size() + 2) > kMost) return wrong("the pattern is too large");
    const auto copy = [&] { steps().insert(steps().end(), once.begin(), once.end()); };
    for (size_t i = 0; i < times.min; ++i) copy();
    if (!times.max) {
      steps().push_back({Kind::fork, 1, size + 2});
      copy();
      steps().push_back({Kind::jump, -size - 1, 0});
      return {};
    }
    for (size_t i = times.min; i < *times.max; ++i) {
      steps().push_back({Kind::fork, 1, size + 1});
      copy();
    }
    return {};
  }

  Bytes rest_;
  Bytes whole_;
  Pattern out_;
  bool ignores_case_ = false;
  size_t depth_ = 0;
};

Result<Pattern> Pattern::compile(Bytes text) { return PatternParser(text).parse(); }

namespace {

// A set of steps, each held once. Adding one follows the forks.
class Places {
 public:
  Places(const std::vector<Step>& steps) : steps_(steps) {}

  void clear() {
    count_ = 0;
    held_.fill(0);
    matches_ = false;
  }

  // `before` and `after` are the characters around the place in the text.
  void add(size_t place, uint32_t before, uint32_t after) {
    std::array<uint16_t, limits::cel_pattern_steps_max + 1> waiting;
    size_t waits = 0;
    const auto wait = [&](size_t at) {
      uint64_t& word = held_[at / 64];
      const uint64_t bit = uint64_t{1} << at % 64;
      if ((word & bit) == 0) waiting[waits++] = static_cast<uint16_t>(at);
      word |= bit;
    };
    wait(place);
    while (waits > 0) {
      const size_t at = waiting[--waits];
      if (at == steps_.size()) {
        matches_ = true;
        continue;
      }
      const Step& step = steps_[at];
      const auto target = [at](int32_t by) { return static_cast<size_t>(static_cast<int32_t>(at) + by); };
      const bool boundary = is_word(before) != is_word(after);
      switch (step.kind) {
        case Kind::fork:
          wait(target(step.b));
          [[fallthrough]];
        case Kind::jump:
          wait(target(step.a));
          break;
        case Kind::begin:
          if (before == kNone) wait(at + 1);
          break;
        case Kind::end:
          if (after == kNone) wait(at + 1);
          break;
        case Kind::boundary:
          if (boundary) wait(at + 1);
          break;
        case Kind::no_boundary:
          if (!boundary) wait(at + 1);
          break;
        case Kind::one_of:
        case Kind::none_of:
          places_[count_++] = static_cast<uint16_t>(at);
          break;
      }
    }
  }

  bool matches() const { return matches_; }
  std::span<const uint16_t> places() const { return {places_.data(), count_}; }

 private:
  const std::vector<Step>& steps_;
  std::array<uint16_t, limits::cel_pattern_steps_max + 1> places_;
  std::array<uint64_t, limits::cel_pattern_steps_max / 64 + 1> held_{};
  size_t count_ = 0;
  bool matches_ = false;
};

}  // namespace

bool Pattern::is_in(Bytes text) const {
  Places now(steps_), next(steps_);
  uint32_t before = kNone;
  uint32_t here = text.empty() ? kNone : take_character(text);
  while (true) {
    now.add(0, before, here);  // a match may begin anywhere
    if (now.matches()) return true;
    if (here == kNone) return false;
    const uint32_t after = text.empty() ? kNone : take_character(text);
    next.clear();
    for (const uint16_t place : now.places()) {
      const Step& step = steps_[place];
      bool inside = false;
      for (int32_t i = step.a; i < step.b && !inside; ++i) {
        const Range& range = ranges_[static_cast<size_t>(i)];
        inside = here >= range.first && here <= range.last;
      }
      if (inside == (step.kind == Kind::one_of)) next.add(place + 1u, here, after);
    }
    if (next.matches()) return true;
    std::swap(before, here);
    here = after;
    now.clear();
    for (const uint16_t place : next.places()) now.add(place, before, here);
  }
}

}  // namespace aigw::policy::cel
