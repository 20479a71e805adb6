#include "wire/multipart.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/limits.h"
#include "base/test_slices.h"

namespace aigw::wire {
namespace {

struct Part {
  std::string headers, data;
  uint64_t begin = 0, end = 0;
  bool operator==(const Part&) const = default;
};

class Parts final : public MultipartSink {
 public:
  Result<void> on_part(Bytes headers, uint64_t begin) override {
    EXPECT_FALSE(open) << "a part begins inside of another";
    open = true;
    list.push_back({std::string(headers), "", begin, 0});
    return {};
  }
  void on_data(Bytes piece) override {
    EXPECT_TRUE(open);
    EXPECT_FALSE(piece.empty());
    list.back().data += piece;
  }
  void on_part_end(uint64_t end) override {
    EXPECT_TRUE(open);
    open = false;
    list.back().end = end;
  }
  std::vector<Part> list;
  bool open = false;
};

// The parts of `body` by their offsets, the same however it is cut; "" for a failure.
std::vector<Part> scan(const std::string& body, std::string* failure = nullptr) {
  std::vector<Part> first;
  bool begun = false;
  for_every_slicing(body, [&](const Slicing& slicing) {
    MultipartScanner scanner("XX");
    Parts parts;
    Result<void> result;
    slicing.for_each_piece([&](Bytes piece) {
      if (result) result = scanner.feed(piece, parts);
    });
    if (result) result = scanner.finish();
    if (failure == nullptr) {
      EXPECT_TRUE(result) << slicing.name();
      for (const Part& part : parts.list) {
        EXPECT_EQ(body.substr(part.begin, part.end - part.begin), part.data) << slicing.name();
      }
    } else {
      EXPECT_FALSE(result) << slicing.name();
      if (!result) *failure = result.error().message;
    }
    if (begun) {
      EXPECT_EQ(parts.list, first) << slicing.name();
    }
    begun = true;
    first = parts.list;
  });
  return first;
}

TEST(Multipart, GivesHeadersAndDataOfEachPart) {
  const std::vector<Part> parts =
      scan("--XX\r\na: 1\r\nb: 2\r\n\r\nhello\r\n--XX\r\n\r\n\r\n--XX\r\nc: 3\r\n\r\nx\r\n--XX--\r\n");
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].headers, "a: 1\r\nb: 2\r\n");
  EXPECT_EQ(parts[0].data, "hello");
  EXPECT_EQ(parts[1].headers, "");
  EXPECT_EQ(parts[1].data, "");
  EXPECT_EQ(parts[2].data, "x");
}

TEST(Multipart, WhatLooksLikeADelimiterIsData) {
  const std::string data = "\r\r\n\r\n-\r\n--X\r\n--XY\r\n--XX-\r\n--XX \r--XX--\r\n--XXa\r\n--XX\r\r";
  const std::vector<Part> parts = scan("--XX\r\nh: 1\r\n\r\n" + data + "\r\n--XX--");
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].data, data);
}

TEST(Multipart, PreamblePaddingAndEpilogueAreNoData) {
  const std::vector<Part> parts =
      scan("pre--XX\r\nmore\r\n--XX \t\r\nh: 1\r\n\r\nd\r\n--XX--\r\n--XX\r\nnot: a part\r\n\r\n");
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].data, "d");
}

TEST(Multipart, AFormWithoutPartsIsOne) { EXPECT_TRUE(scan("--XX--").empty()); }

TEST(Multipart, ABodyThatEndsEarlyFails) {
  for (const char* body : {"", "none", "--XX", "--XX\r\n", "--XX\r\na: 1\r\n\r\n",
                           "--XX\r\na: 1\r\n\r\nx\r\n--XX", "--XX\r\na: 1\r\n\r\nx\r\n--XX-"}) {
    std::string failure;
    scan(body, &failure);
    EXPECT_EQ(failure, "the form ends before its last boundary") << body;
  }
}

TEST(Multipart, HeadersAndPartsAreBounded) {
  Parts parts;
  MultipartScanner long_headers("XX");
  const std::string line = "a: " + std::string(limits::form_part_headers_max - 5, 'x') + "\r\n";
  EXPECT_TRUE(long_headers.feed("--XX\r\n" + line.substr(2) + "\r\n", parts));
  MultipartScanner too_long("XX");
  EXPECT_FALSE(too_long.feed("--XX\r\n" + line.substr(1) + "\r\n", parts));

  MultipartScanner many("XX");
  Parts counted;
  const std::string part = "--XX\r\n\r\n\r\n";
  for (size_t i = 0; i < limits::form_parts_max; ++i) ASSERT_TRUE(many.feed(part, counted));
  EXPECT_EQ(counted.list.size(), limits::form_parts_max);
  EXPECT_FALSE(many.feed(part, counted));
}

TEST(Multipart, ABoundaryMayBePaddedToTheLimit) {
  const std::string most = "--XX" + std::string(limits::form_boundary_padding_max, ' ') + "\r\n";
  const std::string more = "--XX" + std::string(limits::form_boundary_padding_max + 1, ' ') + "\r\n";
  const auto form = [](const std::string& line) { return "--XX\r\n\r\nx\r\n" + line + "\r\ny\r\n--XX--"; };
  const std::vector<Part> parts = scan(form(most));
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].data, "x");
  EXPECT_EQ(parts[1].data, "y");
  const std::vector<Part> one = scan(form(more));
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0].data, "x\r\n" + more + "\r\ny") << "a longer line is data";
}

TEST(Multipart, ABoundaryHasOneToSeventyBytes) {
  EXPECT_TRUE(MultipartScanner::is_boundary("a b"));
  EXPECT_TRUE(MultipartScanner::is_boundary(std::string(limits::form_boundary_max, 'x')));
  EXPECT_FALSE(MultipartScanner::is_boundary(std::string(limits::form_boundary_max + 1, 'x')));
  EXPECT_FALSE(MultipartScanner::is_boundary(""));
  EXPECT_FALSE(MultipartScanner::is_boundary("a\rb"));
}

}  // namespace
}  // namespace aigw::wire
