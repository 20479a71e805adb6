#include "policy/cel/value.h"

#include "base/limits.h"

namespace aigw::policy::cel {

const char* to_string(Type type) {
  constexpr const char* kNames[] = {"null_type", "bool", "int", "uint", "double", "string", "list", "map", "dyn"};
  return kNames[static_cast<size_t>(type)];
}

Value Value::of(bool value) {
  Value made;
  made.type = Type::boolean;
  made.boolean = value;
  return made;
}

Value Value::of(int64_t value) {
  Value made;
  made.type = Type::integer;
  made.integer = value;
  return made;
}

Value Value::of(uint64_t value) {
  Value made;
  made.type = Type::unsigned_integer;
  made.unsigned_integer = value;
  return made;
}

Value Value::of(double value) {
  Value made;
  made.type = Type::real;
  made.real = value;
  return made;
}

Value Value::of(Bytes value) {
  Value made;
  made.type = Type::string;
  made.size = value.size();
  made.text = value.data();
  return made;
}

Value Value::list(const Value* items, size_t size) {
  Value made;
  made.type = Type::list;
  made.size = size;
  made.items = items;
  return made;
}

Value Value::map(const Value* entries, size_t size) {
  Value made = list(entries, size);
  made.type = Type::map;
  return made;
}

Value* Scratch::take_values(size_t count) {
  if (count > limits::cel_values_max - values_used_) return nullptr;
  Value* taken = values_.data() + values_used_;
  values_used_ += count;
  return taken;
}

char* Scratch::take_text(size_t size) {
  if (size > limits::cel_value_text_max - text_used_) return nullptr;
  char* taken = text_.data() + text_used_;
  text_used_ += size;
  return taken;
}

}  // namespace aigw::policy::cel
