// The little of HTTP/1.1 that the load generator and the upstream of the benchmark speak: message
// heads with a content-length or chunked bodies. Whatever else comes is an error there.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace aigw::bench {

// The bytes of a message's head with its final blank line, or 0 while that has not come.
inline size_t head_size(std::string_view bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  return end == std::string_view::npos ? 0 : end + 4;
}

// Compares ASCII text with `lower`, which is in lower case.
inline bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != lower[i]) return false;
  }
  return true;
}

// The value of the first header of this lower-case name. A view into `head`.
inline std::optional<std::string_view> find_header(std::string_view head, std::string_view name) {
  for (size_t at = head.find("\r\n"); at != std::string_view::npos;) {
    const size_t begin = at + 2;
    at = head.find("\r\n", begin);
    if (at == std::string_view::npos) break;
    const std::string_view line = head.substr(begin, at - begin);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !equals_lower(line.substr(0, colon), name)) continue;
    const size_t value = line.find_first_not_of(' ', colon + 1);
    return value == std::string_view::npos ? std::string_view() : line.substr(value);
  }
  return std::nullopt;
}

inline std::optional<uint64_t> parse_number(std::string_view text, int base = 10) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Takes the framing off a chunked body, piece by piece. Knows no chunk extensions and no trailers.
class ChunkDecoder {
 public:
  enum class State : uint8_t {
    size,
    size_end,
    data,
    data_cr,
    data_lf,
    last_cr,
    last_lf,
    done,
    bad
  };

  // Gives `sink` what `bytes` hold of the content and returns how many bytes it has read, which is
  // less than all only when done or bad.
  template <class Sink>
  size_t feed(std::string_view bytes, Sink&& sink) {
    size_t at = 0;
    while (at < bytes.size() && state_ != State::done && state_ != State::bad) {
      if (state_ != State::data) {
        step(bytes[at++]);
        continue;
      }
      const std::string_view piece = bytes.substr(at, static_cast<size_t>(left_));
      sink(piece);
      at += piece.size();
      left_ -= piece.size();
      if (left_ == 0) state_ = State::data_cr;
    }
    return at;
  }

  State state() const { return state_; }

 private:
  void step(char c) {
    switch (state_) {
      case State::size:
        if (c == '\r' && digits_ > 0) {
          state_ = State::size_end;
        } else if (std::optional<uint64_t> digit = parse_number({&c, 1}, 16);
                   digit && digits_ < 8) {
          left_ = left_ * 16 + *digit;
          ++digits_;
        } else {
          state_ = State::bad;
        }
        return;
      case State::size_end:
        digits_ = 0;
        return expect(c, '\n', left_ == 0 ? State::last_cr : State::data);
      case State::data_cr:
        return expect(c, '\r', State::data_lf);
      case State::data_lf:
        return expect(c, '\n', State::size);
      case State::last_cr:
        return expect(c, '\r', State::last_lf);
      case State::last_lf:
        return expect(c, '\n', State::done);
      case State::data:
      case State::done:
      case State::bad:
        return;
    }
  }
  void expect(char c, char wanted, State next) { state_ = c == wanted ? next : State::bad; }

  State state_ = State::size;
  uint64_t left_ = 0;  // of the chunk
  int digits_ = 0;
};

}  // namespace aigw::bench
