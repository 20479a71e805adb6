#include "dialect/bedrock_converse/media.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/limits.h"
#include "dialect/bedrock_converse/raw_json.h"

namespace aigw::dialect::bedrock_converse {
namespace {

TEST(Media, KnowsTheFormatsOfImages) {
  EXPECT_EQ(image_format("image/png"), "png");
  EXPECT_EQ(image_format("IMAGE/Jpeg"), "jpeg");
  EXPECT_EQ(image_format("image/webp; q=1"), "webp");
  EXPECT_EQ(image_format("image/gif ;x"), "gif");
  for (Bytes none : {"", "png", "image/", "image/bmp", "image/pngx", "text/png"}) {
    EXPECT_EQ(image_format(none), "") << none;
  }
}

TEST(Media, KnowsTheFormatsOfDocuments) {
  EXPECT_EQ(document_format("application/pdf", ""), "pdf");
  EXPECT_EQ(document_format("text/plain; charset=utf-8", "a.pdf"), "txt");
  EXPECT_EQ(document_format("", "report.final.DOCX"), "docx");
  EXPECT_EQ(document_format("application/octet-stream", "x.csv"), "csv");
  EXPECT_EQ(document_format("application/zip", "x.csv"), "");
  EXPECT_EQ(document_format("", "pdf"), "");
  EXPECT_EQ(document_format("", "x."), "");
  EXPECT_EQ(document_media_type("md"), "text/markdown");
  EXPECT_EQ(document_media_type("exe"), "");
}

TEST(Media, NamesOfDocumentsAreWhatTheServiceTakes) {
  const struct {
    Bytes wish;
    Bytes name;
  } cases[] = {
      {"", "document"},
      {"Report 2025 (final) [v2]-a", "Report 2025 (final) [v2]-a"},
      {"report_v1.pdf", "report v1 pdf"},
      {"  a \t\n b..", "a b"},
      {"\xC3\xA4\xE6\x96\x87", "document"},
      {"r\xC3\xA9sum\xC3\xA9.pdf", "r sum pdf"},
  };
  for (const auto& c : cases) EXPECT_EQ(DocumentNames().next(c.wish), c.name) << c.wish;
}

TEST(Media, NamesOfDocumentsAreCutAtTheLimit) {
  const std::string most(limits::document_name_max, 'x'), less(limits::document_name_max - 1, 'x');
  EXPECT_EQ(DocumentNames().next(most), most);
  EXPECT_EQ(DocumentNames().next(most + "x"), most);
  // Where a blank would be the last that fits, and what is behind it would not.
  EXPECT_EQ(DocumentNames().next(less + "." + std::string(500, 'x')), less);
  EXPECT_EQ(DocumentNames().next(most.substr(2) + "." + std::string(500, 'x')), most.substr(2) + " x");
}

TEST(Media, NamesOfDocumentsAreUnique) {
  DocumentNames names;
  EXPECT_EQ(names.next("a"), "a");
  EXPECT_EQ(names.next("a 2"), "a 2");
  EXPECT_EQ(names.next("a."), "a 3");
  EXPECT_EQ(names.next(""), "document");
  EXPECT_EQ(names.next("%"), "document 2");
  EXPECT_EQ(names.next("document 2"), "document 2 2");
  std::set<std::string> all;
  for (int i = 0; i < 2000; ++i) {
    const std::string name = names.next(std::string(300, 'y'));
    EXPECT_LE(name.size(), 200u);
    EXPECT_TRUE(all.insert(name).second);
  }
}

TEST(RawJson, TellsObjects) {
  for (Bytes yes : {"{}", " {\"a\":[1,{\"b\":null}]}\n"}) EXPECT_TRUE(is_json_object(yes)) << yes;
  for (Bytes no : {"", " ", "{", "{}x", "[]", "\"{}\"", "null", "{a:1}", "{\"a\":1,}"}) {
    EXPECT_FALSE(is_json_object(no)) << no;
  }
}

}  // namespace
}  // namespace aigw::dialect::bedrock_converse
