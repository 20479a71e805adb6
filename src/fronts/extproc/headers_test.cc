#include "fronts/extproc/headers.h"

#include <gtest/gtest.h>

namespace aigw::extproc {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

pb::HeaderMap received(const Pairs& pairs) {
  pb::HeaderMap map;
  for (const auto& [name, value] : pairs) {
    pb::HeaderValue& header = *map.add_headers();
    header.set_key(name);
    header.set_raw_value(value);
  }
  return map;
}

Pairs content(Headers& headers) {
  Pairs pairs;
  for (const http::HeaderView& header : headers.all())
    pairs.emplace_back(header.name, header.value);
  return pairs;
}

// What Envoy makes of the edits: "-name" for a removal, "name=value" and "name+value" for the rest.
std::vector<std::string> edits(Headers& headers) {
  pb::CommonResponse response;
  headers.take_edits(response);
  std::vector<std::string> list;
  for (const std::string& name : response.header_mutation().remove_headers())
    list.push_back("-" + name);
  for (const pb::HeaderValueOption& option : response.header_mutation().set_headers()) {
    const bool adds = option.append_action() == pb::HeaderValueOption::APPEND_IF_EXISTS_OR_ADD;
    list.push_back(option.header().key() + (adds ? "+" : "=") + option.header().raw_value());
  }
  return list;
}

using List = std::vector<std::string>;

TEST(Headers, AreReadInEitherForm) {
  pb::HeaderMap map = received({{"a", "1"}});
  map.add_headers()->set_key("b");
  map.mutable_headers(1)->set_value("2");
  Headers headers(std::move(map));
  EXPECT_EQ(content(headers), (Pairs{{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(headers.http::HeaderMap::get("b"), "2");
  EXPECT_FALSE(headers.http::HeaderMap::get("c"));
  EXPECT_EQ(edits(headers), List{});
}

TEST(Headers, OnlyWhatIsDifferentIsAnEdit) {
  Headers headers(received({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}}));
  headers.set("a", "other");
  headers.remove("b");
  headers.remove("c");
  headers.set("c", "3");
  headers.set("new", "");
  headers.set("gone", "x");
  headers.remove("gone");
  EXPECT_EQ(edits(headers), (List{"-b", "a=other", "new="}));
  // What has been said is not said again.
  EXPECT_EQ(edits(headers), List{});
  headers.set("a", "1");
  EXPECT_EQ(edits(headers), List{"a=1"});
}

TEST(Headers, SeveralValuesOfOneName) {
  Headers headers(received({{"a", "1"}, {"b", "2"}, {"a", "3"}}));
  size_t count = 0;
  EXPECT_EQ(headers.get("a", 1, &count), "3");
  EXPECT_EQ(count, 2u);
  headers.add("b", "4");
  EXPECT_EQ(edits(headers), (List{"b=2", "b+4"}));
  headers.set("a", "5");
  EXPECT_EQ(content(headers), (Pairs{{"a", "5"}, {"b", "2"}, {"b", "4"}}));
  EXPECT_EQ(edits(headers), List{"a=5"});
}

TEST(Headers, ViewsOutliveEditsAndMoves) {
  Headers first(received({{"a", "a value that is too long to stand in a string itself"}}));
  const Bytes name = first.all()[0].name;
  const Bytes value = first.all()[0].value;
  Headers headers(std::move(first));
  for (int i = 0; i < 100; ++i) headers.add("b" + std::to_string(i), "x");
  headers.remove(name);
  EXPECT_EQ(name, "a");
  EXPECT_EQ(value, "a value that is too long to stand in a string itself");
  EXPECT_FALSE(headers.http::HeaderMap::get("a"));
}

}  // namespace
}  // namespace aigw::extproc
