// Properties of the scanner: the result does not depend on how a document is sliced, and on small
// documents, right ones and broken ones, it agrees with another parser.
#include <gtest/gtest.h>

#include <cctype>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/test_slices.h"
#include "json/scanner.h"
#include "json/text.h"

namespace aigw::json {
namespace {

const WatchList& watches() {
  static const WatchList list({"a", "a.b", "a.b.c", "b", "c.a", "model", "n"});
  return list;
}

std::string describe(const Scanner& scanner) {
  std::string text;
  for (size_t i = 0; i < watches().size(); ++i) {
    const Found& found = scanner.found(i);
    text += std::to_string(static_cast<int>(found.kind)) + " x" + std::to_string(found.count) +
            " [" + std::to_string(found.begin) + "," + std::to_string(found.end) + ") " +
            (found.empty ? "empty " : "") + (found.truncated ? "truncated " : "") +
            std::string(scanner.text(i)) + "\n";
  }
  return text + "root " + std::to_string(static_cast<int>(scanner.root_kind())) + " [" +
         std::to_string(scanner.root_begin()) + "," + std::to_string(scanner.root_end()) + ") " +
         (scanner.root_empty() ? "empty" : "");
}

// Everything a caller can see: all that was found, or the error.
std::string outcome(Scanner& scanner, const Slicing& slicing) {
  scanner.reset();
  slicing.for_each_piece([&](Bytes piece) { (void)scanner.feed(piece).has_value(); });
  if (auto result = scanner.finish(); !result) return result.error().message;
  return describe(scanner);
}

void expect_same_for_every_slicing(Bytes document) {
  Scanner scanner(watches());
  const std::string expected = outcome(scanner, whole(document));
  for_every_slicing(document, [&](const Slicing& slicing) {
    ASSERT_EQ(outcome(scanner, slicing), expected) << slicing.name() << "\n" << document;
  });
}

TEST(ScannerProperty, EverySlicingOfADocumentGivesTheSame) {
  const std::string long_text(100, 'x');
  const std::vector<std::string> documents = {
      R"({"model":"gpt-4o","a":{"b":{"c":true}},"n":-12.50e+3})",
      R"( { "a" : [ 1 , { "b" : null } , "]" ] , "b" : { } , "c" : { "a" : "\u00e9\"\\" } } )",
      R"({"mod\u0065l":"esc\"aped\n","\u0061":{"\u0062":{"\u0063":0}},"mod\\el":1,"model ":2})",
      R"({"a":1,"a":{"b":2,"b":{"c":3}},"a":{"b":"x"},"a":false,"n":0,"n":10})",
      R"({"aa":1,")" + long_text + R"(":")" + long_text + R"(\t)" + long_text +
          R"(","b":[],"n":1e9})",
      "{\r\n\t\"a\" :\r\n          \"b\"                                   ,\n\"n\":\n7}\n\n\n",
      "-0.0", "\"\\ud83d\\ude00\"", "null  ", "[[[[]]],{}]",
      "{\"n\":123456789012345678901234567890}",
      // Broken in every kind of place.
      "", "  ", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":tru", "{\"a\":trve}",
      "{\"a\":\"\\", "[1,,2]", "{\"a\":\"\\u12G4\"}", "{\"mod\\x\":1}", "{\"a\\u00\":1}",
      "{\"a\x01\":1}", "{\"model\":\"x\x1f\"}", "{\"a\" \"b\"}", "{\"a\":1}}", "[1]]", "[-a]",
      "[1.e]", "[1e]", "{\"n\":1.}", "{a:1}", "{,}", "[,]", "nul", "--1", "{\"a\":01}", "+1", ".5",
      "\xef\xbb\xbf{}", "{\"a\":'x'}", "1 2", "[\"" + long_text + "\n\"]", "}", "]", ":"};
  for (const std::string& document : documents) expect_same_for_every_slicing(document);
}

TEST(ScannerProperty, TheDepthErrorIsTheSameForEverySlicing) {
  Scanner scanner(watches());
  const std::string document(limits::json_depth_max + 10, '[');
  const std::string expected = outcome(scanner, whole(document));
  EXPECT_EQ(expected, "invalid JSON at byte 512: nested deeper than 512 levels");
  for (size_t cut = 500; cut < 520; ++cut) {
    EXPECT_EQ(outcome(scanner, Slicing(document, {cut})), expected);
  }
}

