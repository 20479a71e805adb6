#include "control/sds_file.h"

#include <cstdlib>
#include <utility>

#include "config/load.h"
#include "config/tree.h"

namespace aigw::control {
namespace {

using config::Node;

Failure failure(std::string message) { return {FailureKind::internal, std::move(message)}; }

// The member of that name, as protobuf's JSON spells it or the schema does, where it is of that kind; else null.
const Node* member(const Node& node, Node::Kind kind, Bytes json_name, Bytes name) {
  for (const Node& child : node.children) {
    if (child.kind == kind && (child.key == json_name || child.key == name)) return &child;
  }
  return nullptr;
}

const Node* text_member(const Node& node, Bytes json_name, Bytes name) {
  return member(node, Node::Kind::string, json_name, name);
}

// A core.v3.DataSource.
Result<Secret> read_source(const Node& source) {
  if (const Node* text = text_member(source, "inlineString", "inline_string")) return Secret(text->text);
  if (const Node* path = text_member(source, "filename", "filename")) return config::read_document(path->text);
  const Node* variable = text_member(source, "environmentVariable", "environment_variable");
  if (variable == nullptr) return failure("only inline_string, filename and environment_variable are read");
  const char* const value = std::getenv(variable->text.c_str());
  if (value == nullptr) return failure("the environment variable " + variable->text + " is not set");
  return Secret(Bytes(value));
}

}  // namespace

Result<SdsFile> SdsFile::read(const std::string& path) {
  const Result<Secret> text = config::read_document(path);
  if (!text) return text.error();
  const config::Tree tree = config::parse_tree(text->reveal());
  if (!tree.well_formed || !tree.problems.empty()) {
    return failure(path + ": " + (tree.problems.empty() ? "not JSON or YAML" : tree.problems.front().message));
  }
  SdsFile file(path);
  const Node* resources = member(tree.root, Node::Kind::sequence, "resources", "resources");
  if (resources == nullptr) return file;
  for (const Node& resource : resources->children) {
    const Node* name = text_member(resource, "name", "name");
    const Node* generic = member(resource, Node::Kind::map, "genericSecret", "generic_secret");
    const Node* source = generic == nullptr ? nullptr : member(*generic, Node::Kind::map, "secret", "secret");
    if (name != nullptr && source != nullptr) file.secrets_.insert_or_assign(name->text, read_source(*source));
  }
  return file;
}

Result<Secret> SdsFile::find(const std::string& name) const {
  const auto found = secrets_.find(name);
  if (found == secrets_.end()) return failure(path_ + " has no generic secret " + name);
  if (!found->second) return failure(path_ + ": " + name + ": " + found->second.error().message);
  return found->second;
}

}  // namespace aigw::control
