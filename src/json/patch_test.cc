#include "json/patch.h"

#include <gtest/gtest.h>

#include <string>

#include "base/check.h"
#include "base/test_slices.h"

namespace aigw::json {
namespace {

// `document` with the list applied, which must be the same for every slicing.
std::string patched(Bytes document, const PatchList& list) {
  std::string first;
  bool any = false;
  for_every_slicing(document, [&](const Slicing& slicing) {
    std::string out;
    const auto sink = [&](Bytes piece) {
      EXPECT_FALSE(piece.empty());
      out += piece;
    };
    Patcher patcher(list);
    slicing.for_each_piece([&](Bytes piece) { patcher.feed(piece, sink); });
    patcher.finish(sink);
    if (!any) first = out;
    any = true;
    EXPECT_EQ(out, first) << slicing.name();
  });
  EXPECT_EQ(static_cast<int64_t>(first.size()),
            static_cast<int64_t>(document.size()) + list.size_delta());
  return first;
}

TEST(Patch, AnEmptyListHandsOnWhatComes) {
  const PatchList list;
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(patched("{}", list), "{}");
  EXPECT_EQ(patched("", list), "");
  const std::string document = "abc";
  Patcher patcher(list);
  patcher.feed(document,
               [&](Bytes piece) { EXPECT_EQ(piece.data(), document.data()) << "not a copy"; });
}

TEST(Patch, ReplacesRemovesAndInserts) {
  PatchList list;
  list.add(10, 12, "");
  list.add(1, 1, "<");
  list.add(3, 6, "replaced");
  list.add(6, 8, "x");
  list.add(14, 14, "end");
  EXPECT_EQ(patched("0123456789abcd", list), "0<12replacedx89cdend");
  list.clear();
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.size_delta(), 0);
}

TEST(Patch, TheWholeDocumentCanBeReplaced) {
  PatchList list;
  list.add(0, 4, "new");
  list.add(0, 0, "before ");
  list.add(4, 4, " after");
  EXPECT_EQ(patched("abcd", list), "before new after");
}

TEST(Patch, InsertionsAtOneOffsetKeepTheirOrderAndStandBeforeAReplacement) {
  PatchList list;
  list.add(2, 3, "R");
  list.add(2, 2, "1");
  list.add(2, 2, "2");
  list.add(3, 3, "4");
  list.add(2, 2, "3");
  EXPECT_EQ(patched("abcd", list), "ab123R4d");
}

TEST(Patch, AnEmptyDocumentTakesInsertions) {
  PatchList list;
  list.add(0, 0, "x");
  EXPECT_EQ(patched("", list), "x");
}

TEST(Patch, OverlappingRangesAreABrokenInvariant) {
  PatchList list;
  list.add(5, 10, "x");
  EXPECT_THROW(list.add(9, 11, ""), BrokenInvariant);
  EXPECT_THROW(list.add(4, 6, ""), BrokenInvariant);
  EXPECT_THROW(list.add(7, 7, "in the middle"), BrokenInvariant);
  EXPECT_THROW(list.add(5, 10, "again"), BrokenInvariant);
  EXPECT_THROW(list.add(3, 2, ""), BrokenInvariant);
}

TEST(Patch, APatchBeyondTheDocumentIsABrokenInvariant) {
  PatchList list;
  list.add(3, 5, "x");
  const auto sink = [](Bytes) {};
  Patcher patcher(list);
  patcher.feed("1234", sink);
  EXPECT_THROW(patcher.finish(sink), BrokenInvariant);
}

}  // namespace
}  // namespace aigw::json
