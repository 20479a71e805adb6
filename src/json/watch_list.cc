#include <algorithm>
#include <vector>

#include "base/check.h"
#include "json/scanner.h"

namespace aigw::json {
namespace {

struct Path {
  std::vector<std::string_view> names;
  uint16_t watch;
};

Path split(std::string_view path, size_t watch) {
  Path result{{}, static_cast<uint16_t>(watch)};
  for (;;) {
    const size_t dot = path.find('.');
    const std::string_view name = path.substr(0, dot);
    AIGW_CHECK(!name.empty() && name.size() <= WatchList::kNameMax);
    result.names.push_back(name);
    if (dot == std::string_view::npos) break;
    path.remove_prefix(dot + 1);
  }
  AIGW_CHECK(result.names.size() <= WatchList::kLevelsMax);
  return result;
}

}  // namespace

WatchList::WatchList(std::initializer_list<std::string_view> paths) : watch_count_(paths.size()) {
  AIGW_CHECK(paths.size() <= kPathsMax);
  std::vector<Path> sorted;
  for (std::string_view path : paths) sorted.push_back(split(path, sorted.size()));
  // Inserted in this order, the nodes come out in preorder.
  std::sort(sorted.begin(), sorted.end(),
            [](const Path& a, const Path& b) { return a.names < b.names; });

  nodes_[0].subtree_end = 1;
  for (const Path& path : sorted) {
    std::vector<uint16_t> trail = {0};
    for (std::string_view name : path.names) {
      const uint16_t parent = trail.back();
      uint16_t node = child(parent, name);
      if (node == kNone) {
        AIGW_CHECK(node_count_ < kNodesMax);
        node = static_cast<uint16_t>(node_count_++);
        std::copy(name.begin(), name.end(), nodes_[node].bytes.begin());
        nodes_[node].size = static_cast<uint8_t>(name.size());
        nodes_[node].next_sibling = nodes_[parent].first_child;
        nodes_[parent].first_child = node;
        nodes_[parent].child_lengths |= uint64_t{1} << name.size();
      }
      trail.push_back(node);
      for (uint16_t on_trail : trail) {
        nodes_[on_trail].subtree_end =
            std::max(nodes_[on_trail].subtree_end, static_cast<uint16_t>(node + 1));
      }
    }
    AIGW_CHECK(nodes_[trail.back()].watch == kNone);  // the paths are distinct
    nodes_[trail.back()].watch = path.watch;
  }
}

uint16_t WatchList::child(uint16_t node, std::string_view name) const {
  if (name.size() > kNameMax || (nodes_[node].child_lengths >> name.size() & 1) == 0) return kNone;
  for (uint16_t i = nodes_[node].first_child; i != kNone; i = nodes_[i].next_sibling) {
    if (nodes_[i].name() == name) return i;
  }
  return kNone;
}

}  // namespace aigw::json
