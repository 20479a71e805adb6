#include "config/merge_rules.h"

#include <algorithm>

#include "config/checks.h"

namespace aigw::config {
namespace {

// `key_of` is what two sets are told apart by, `key` the same for a removal.
template <class Mutation, class KeyOf, class Key>
Mutation merged(const Mutation& route, const Mutation& backend, KeyOf key_of, Key key) {
  const auto says = [&](const std::string& wanted) {
    return std::any_of(route.set.begin(), route.set.end(), [&](const auto& set) { return key_of(set) == wanted; }) ||
           std::any_of(route.remove.begin(), route.remove.end(),
                       [&](const std::string& name) { return key(name) == wanted; });
  };
  Mutation out;
  for (const auto& set : backend.set) {
    if (!says(key_of(set))) out.set.push_back(set);
  }
  out.set.insert(out.set.end(), route.set.begin(), route.set.end());
  for (const std::string& name : backend.remove) {
    if (!says(key(name))) out.remove.push_back(name);
  }
  out.remove.insert(out.remove.end(), route.remove.begin(), route.remove.end());
  return out;
}

}  // namespace

HeaderMutation merge(const HeaderMutation& route, const HeaderMutation& backend) {
  return merged(
      route, backend, [](const HeaderSet& set) { return to_lower(set.name); },
      [](const std::string& name) { return to_lower(name); });
}

BodyMutation merge(const BodyMutation& route, const BodyMutation& backend) {
  return merged(
      route, backend, [](const BodySet& set) { return set.path; }, [](const std::string& path) { return path; });
}

std::string route_backend_name(const std::string& backend, const std::string& route) {
  return backend + "/route/" + route;
}

}  // namespace aigw::config
