// What load.cc and its neighbours read a tree with: typed access that reports what does not fit,
// with place and path, and goes on, so that every problem of a document is found in one pass.
//
// As in Go's encoding/json, which the peer reads its documents with, a key is matched by its exact
// spelling or else without regard to case, and null is the same as an absent key.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "config/load.h"
#include "config/tree.h"

namespace aigw::config {

// The way from the root to a node, as a list on the stack of whoever walks the tree. Rendered only
// for a message.
class Path {
 public:
  Path() = default;  // the root
  Path(const Path& parent, Bytes key) : parent_(&parent), key_(key) {}
  Path(const Path& parent, size_t index) : parent_(&parent), index_(index), is_index_(true) {}
  // "backends[1].schema.name"; a key that is not a plain word is quoted in brackets.
  std::string to_string() const;

 private:
  const Path* parent_ = nullptr;
  Bytes key_;
  size_t index_ = 0;
  bool is_index_ = false;
};

// Collects problems.
class Report {
 public:
  explicit Report(std::string_view file) : file_(file) {}

  void error(Place place, const Path& path, std::string message) {
    add(Diagnostic::Severity::error, place, path, std::move(message));
  }
  void warning(Place place, const Path& path, std::string message) {
    add(Diagnostic::Severity::warning, place, path, std::move(message));
  }
  // In the order of the text, at most limits::config_diagnostics_max and a last one that counts the
  // others; where there are more, errors come before warnings.
  std::vector<Diagnostic> take();

 private:
  void add(Diagnostic::Severity severity, Place place, const Path& path, std::string message);

  std::string file_;
  std::vector<Diagnostic> diagnostics_;
  std::array<size_t, 2> seen_{};  // by severity
};

// `text` in double quotes and shortened, for a message.
std::string quoted(Bytes text);

// "a, b or c"
std::string list_of(std::span<const Bytes> words);

// A map of the document. Keys that nobody asked for are reported when it goes out of scope.
class Object {
 public:
  // Reports a node that is not a map; all members are then absent. All three must outlive the
  // object.
  Object(Report& report, const Node& node, const Path& path);
  ~Object();
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  Report& report() const { return report_; }
  const Path& path() const { return path_; }
  Place place() const { return node_.place; }
  Place place_of(Bytes key);  // of the value; of the object where the key is absent

  // The member, null where absent or null. `key` must be static text.
  const Node* find(Bytes key);

  // An absent or ill-typed value is empty, false or nothing.
  std::string text(Bytes key);
  std::string required_text(Bytes key);  // must be there, and not be empty
  bool boolean(Bytes key);
  std::optional<bool> optional_boolean(Bytes key);
  std::optional<uint64_t> whole_number(Bytes key, uint64_t min, uint64_t max);
  std::vector<std::string> texts(Bytes key);

  // One of `words`, in the spelling given: its index.
  std::optional<size_t> word(Bytes key, std::span<const Bytes> words, bool required);

  // Calls `use(item, path)` for each item of a list.
  template <std::invocable<const Node&, const Path&> Use>
  void each(Bytes key, Use use) {
    const Node* list = find_of(key, Node::Kind::sequence);
    if (list == nullptr) return;
    const Path at(path_, key);
    for (size_t i = 0; i < list->children.size(); ++i) use(list->children[i], Path(at, i));
  }

  // Calls `use(object)` if there is a map of that name; says whether there is.
  template <std::invocable<Object&> Use>
  bool nested(Bytes key, Use use) {
    const Node* node = find(key);
    if (node == nullptr) return false;
    const Path at(path_, key);
    Object object(report_, *node, at);
    use(object);
    return true;
  }

  void error(Bytes key, std::string message);
  void warning(Bytes key, std::string message);
  void missing(Bytes key) { report_.error(place(), Path(path_, key), "missing"); }

 private:
  const Node* find_of(Bytes key, Node::Kind kind);
  void report_unknown() const;

  Report& report_;
  const Node& node_;
  const Path& path_;
  std::vector<Bytes> asked_;
  std::vector<bool> known_;  // by member
};

// Reports a node of another kind.
bool expect_kind(Report& report, const Node& node, const Path& path, Node::Kind kind);

}  // namespace aigw::config
