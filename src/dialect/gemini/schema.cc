#include "dialect/gemini/schema.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/limits.h"
#include "dialect/gemini/language.h"
#include "dialect/gemini/members.h"
#include "json/writer.h"

namespace aigw::dialect::gemini {
namespace {

using json::Value;

constexpr std::array<Bytes, 22> kSchemaMembers = {
    "anyOf",         "default",   "description",   "enum",       "example",
    "format",        "items",     "maxItems",      "maxLength",  "maxProperties",
    "maximum",       "minItems",  "minLength",     "minProperties", "minimum",
    "nullable",      "pattern",   "properties",    "propertyOrdering", "required",
    "title",         "type"};

Failure refuse(Bytes what, Limit limit = Limit::none) {
  std::string text = "a JSON schema with ";
  text += what;
  Failure failure = chat::cannot(kTarget, text);
  failure.limit = limit;
  return failure;
}

bool is_null_type(const Value& schema) { return schema["type"].text() == "null"; }

class ToGemini {
 public:
  ToGemini(const Value& root, chat::Drops& drops, std::string& out)
      : root_(root), drops_(drops), out_(out), begin_(out.size()), writer_(out) {}

  Result<void> convert(const Value& schema) {
    if (depth_ == limits::gemini_schema_depth_max) {
      return refuse("more than " + std::to_string(limits::gemini_schema_depth_max) + " levels", Limit::schema_depth);
    }
    ++depth_;
    AIGW_TRY(convert_here(schema));
    --depth_;
    return {};
  }

 private:
  Result<void> convert_here(const Value& schema) {
    if (out_.size() - begin_ > limits::schema_expanded_max) {
      return refuse("too much in it", Limit::schema_expanded);
    }
    if (!schema.is_object()) return refuse("a schema that is no object");
    if (const Value& ref = schema["$ref"]; ref.exists()) return reference(ref.text());
    if (const Value& all = schema["allOf"]; all.exists()) {
      if (all.elements().size() != 1) return refuse("an allOf that has not one element");
      return convert(all.elements().front());
    }
    return members(schema);
  }

  Result<void> reference(Bytes path) {
    if (std::find(open_.begin(), open_.end(), path) != open_.end()) {
      return refuse("circular references");
    }
    const Value* target = resolve(path);
    if (target == nullptr) return refuse("a reference to nothing");
    open_.push_back(path);
    AIGW_TRY(convert(*target));
    open_.pop_back();
    return {};
  }

  // What a JSON pointer "#/…" points at.
  const Value* resolve(Bytes path) const {
    if (!path.starts_with("#/")) return nullptr;
    path.remove_prefix(2);
    const Value* at = &root_;
    while (true) {
      const size_t slash = path.find('/');
      at = &(*at)[path.substr(0, slash)];
      if (!at->exists()) return nullptr;
      if (slash == Bytes::npos) return at;
      path.remove_prefix(slash + 1);
    }
  }

  Result<void> members(const Value& schema) {
    for (const Value& member : schema.members()) {
      const bool known = std::find(kSchemaMembers.begin(), kSchemaMembers.end(), member.name()) !=
                         kSchemaMembers.end();
      const Bytes name = member.name();
      if (!known && name != "$defs" && name != "definitions") drops_.add("a schema's ", name);
    }
    const bool nullable = is_nullable(schema);
    writer_.begin_object();
    for (Bytes name : kSchemaMembers) {
      if (name == "nullable" && nullable) {
        writer_.member_boolean(name, true);
        continue;
      }
      const Value& member = schema[name];
      if (member.exists()) AIGW_TRY(this->member(member));
    }
    writer_.end_object();
    return {};
  }

  static bool is_nullable(const Value& schema) {
    for (const Value& type : schema["type"].elements()) {
      if (type.text() == "null") return true;
    }
    for (const Value& one : schema["anyOf"].elements()) {
      if (is_null_type(one)) return true;
    }
    return schema["nullable"].is_true();
  }

