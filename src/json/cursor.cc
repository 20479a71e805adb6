// The only file that includes simdjson.
//
// simdjson finds the tokens of the whole document in one pass with the widest instructions that the
// CPU has, and checks UTF-8 and control characters in strings on the way; On-Demand then steps over
// the tokens. It checks a scalar only when it is asked to convert it. Nothing is converted here, so
// literals, numbers and escapes are checked by us, and the text of a container is closed by looking
// for its bracket behind its last child.
//
// Children have to be contiguous but come interleaved with their own children: each waits on a
// common stack until its container ends, when the container's run is copied into the arena.
#include "json/cursor.h"

#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "base/limits.h"
#include "json/text.h"

namespace aigw::json {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr Value kAbsent;
// Known by their addresses.
constexpr char kTooDeep[] = "the JSON is nested too deeply";
constexpr char kTooManyValues[] = "the JSON has too many values";
constexpr size_t kCapacityMin = 1024;  // streams parse thousands of small documents

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// RFC 8259 §6, between `at` and `end`.
bool is_number(const char* at, const char* end) {
  const auto digits = [&] {
    const char* first = at;
    while (at != end && is_digit(*at)) ++at;
    return at != first;
  };
  if (at != end && *at == '-') ++at;
  if (at != end && *at == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (at != end && *at == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (!digits()) return false;
  }
  return at == end;
}

// What a failure says; nullptr is success.
using Error = const char*;

Limit limit_of(Error error) {
  if (error == kTooDeep) return Limit::json_depth;
  return error == kTooManyValues ? Limit::json_values : Limit::none;
}

// Throws where there is no memory: that is nobody's bad JSON.
Error describe(simdjson::error_code error) {
  switch (static_cast<int>(error)) {
    case simdjson::CAPACITY:
      return "the JSON is too large";
    case simdjson::MEMALLOC:
      throw std::bad_alloc();
    case simdjson::DEPTH_ERROR:
      return kTooDeep;
    case simdjson::UTF8_ERROR:
      return "the JSON is not UTF-8";
    case simdjson::EMPTY:
      return "the JSON is empty";
    case simdjson::UNESCAPED_CHARS:
      return "a control character in a JSON string";
    case simdjson::UNCLOSED_STRING:
      return "a JSON string does not end";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "the JSON does not end";
    default:
      return "malformed JSON";
  }
}

}  // namespace

// Builds the tree of one document, below `end`.
class Builder {
 public:
  Builder(Arena& arena, std::vector<Value>& stack, const char* begin, const char* end)
      : arena_(arena), stack_(stack), where_(begin), end_(end) {}

  Error object(ondemand::object object, const char* begin, size_t depth, Value& out);
  Error array(ondemand::array array, const char* begin, size_t depth, Value& out);

  // The last token that was looked at.
  const char* where() const { return where_; }

 private:
  Error value(ondemand::value value, size_t depth, Value& out);
  Error scalar(const char* begin, const char* end, Kind kind, Value& out);
  Error string(const char* begin, const char* end, Value& out);
  Error name(const char* begin, Value& out);
  Error unescaped(Bytes content, bool escaped, Bytes& out, bool& repaired);
  Error push(const Value& child);
  Error close(Kind kind, const char* begin, size_t first_child, Value& out);

