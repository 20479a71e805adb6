// Reads a whole JSON document into a tree for the hub lane. simdjson's On-Demand API does the work
// and is hidden in cursor.cc, because its header is slow to compile.
//
// The document is copied once into the arena, contiguous and padded as simdjson needs it. Every
// value keeps its raw text, so that tool schemas, tool arguments and members nobody knows travel as
// they came. A string without an escape is a view of the copy, one with an escape is unescaped into
// the arena.
//
// Strict as RFC 8259 and UTF-8 throughout; a lone surrogate escape becomes U+FFFD in the unescaped
// text. The root is an object or an array. Bounds: limits::json_depth_max levels,
// limits::json_values_max values, 4 GiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "json/kind.h"

namespace aigw::json {

// A value of the tree; what it shows lives as long as the arena. Asking a value for what it is not
// gives emptiness (an object has no elements, a number no text), so a decoder asks first or uses
// Reader.
class Value {
 public:
  constexpr Value() = default;

  Kind kind() const { return kind_; }
  // Stands in the document; null does.
  bool exists() const { return kind_ != Kind::absent; }
  // Most dialects take a member that is null for one that is not there.
  bool exists_and_not_null() const { return kind_ != Kind::absent && kind_ != Kind::null; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_object() const { return kind_ == Kind::object; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_number() const { return kind_ == Kind::number; }
  bool is_true() const { return kind_ == Kind::boolean_true; }

  // The value's JSON exactly as it stands in the document, brackets or quotes included; empty when
  // absent.
  Bytes raw() const { return {raw_, raw_size_}; }

  // A string's text, unescaped; empty for all else.
  Bytes text() const {
    return is_string() ? Bytes(static_cast<const char*>(data_), size_) : Bytes();
  }

  // The same text with its escapes, as a JSON string holds it between its quotes. Empty where it
  // can not stand for text(), whose lone surrogates are replaced.
  Bytes escaped_text() const {
    return is_string() && !repaired_ ? Bytes(raw_ + 1, raw_size_ - 2) : Bytes();
  }

  // What a value is called in its object, unescaped; empty for elements and the root.
  Bytes name() const { return {name_, name_size_}; }

  // An object's members in document order, duplicates included.
  std::span<const Value> members() const {
    return is_object() ? children() : std::span<const Value>();
  }
  // An array's elements.
  std::span<const Value> elements() const {
    return is_array() ? children() : std::span<const Value>();
  }

  // The member of that name, the last one where there are several; an absent value where there is
  // none.
  const Value& operator[](Bytes name) const;

 private:
  friend class Builder;
  std::span<const Value> children() const { return {static_cast<const Value*>(data_), size_}; }

  const char* name_ = nullptr;
  const char* raw_ = nullptr;
  const void* data_ = nullptr;  // a string's text, or the children
  uint32_t name_size_ = 0;
  uint32_t raw_size_ = 0;
  uint32_t size_ = 0;
  Kind kind_ = Kind::absent;
  bool repaired_ = false;  // a string with a lone surrogate
};

// Where `value` stands below `root`, as "messages[3].content[0].type"; empty for the root itself.
std::string path_of(const Value& root, const Value& value);

// Parses one document after the other and keeps simdjson's buffers between them. Not for two
// threads at a time.
class Parser {
 public:
  Parser();
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // The tree of `document`, in `arena`. The slices are not needed after the call. Not JSON, or
  // beyond a bound: a failure of the kind `otherwise`, saying where.
  Result<Value> parse(Slices document, Arena& arena,
                      FailureKind otherwise = FailureKind::malformed_request);
  Result<Value> parse(Bytes document, Arena& arena,
                      FailureKind otherwise = FailureKind::malformed_request);

 private:
  struct Simdjson;
  std::unique_ptr<Simdjson> simdjson_;
};

}  // namespace aigw::json