  Result<void> member(const Value& member) {
    const Bytes name = member.name();
    if (name == "type") return type(member);
    if (name == "items") {
      writer_.key(name);
      return convert(member);
    }
    if (name == "properties") {
      writer_.member_object(name);
      for (const Value& property : member.members()) {
        writer_.key(property.name());
        AIGW_TRY(convert(property));
      }
      writer_.end_object();
      return {};
    }
    if (name == "anyOf") {
      writer_.member_array(name);
      for (const Value& one : member.elements()) {
        if (!is_null_type(one)) AIGW_TRY(convert(one));
      }
      writer_.end_array();
      return {};
    }
    writer_.member_raw(name, member.raw());
    return {};
  }

  // One type; of a list the one that is not "null".
  Result<void> type(const Value& member) {
    if (!member.is_array()) {
      writer_.member_raw("type", member.raw());
      return {};
    }
    const Value* only = nullptr;
    for (const Value& one : member.elements()) {
      if (one.text() == "null") continue;
      if (only != nullptr) return refuse("several types");
      only = &one;
    }
    if (only == nullptr) return refuse("no type but null");
    writer_.member_raw("type", only->raw());
    return {};
  }

  const Value& root_;
  chat::Drops& drops_;
  std::string& out_;
  const size_t begin_;
  json::Writer writer_;
  size_t depth_ = 0;
  std::vector<Bytes> open_;  // the references that are being resolved
};

class ToJson {
 public:
  explicit ToJson(std::string& out) : writer_(out) {}

  void convert(const Value& schema) {
    if (!schema.is_object()) return writer_.raw(schema.raw());
    const bool nullable = member(schema, "nullable").is_true();
    writer_.begin_object();
    for (const Value& one : schema.members()) write(one, nullable);
    writer_.end_object();
  }

 private:
  void write(const Value& one, bool nullable) {
    const std::string name = camel_case(one.name());
    if (!one.exists_and_not_null() || name == "nullable" || name == "propertyOrdering" ||
        name == "example") {
      return;
    }
    if (name == "type") {
      type(one, nullable);
    } else if (name == "items") {
      writer_.key(name);
      convert(one);
    } else if (name == "properties") {
      writer_.member_object(name);
      for (const Value& property : one.members()) {
        writer_.key(property.name());
        convert(property);
      }
      writer_.end_object();
    } else if (name == "anyOf" || name == "prefixItems") {
      writer_.member_array(name);
      for (const Value& element : one.elements()) convert(element);
      if (nullable && name == "anyOf") {
        writer_.begin_object();
        writer_.member("type", "null");
        writer_.end_object();
      }
      writer_.end_array();
    } else if (one.is_string() && (name.starts_with("max") || name.starts_with("min"))) {
      writer_.member_raw(name, one.text());  // protobuf's JSON writes 64-bit counts as strings
    } else {
      writer_.member_raw(name, one.raw());
    }
  }

  void type(const Value& type, bool nullable) {
    std::string name(type.text());
    if (name.empty()) return writer_.member_raw("type", type.raw());
    if (name == "TYPE_UNSPECIFIED") return;
    for (char& c : name) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (!nullable) return writer_.member("type", name);
    writer_.member_array("type");
    writer_.string(name);
    writer_.string("null");
    writer_.end_array();
  }

  json::Writer writer_;
};

}  // namespace

Result<void> append_gemini_schema(Bytes schema, Arena& arena, chat::Drops& drops,
                                  std::string& out) {
  json::Parser parser;
  const Result<Value> root = parser.parse(schema, arena);
  if (!root || !root->is_object()) return refuse("a schema that is no object");
  return ToGemini(*root, drops, out).convert(*root);
}

void append_json_schema(const Value& schema, std::string& out) { ToJson(out).convert(schema); }

}  // namespace aigw::dialect::gemini
