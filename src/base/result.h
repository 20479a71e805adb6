// Result<T>: a value or a Failure. No exception carries an expected outcome.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace aigw {

// Whose fault a failure is: it decides what is logged and what may be retried.
enum class Side : uint8_t { client, gateway, upstream };

enum class FailureKind : uint8_t {
  malformed_request,       // 400: the body or its members are not what the endpoint takes
  unauthorized,            // 401
  not_found,               // 404: no such endpoint, or no route for the model
  method_not_allowed,      // 405
  request_too_large,       // 413
  unsupported_media_type,  // 415
  unprocessable,           // 422: well formed, but this backend cannot do it
  internal,                // 500: ours
  bad_upstream,            // 502: the provider's answer cannot be used
  unavailable,             // 503
  upstream_timeout,        // 504
};

// What a kind means on the wire. `type` is the error type of the peer's local replies (its facts,
// 2.5).
struct FailureTraits {
  uint16_t status;
  const char* type;
  Side side;
  bool retryable;
};

const FailureTraits& traits(FailureKind kind);

// The kind that fits an HTTP status of 400 or above; `internal` for a status that no kind has.
FailureKind kind_of_status(uint32_t status);

// The bounds of limits.h that end a request, an answer or the reading of one, for the counter that tells which.
enum class Limit : uint8_t {
  none,
  request_body,
  buffered,
  json_depth,
  json_values,
  model_name,
  form_parts,
  form_part_headers,
  schema_depth,
  schema_expanded,
  hub_answer,
  decoded,
  sse_event,
  eventstream_headers,
  eventstream_payload,
  streamed_image,
};
inline constexpr size_t kLimits = 16;

// As the label of a metric has it; "none" for none.
const char* name_of(Limit limit);

struct Failure {
  FailureKind kind;
  std::string message;  // plain text for a person; escaped by whoever writes it into a body
  Limit limit = Limit::none;  // that was run into
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Failure failure) : state_(std::in_place_index<1>, std::move(failure)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & { return checked(); }
  const T& value() const& { return const_cast<Result*>(this)->value(); }
  T&& value() && { return std::move(this->value()); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Failure& error() const& {
    AIGW_CHECK(!has_value());
    return *std::get_if<1>(&state_);
  }
  Failure&& error() && {
    AIGW_CHECK(!has_value());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  T& checked() {
    AIGW_CHECK(has_value());
    return *std::get_if<0>(&state_);
  }
  std::variant<T, Failure> state_;
};

// Success without a value, or a Failure.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Failure failure) : failure_(std::move(failure)) {}

  bool has_value() const { return !failure_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const Failure& error() const& {
    AIGW_CHECK(failure_.has_value());
    return *failure_;
  }
  Failure&& error() && {
    AIGW_CHECK(failure_.has_value());
    return std::move(*failure_);
  }

 private:
  std::optional<Failure> failure_;
};

}  // namespace aigw

// Leaves the enclosing function with the failure of `expr`, if it has one.
#define AIGW_TRY(expr)                                                \
  do {                                                                \
    if (auto aigw_try_result = (expr); !aigw_try_result.has_value())  \
      return std::move(aigw_try_result).error();                      \
  } while (false)
