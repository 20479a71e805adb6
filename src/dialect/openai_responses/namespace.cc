#include "dialect/openai_responses/namespace.h"

namespace aigw::dialect::openai_responses {
namespace {

constexpr Bytes kBetween = "__";

}  // namespace

Bytes flat_name(Bytes space, Bytes name, Arena& arena) {
  if (space.empty()) return name;
  std::string flat(space);
  flat += kBetween;
  flat += name;
  return arena.copy(flat);
}

std::string request_namespaces(const json::Value& root) {
  std::string names;
  for (const json::Value& tool : root["tools"].elements()) {
    const Bytes name = tool["name"].text();
    if (tool["type"].text() != "namespace" || name.empty() || name.find('\n') != Bytes::npos) continue;
    names += name;
    names += '\n';
  }
  return names;
}

SpacedName spaced_name(Bytes flat, Bytes namespaces) {
  while (!namespaces.empty()) {
    const Bytes space = namespaces.substr(0, namespaces.find('\n'));
    namespaces.remove_prefix(space.size() + 1);
    const size_t head = space.size() + kBetween.size();
    if (flat.size() > head && flat.starts_with(space) && flat.substr(space.size()).starts_with(kBetween)) {
      return {space, flat.substr(head)};
    }
  }
  return {{}, flat};
}

}  // namespace aigw::dialect::openai_responses
