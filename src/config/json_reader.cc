// JSON by RFC 8259, nothing more: no comments, no trailing commas, no NaN. One pass, one recursion
// a level.
#include <algorithm>
#include <string>
#include <utility>

#include "base/limits.h"
#include "config/tree.h"

namespace aigw::config {
namespace {

class JsonReader {
 public:
  JsonReader(Bytes text, size_t nodes_max) : text_(text), nodes_max_(nodes_max) {}

  Tree read() {
    Tree tree;
    tree.well_formed = value(tree.root, 0);
    if (tree.well_formed) {
      skip_space();
      if (at_ != text_.size()) tree.well_formed = fail("text after the end of the JSON value");
    }
    tree.problems = std::move(problems_);
    return tree;
  }

 private:
  Place place() const { return {line_, static_cast<int>(at_ - line_start_) + 1}; }
  bool fail(std::string message) { return fail(place(), std::move(message)); }
  bool fail(Place place, std::string message) {
    problems_.push_back({place, "not valid JSON: " + std::move(message)});
    return false;
  }

  bool at_end() const { return at_ == text_.size(); }
  bool next_is(char c) const { return !at_end() && text_[at_] == c; }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  bool take(Bytes word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  void skip_space() {
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }

  bool value(Node& node, size_t depth) {
    skip_space();
    node.place = place();
    if (at_end()) return fail("the text ends where a value is expected");
    if (depth >= limits::config_depth_max) return fail("nested too deeply");
    if (++nodes_ > nodes_max_) return fail("too many values");
    switch (text_[at_]) {
      case '{': return object(node, depth);
      case '[': return array(node, depth);
      case '"': node.kind = Node::Kind::string; return string(node.text);
      default: return word(node);
    }
  }

  bool word(Node& node) {
    if (take("null")) return true;
    node.kind = Node::Kind::boolean;
    if (take("true")) return node.boolean = true;
    if (take("false")) return true;
    node.kind = Node::Kind::number;
    return number(node.text);
  }

  bool digits() {
    const size_t from = at_;
    while (!at_end() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ != from;
  }

  bool number(std::string& out) {
    const size_t from = at_;
    const Place start = place();
    take('-');
    bool valid = take('0') || digits();
    if (valid && take('.')) valid = digits();
    if (valid && (take('e') || take('E'))) {
      if (!take('+')) take('-');
      valid = digits();
    }
    if (!valid) return fail(start, "a value is expected");
    out = text_.substr(from, at_ - from);
    return true;
  }

  bool object(Node& node, size_t depth) {
    node.kind = Node::Kind::map;
    ++at_;
    skip_space();
    if (!take('}')) {
      do {
        skip_space();
        if (!next_is('"')) return fail("a key in double quotes is expected");
        std::string key;
        const Place key_place = place();
        if (!string(key)) return false;
        skip_space();
        if (!take(':')) return fail("a colon is expected after the key");
        Node& member = node.children.emplace_back();
        member.key = std::move(key);
        member.key_place = key_place;
        if (!value(member, depth + 1)) return false;
        skip_space();
      } while (take(','));
      if (!take('}')) return fail("a comma or } is expected");
    }
    report_duplicate_keys(node, problems_);
    return true;
  }

  bool array(Node& node, size_t depth) {
    node.kind = Node::Kind::sequence;
    ++at_;
    skip_space();
    if (take(']')) return true;
    do {
      if (!value(node.children.emplace_back(), depth + 1)) return false;
      skip_space();
    } while (take(','));
    return take(']') || fail("a comma or ] is expected");
  }

  // How long the string is that begins here, with its escapes as they stand.
  size_t string_size() const {
    size_t end = at_;
    while ((end = text_.find_first_of("\"\\", end)) != Bytes::npos && text_[end] == '\\') end += 2;
    return std::min(end, text_.size()) - at_;
  }

  bool string(std::string& out) {
    const Place start = place();
    ++at_;
    out.reserve(string_size());  // a text that grows leaves pieces of a secret behind
    while (true) {
      const size_t end = text_.find_first_of("\"\\\n\r\t", at_);
      if (end == Bytes::npos) return fail(start, "the string has no end");
      out.append(text_, at_, end - at_);
      at_ = end;
      if (take('"')) return true;
      if (!take('\\')) return fail("a line end or tab in a string has to be escaped");
      if (!escape(out)) return false;
    }
  }

  bool escape(std::string& out) {
    if (at_end()) return fail("the string has no end");
    const char c = text_[at_++];
    switch (c) {
      case '"': case '\\': case '/': out += c; return true;
      case 'b': out += '\b'; return true;
      case 'f': out += '\f'; return true;
      case 'n': out += '\n'; return true;
      case 'r': out += '\r'; return true;
      case 't': out += '\t'; return true;
      case 'u': return unicode(out);
      default: --at_; return fail("not an escape that JSON has");
    }
  }

  bool hex4(uint32_t& out) {
    out = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_end() ? '\0' : text_[at_];
      uint32_t digit = 0;
      if (c >= '0' && c <= '9') {
        digit = static_cast<uint32_t>(c - '0');
      } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        digit = static_cast<uint32_t>((c | 0x20) - 'a') + 10;
      } else {
        return fail("four hexadecimal digits are expected after \\u");
      }
      out = out << 4 | digit;
    }
    return true;
  }

  bool unicode(std::string& out) {
    uint32_t code = 0;
    if (!hex4(code)) return false;
    if (code == 0) return fail("a string may not hold a NUL");
    if (code >= 0xd800 && code < 0xe000) {
      uint32_t low = 0;
      if (code >= 0xdc00 || !take("\\u")) return fail("half of a surrogate pair");
      if (!hex4(low)) return false;
      if (low < 0xdc00 || low >= 0xe000) return fail("half of a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(code, out);
    return true;
  }

  static void append_utf8(uint32_t code, std::string& out) {
    const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
    const auto tail = [&](int shift) { put(0x80 | (code >> shift & 0x3f)); };
    if (code < 0x80) return put(code);
    if (code < 0x800) {
      put(0xc0 | code >> 6);
    } else {
      if (code < 0x10000) {
        put(0xe0 | code >> 12);
      } else {
        put(0xf0 | code >> 18);
        tail(12);
      }
      tail(6);
    }
    tail(0);
  }

  Bytes text_;
  size_t nodes_max_;
  size_t at_ = 0;
  int line_ = 1;
  size_t line_start_ = 0;
  size_t nodes_ = 0;
  std::vector<Problem> problems_;
};

}  // namespace

Tree parse_json(Bytes text, size_t nodes_max) { return JsonReader(text, nodes_max).read(); }

}  // namespace aigw::config