  Arena& arena_;
  std::vector<Value>& stack_;
  const char* where_;
  const char* end_;
  size_t count_ = 0;
};

Error Builder::object(ondemand::object object, const char* begin, size_t depth, Value& out) {
  const size_t first = stack_.size();
  for (auto result : object) {
    ondemand::field field;
    if (const auto error = std::move(result).get(field)) return describe(error);
    Value child;
    if (Error error = name(field.key().raw(), child)) return error;
    if (Error error = value(field.value(), depth + 1, child)) return error;
    if (Error error = push(child)) return error;
  }
  return close(Kind::object, begin, first, out);
}

Error Builder::array(ondemand::array array, const char* begin, size_t depth, Value& out) {
  const size_t first = stack_.size();
  for (auto result : array) {
    ondemand::value element;
    if (const auto error = std::move(result).get(element)) return describe(error);
    Value child;
    if (Error error = value(element, depth + 1, child)) return error;
    if (Error error = push(child)) return error;
  }
  return close(Kind::array, begin, first, out);
}

Error Builder::value(ondemand::value value, size_t depth, Value& out) {
  // From the first byte of the value to the first byte of the next token.
  const std::string_view token = value.raw_json_token();
  const char* begin = token.data();
  const char* end = begin + token.size();
  where_ = begin;
  while (end != begin && is_space(end[-1])) --end;
  if (begin == end) return "malformed JSON";
  // On-Demand steps over a string that a colon follows as if it were a name.
  const bool is_scalar = *begin != '{' && *begin != '[';
  const char after = token.data()[token.size()];  // the padding at the latest
  if (is_scalar && after != ',' && after != '}' && after != ']') return "malformed JSON";
  switch (*begin) {
    case '{': {
      if (depth > limits::json_depth_max) return kTooDeep;
      ondemand::object object;
      if (const auto error = value.get_object().get(object)) return describe(error);
      return this->object(object, begin, depth, out);
    }
    case '[': {
      if (depth > limits::json_depth_max) return kTooDeep;
      ondemand::array array;
      if (const auto error = value.get_array().get(array)) return describe(error);
      return this->array(array, begin, depth, out);
    }
    case '"':
      return string(begin, end, out);
    case 't':
      return scalar(begin, end, Kind::boolean_true, out);
    case 'f':
      return scalar(begin, end, Kind::boolean_false, out);
    case 'n':
      return scalar(begin, end, Kind::null, out);
    default:
      return scalar(begin, end, Kind::number, out);
  }
}

Error Builder::scalar(const char* begin, const char* end, Kind kind, Value& out) {
  const Bytes token(begin, static_cast<size_t>(end - begin));
  const bool valid = kind == Kind::boolean_true    ? token == "true"
                     : kind == Kind::boolean_false ? token == "false"
                     : kind == Kind::null          ? token == "null"
                                                   : is_number(begin, end);
  if (!valid) return "malformed JSON";
  out.kind_ = kind;
  out.raw_ = begin;
  out.raw_size_ = static_cast<uint32_t>(token.size());
  return nullptr;
}

Error Builder::string(const char* begin, const char* end, Value& out) {
  const auto size = static_cast<size_t>(end - begin);
  if (size < 2 || end[-1] != '"') return "malformed JSON";
  const Bytes content(begin + 1, size - 2);
  const bool escaped = std::memchr(content.data(), '\\', content.size()) != nullptr;
  Bytes text;
  if (Error error = unescaped(content, escaped, text, out.repaired_)) return error;
  out.kind_ = Kind::string;
  out.raw_ = begin;
  out.raw_size_ = static_cast<uint32_t>(size);
  out.data_ = text.data();
  out.size_ = static_cast<uint32_t>(text.size());
  return nullptr;
}

// `begin` is behind the opening quote; simdjson vouches for a closing one.
Error Builder::name(const char* begin, Value& out) {
  where_ = begin - 1;
  const char* at = begin;
  bool escaped = false;
  for (; at < end_ && *at != '"'; ++at) {
    if (*at == '\\') {
      escaped = true;
      ++at;
    }
  }
  if (at >= end_) return "malformed JSON";
  Bytes text;
  const Bytes content(begin, static_cast<size_t>(at - begin));
  bool repaired;
  if (Error error = unescaped(content, escaped, text, repaired)) return error;
  out.name_ = text.data();
  out.name_size_ = static_cast<uint32_t>(text.size());
  return nullptr;
}

Error Builder::unescaped(Bytes content, bool escaped, Bytes& out, bool& repaired) {
  out = content;
  repaired = false;
  if (!escaped) return nullptr;
  char* to = arena_.allocate(content.size());
  const std::optional<size_t> size = unescape(content, to, repaired);
  if (!size) return "a malformed escape in a JSON string";
  out = {to, *size};
  return nullptr;
}

Error Builder::push(const Value& child) {
  if (++count_ >= limits::json_values_max) return kTooManyValues;
  stack_.push_back(child);
  return nullptr;
}

Error Builder::close(Kind kind, const char* begin, size_t first_child, Value& out) {
  const std::span<const Value> children(stack_.data() + first_child, stack_.size() - first_child);
  const char* at = children.empty() ? begin + 1 : children.back().raw_ + children.back().raw_size_;
  while (at < end_ && is_space(*at)) ++at;
  if (at >= end_ || *at != (kind == Kind::object ? '}' : ']')) return "malformed JSON";
  const std::span<Value> kept = arena_.copy_array(children);
  stack_.resize(first_child);
  out.kind_ = kind;
  out.raw_ = begin;
  out.raw_size_ = static_cast<uint32_t>(at + 1 - begin);
  out.data_ = kept.data();
  out.size_ = static_cast<uint32_t>(kept.size());
  return nullptr;
}

const Value& Value::operator[](Bytes name) const {
  const std::span<const Value> all = members();
  for (size_t i = all.size(); i-- > 0;) {
    if (all[i].name() == name) return all[i];
  }
  return kAbsent;
}

std::string path_of(const Value& root, const Value& value) {
  std::string path;
  const Value* at = &root;
  const char* target = value.raw().data();
  while (at->raw().data() != target) {
    const std::span<const Value> children = at->is_object() ? at->members() : at->elements();
    size_t i = 0;
    while (i < children.size() && target >= children[i].raw().data() + children[i].raw().size())
      ++i;
    if (i == children.size() || target < children[i].raw().data()) break;  // not below `root`
    if (at->is_array()) {
      path += '[' + std::to_string(i) + ']';
    } else {
      if (!path.empty()) path += '.';
      path += children[i].name().substr(0, limits::quoted_in_error_max);
    }
    at = &children[i];
  }
  return path;
}

struct Parser::Simdjson {
  ondemand::parser parser;
  std::vector<Value> stack;
};

Parser::Parser() : simdjson_(std::make_unique<Simdjson>()) {}
Parser::~Parser() = default;

namespace {

// Walks the document at `text`, which has simdjson's padding behind it.
Error build(ondemand::parser& parser, Builder& builder, const char* text, size_t size,
            Value& root) {
  if (size > parser.capacity()) {
    const size_t capacity =
        std::min(std::bit_ceil(std::max(size, kCapacityMin)), parser.max_capacity());
    const auto error = parser.allocate(capacity, limits::json_depth_max + 2);
    if (error) return describe(error);
  }
  ondemand::document document;
  const auto error = parser.iterate(text, size, size + simdjson::SIMDJSON_PADDING).get(document);
  if (error) return describe(error);

  const char* end = text + size;
  const char* begin = text;
  while (begin != end && is_space(*begin)) ++begin;
  Error failed = "JSON that is neither an object nor an array";
  if (begin != end && *begin == '{') {
    ondemand::object object;
    if (const auto code = document.get_object().get(object)) return describe(code);
    failed = builder.object(object, begin, 1, root);
  } else if (begin != end && *begin == '[') {
    ondemand::array array;
    if (const auto code = document.get_array().get(array)) return describe(code);
    failed = builder.array(array, begin, 1, root);
  }
  if (failed) return failed;
  const char* rest = root.raw().data() + root.raw().size();
  return std::all_of(rest, end, is_space) ? nullptr : "something follows the JSON";
}

}  // namespace

Result<Value> Parser::parse(Slices document, Arena& arena, FailureKind otherwise) {
  const size_t size = total_size(document);
  // simdjson counts in 32 bits.
  if (size > std::numeric_limits<uint32_t>::max() - simdjson::SIMDJSON_PADDING) {
    return Failure{otherwise, describe(simdjson::CAPACITY)};
  }
  char* text = arena.allocate(size + simdjson::SIMDJSON_PADDING);
  char* to = text;
  for (Bytes slice : document) to = std::copy(slice.begin(), slice.end(), to);
  std::memset(to, 0, simdjson::SIMDJSON_PADDING);

  simdjson_->stack.clear();
  Builder builder(arena, simdjson_->stack, text, text + size);
  Value root;
  if (Error error = build(simdjson_->parser, builder, text, size, root)) {
    const auto offset = static_cast<size_t>(builder.where() - text);
    std::string message = error;
    if (offset != 0) message += " near byte " + std::to_string(offset);
    return Failure{otherwise, std::move(message), limit_of(error)};
  }
  return root;
}

Result<Value> Parser::parse(Bytes document, Arena& arena, FailureKind otherwise) {
  return parse(Slices(&document, 1), arena, otherwise);
}

}  // namespace aigw::json
