// Typed reading of a tree. The first thing that is not as it must be is kept, with its path, and
// reading goes on with emptiness; so a decoder reads straight through and looks at ok() once per
// loop or at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "json/cursor.h"

namespace aigw::json {

class Reader {
 public:
  // `root` outlives the reader. A failure is of the kind `otherwise`.
  explicit Reader(const Value& root, FailureKind otherwise = FailureKind::malformed_request)
      : root_(root), otherwise_(otherwise) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // All of these take null for absent, and fail on a value of another type.
  Bytes string(const Value& value);                          // "" when absent
  std::optional<Bytes> optional_string(const Value& value);  // tells "" from absent
  Bytes number(const Value& value);                          // its JSON text, empty when absent
  std::optional<uint64_t> count(const Value& value);         // a whole number that fits
  std::optional<bool> boolean(const Value& value);
  Bytes object_text(const Value& value);                // an object's raw JSON, empty when absent
  std::span<const Value> elements(const Value& value);  // of an array
  std::span<const Value> members(const Value& value);   // of an object

  // The same for a member that has to be there.
  Bytes required_string(const Value& object, Bytes name);
  std::span<const Value> required_elements(const Value& object, Bytes name);

  // Notes a failure at a value that exists: "messages[3].role: must be user or assistant".
  void fail(const Value& at, Bytes complaint);
  // Notes that `object` lacks `name`: "messages[3].role: required".
  void missing(const Value& object, Bytes name);

  bool ok() const { return !failure_.has_value(); }
  // What was noted first.
  Result<void> result() const;

 private:
  void fail_at(std::string path, Bytes complaint);

  const Value& root_;
  FailureKind otherwise_;
  std::optional<Failure> failure_;
};

}  // namespace aigw::json
