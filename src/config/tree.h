// A configuration text as a tree in which every node knows its place, for YAML and JSON alike.
//
// Both readers are stricter than the formats' usual ones: a key written twice is an error (of two
// backends' keys the wrong one would be used silently), and so are control characters, text that is
// not UTF-8 and a second document. YAML scalars follow the core schema of YAML 1.2: `yes` and
// `2024-01-01` are strings, a quoted scalar always is.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"

namespace aigw::config {

struct Place {
  int line = 0;    // from 1; 0 = nowhere in particular
  int column = 0;  // from 1, in bytes
  bool operator==(const Place&) const = default;
};

struct Node {
  enum class Kind : uint8_t { null, boolean, number, string, sequence, map };

  Node() = default;
  Node(const Node&) = default;
  Node(Node&&) noexcept = default;
  Node& operator=(const Node&) = default;
  Node& operator=(Node&&) noexcept = default;
  ~Node();  // erases its text, which may be a secret

  Kind kind = Kind::null;
  bool boolean = false;
  Place place;
  std::string text;  // of a string its value, of a number its spelling
  std::string key;   // of a member of a map
  Place key_place;
  std::vector<Node> children;  // of a sequence or a map, in the order of the text

  // Kinds, values and keys; not places.
  bool same_value(const Node& other) const;
};

// "a string", "a number"…, for messages.
const char* to_string(Node::Kind kind);

struct Problem {
  Place place;
  std::string message;  // quotes no value
};

struct Tree {
  Node root;  // null for an empty text
  std::vector<Problem> problems;
  bool well_formed = true;  // false: the root is not to be used
};

// A text of more than `nodes_max` values is refused.
Tree parse_json(Bytes text, size_t nodes_max = limits::config_nodes_max);
Tree parse_yaml(Bytes text, size_t nodes_max = limits::config_nodes_max);

// A text that opens with `{` is JSON, unless it is only YAML in flow style; all others are YAML.
Tree parse_tree(Bytes text);

// Shared by the readers. Reports the members of a map that have a key in common.
void report_duplicate_keys(const Node& map, std::vector<Problem>& problems);

}  // namespace aigw::config
