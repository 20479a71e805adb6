#include "json/reader.h"

#include <utility>

#include "json/text.h"

namespace aigw::json {

Bytes Reader::string(const Value& value) { return optional_string(value).value_or(Bytes()); }

std::optional<Bytes> Reader::optional_string(const Value& value) {
  if (value.is_string()) return value.text();
  if (value.exists_and_not_null()) fail(value, "must be a string");
  return std::nullopt;
}

Bytes Reader::number(const Value& value) {
  if (value.is_number()) return value.raw();
  if (value.exists_and_not_null()) fail(value, "must be a number");
  return {};
}

std::optional<uint64_t> Reader::count(const Value& value) {
  if (!value.exists_and_not_null()) return std::nullopt;
  const std::optional<uint64_t> count = value.is_number() ? to_uint64(value.raw()) : std::nullopt;
  if (!count) fail(value, "must be a whole number");
  return count;
}

std::optional<bool> Reader::boolean(const Value& value) {
  if (value.kind() == Kind::boolean_true) return true;
  if (value.kind() == Kind::boolean_false) return false;
  if (value.exists_and_not_null()) fail(value, "must be true or false");
  return std::nullopt;
}

Bytes Reader::object_text(const Value& value) {
  if (value.is_object()) return value.raw();
  if (value.exists_and_not_null()) fail(value, "must be an object");
  return {};
}

std::span<const Value> Reader::elements(const Value& value) {
  if (!value.is_array() && value.exists_and_not_null()) fail(value, "must be an array");
  return value.elements();
}

std::span<const Value> Reader::members(const Value& value) {
  if (!value.is_object() && value.exists_and_not_null()) fail(value, "must be an object");
  return value.members();
}

Bytes Reader::required_string(const Value& object, Bytes name) {
  const Value& value = object[name];
  if (!value.exists_and_not_null()) missing(object, name);
  return string(value);
}

std::span<const Value> Reader::required_elements(const Value& object, Bytes name) {
  const Value& value = object[name];
  if (!value.exists_and_not_null()) missing(object, name);
  return elements(value);
}

void Reader::fail(const Value& at, Bytes complaint) {
  if (ok()) fail_at(path_of(root_, at), complaint);
}

void Reader::missing(const Value& object, Bytes name) {
  if (!ok()) return;
  std::string path = path_of(root_, object);
  if (!path.empty()) path += '.';
  path += name;
  fail_at(std::move(path), "required");
}

void Reader::fail_at(std::string path, Bytes complaint) {
  if (!path.empty()) path += ": ";
  path += complaint;
  failure_ = Failure{otherwise_, std::move(path)};
}

Result<void> Reader::result() const {
  if (failure_) return *failure_;
  return {};
}

}  // namespace aigw::json
