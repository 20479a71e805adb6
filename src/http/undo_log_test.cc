#include "http/undo_log.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "http/testing/vector_header_map.h"

namespace aigw::http {
namespace {

std::vector<VectorHeaderMap::Entry> sorted(std::vector<VectorHeaderMap::Entry> entries) {
  std::sort(entries.begin(), entries.end());
  return entries;
}

TEST(UndoLog, RestoresWhatItReplacedRemovedAndAdded) {
  Arena arena(limits::exchange_arena_max);
  VectorHeaderMap map{{":path", "/v1/chat/completions"}, {"x-tag", "a"}, {"x-tag", "b"}};
  auto before = sorted(map.entries());
  UndoLog log(arena);
  log.set(map, ":path", "/openai/v1/chat/completions");
  log.set(map, ":path", "/other");
  log.set(map, "authorization", "Bearer provider-key");
  log.remove(map, "x-tag");
  log.remove(map, "absent");
  EXPECT_EQ(map.get(":path"), "/other");
  EXPECT_FALSE(map.get("x-tag").has_value());
  log.undo(map);
  EXPECT_EQ(sorted(map.entries()), before);
  EXPECT_TRUE(log.empty());
}

TEST(UndoLog, LeavesAloneWhatOthersAdded) {
  Arena arena(limits::exchange_arena_max);
  VectorHeaderMap map{{":path", "/a"}};
  UndoLog log(arena);
  log.set(map, ":path", "/b");
  map.set("x-envoy-attempt-count", "2");
  log.undo(map);
  EXPECT_EQ(map.get("x-envoy-attempt-count"), "2");
  EXPECT_EQ(map.get(":path"), "/a");
}

}  // namespace
}  // namespace aigw::http