// Documents out of a small grammar that is biased towards the watched names.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  size_t below(size_t n) { return random_() % n; }

  std::string value(int depth) {
    switch (below(depth > 3 ? 5 : 8)) {
      case 0:
        return pick({"true", "false", "null"});
      case 1:
        return pick({"0", "-1", "12", "1.5", "-0.25e1", "3E+2", "7e-1", "100"});
      case 2:
      case 3:
        return string();
      case 4:
        return pick({"{}", "[]", "{ }", "[ ]"});
      case 5: {
        std::string text = "[" + space();
        for (size_t i = 0, n = 1 + below(3); i < n; ++i)
          text += (i == 0 ? "" : ",") + value(depth + 1) + space();
        return text + "]";
      }
      default: {
        std::string text = "{" + space();
        for (size_t i = 0, n = 1 + below(4); i < n; ++i) {
          text += (i == 0 ? "" : ",") + space() + name() + space() + ":" + space() +
                  value(depth + 1) + space();
        }
        return text + "}";
      }
    }
  }

  // Replaces, removes or adds a byte.
  void mutate(std::string& text) {
    constexpr Bytes kAlphabet = "{}[],:\"\\ \n\tabcu019.-+eEtfnr\x01\x1f/'";
    const char c = kAlphabet[below(kAlphabet.size())];
    const size_t at = below(text.size() + 1);
    const size_t what = at == text.size() ? 2 : below(3);
    if (what == 0) text[at] = c;
    if (what == 1) text.erase(at, 1);
    if (what == 2) text.insert(at, 1, c);
  }

 private:
  std::string pick(std::initializer_list<const char*> list) {
    return list.begin()[below(list.size())];
  }
  std::string space() { return pick({"", "", "", "", " ", "\n  ", "\t\r\n"}); }
  std::string name() {
    return pick({"\"a\"", "\"b\"", "\"c\"", "\"n\"", "\"\\u0061\"", "\"model\"", "\"m\\u006fdel\"",
                 "\"\"", "\"a.b\"", "\"quite a long name that nobody watches\""});
  }
  std::string string() {
    return pick({"\"\"", "\"x\"", "\"\\n\\\"\\\\\\/\"", "\"\\u00e9\\ud83d\\ude00\"", "\"]}\"",
                 "\"a text that is longer than one vector of bytes, and than two of them, \\t and "
                 "goes on\""});
  }
  std::mt19937 random_;
};

// The other parser's value at a path of the watch list, or null if there is none.
const nlohmann::json* look_up(const nlohmann::json& root, std::string_view path) {
  const nlohmann::json* at = &root;
  for (;;) {
    const size_t dot = path.find('.');
    if (!at->is_object()) return nullptr;
    const auto member = at->find(std::string(path.substr(0, dot)));
    if (member == at->end()) return nullptr;
    at = &*member;
    if (dot == std::string_view::npos) return at;
    path.remove_prefix(dot + 1);
  }
}

void expect_same_values(const Scanner& scanner, Bytes document, const nlohmann::json& root) {
  const char* const paths[] = {"a", "a.b", "a.b.c", "b", "c.a", "model", "n"};
  for (size_t i = 0; i < watches().size(); ++i) {
    const nlohmann::json* expected = look_up(root, paths[i]);
    const Found& found = scanner.found(i);
    ASSERT_EQ(found.kind != Kind::absent, expected != nullptr) << paths[i] << " in " << document;
    if (expected == nullptr) continue;
    const Bytes there = document.substr(found.begin, found.end - found.begin);
    ASSERT_EQ(nlohmann::json::parse(there), *expected) << paths[i] << " in " << document;
    if (expected->is_structured()) {
      ASSERT_EQ(found.empty, expected->empty()) << document;
    } else if (expected->is_string()) {
      std::string plain(scanner.text(i).size(), '\0');
      plain.resize(unescape(scanner.text(i), plain.data()).value());
      ASSERT_EQ(plain, expected->get<std::string>()) << document;
    } else {
      ASSERT_EQ(scanner.text(i), there) << document;
    }
  }
}

// Lone surrogates and numbers beyond a double, which the other parser refuses.
bool is_settled_differently(std::string document) {
  constexpr Bytes kPair = "\\ud83d\\ude00";
  for (size_t at; (at = document.find(kPair)) != std::string::npos;)
    document.erase(at, kPair.size());
  for (size_t i = 0; i + 3 < document.size(); ++i) {
    const auto lower = [&](size_t at) {
      return std::tolower(static_cast<unsigned char>(document[at]));
    };
    if (document[i] == '\\' && lower(i + 1) == 'u' && lower(i + 2) == 'd') return true;
    if (lower(i) != 'e') continue;
    size_t digits = i + 1;
    if (document[digits] == '+' || document[digits] == '-') ++digits;
    const size_t end = document.find_first_not_of("0123456789", digits);
    if (std::min(end, document.size()) - digits > 2) return true;
  }
  return false;
}

TEST(ScannerProperty, AgreesWithAnotherParser) {
  Generator generator(20240229);
  Scanner scanner(watches());
  int valid = 0, invalid = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string document = generator.value(0);
    for (size_t n = generator.below(3); n > 0; --n) generator.mutate(document);
    if (is_settled_differently(document)) continue;
    const nlohmann::json root = nlohmann::json::parse(document, nullptr, false);
    const std::string result = outcome(scanner, whole(document));
    ASSERT_EQ(result.substr(0, 7) != "invalid", !root.is_discarded()) << document << "\n" << result;
    if (root.is_discarded()) {
      ++invalid;
    } else {
      ++valid;
      expect_same_values(scanner, document, root);
    }
    if (HasFatalFailure()) return;
    if (i % 16 == 0 && document.size() < 120) expect_same_for_every_slicing(document);
  }
  EXPECT_GT(valid, 5000);
  EXPECT_GT(invalid, 5000);
}

}  // namespace
}  // namespace aigw::json
