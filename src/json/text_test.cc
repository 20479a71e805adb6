#include "json/text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace aigw::json {
namespace {

std::string in_quotes(Bytes text) {
  std::string out = "=";
  append_quoted(out, text);
  return out.substr(1);
}

TEST(AppendQuoted, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(in_quotes(""), "\"\"");
  EXPECT_EQ(in_quotes("gpt-4o"), "\"gpt-4o\"");
  EXPECT_EQ(in_quotes("a\"b\\c/\n\r\t\b\f"), R"("a\"b\\c/\n\r\t\b\f")");
  EXPECT_EQ(in_quotes(Bytes("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(in_quotes("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
            "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
  std::string out;
  append_escaped(out, "a\"");
  EXPECT_EQ(out, "a\\\"");
}

// Texts longer than what is put together at a time, with what is not plain around its end.
TEST(AppendQuoted, EscapesLongTexts) {
  for (size_t before = 4040; before < 4110; ++before) {
    for (const std::string& odd : {std::string("\"\\\n"), std::string("\x01\x01\x01\x01\x01\x01"),
                                   std::string("\xf0\x9f\x98\x80\xe2\x82\xac")}) {
      const std::string text = std::string(before, 'x') + odd + std::string(5000, 'y');
      ASSERT_EQ(in_quotes(text), nlohmann::json(text).dump()) << before;
    }
  }
}

// Short ones, with a byte that is not plain in each place.
TEST(AppendQuoted, EscapesShortTexts) {
  for (size_t size = 0; size <= 80; ++size) {
    std::string text(size, 'x');
    ASSERT_EQ(in_quotes(text), '"' + text + '"');
    for (size_t at = 0; at < size; ++at) {
      for (const char odd : {'"', '\\', '\x1f', '\xe9'}) {
        text[at] = odd;
        const bool fine = odd != '\xe9';
        ASSERT_EQ(is_utf8(text), fine) << size << ' ' << at;
        const std::string wanted =
            nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        ASSERT_EQ(in_quotes(text), wanted) << size << ' ' << at;
      }
      text[at] = 'x';
    }
  }
}

TEST(AppendQuoted, ReplacesEachMaximalIllFormedPart) {
  const std::string r = "\xef\xbf\xbd";
  const auto escaped = [](Bytes text) {
    std::string out;
    append_escaped(out, text);
    return out;
  };
  EXPECT_EQ(escaped("a\x80z"), "a" + r + "z");
  EXPECT_EQ(escaped("\xc0\xaf"), r + r);                  // overlong
  EXPECT_EQ(escaped("\xe0\x80\x80"), r + r + r);          // overlong
  EXPECT_EQ(escaped("\xed\xa0\x80"), r + r + r);          // a surrogate
  EXPECT_EQ(escaped("\xf4\x90\x80\x80"), r + r + r + r);  // above U+10FFFF
  EXPECT_EQ(escaped("\xe2\x82z"), r + "z");               // cut off
  EXPECT_EQ(escaped("\xf0\x9f\x98"), r);                  // cut off by the end
  EXPECT_EQ(escaped("\xf1\x80\xc3\xa9\xff\""), r + "\xc3\xa9" + r + "\\\"");
}

TEST(AppendQuoted, AnyBytesGiveValidJson) {
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (size_t n = random() % 12; n > 0; --n) {
      // Mostly bytes of multi-byte sequences.
      text += static_cast<char>(random() % 4 == 0 ? random() : 0x80 | random());
    }
    const std::string out = in_quotes(text);
    const nlohmann::json parsed = nlohmann::json::parse(out, nullptr, false);
    ASSERT_TRUE(parsed.is_string()) << out;
    // The other library replaces by the same rule.
    const std::string other =
        nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    ASSERT_EQ(parsed.get<std::string>(), nlohmann::json::parse(other).get<std::string>());
  }
}

std::string plain(Bytes raw) {
  const std::unique_ptr<char[]> out(new char[raw.size()]);
  const std::optional<size_t> size = unescape(raw, out.get());
  return size ? std::string(out.get(), *size) : "malformed";
}

TEST(Unescape, KnowsEveryEscape) {
  EXPECT_EQ(plain(""), "");
  EXPECT_EQ(plain("model"), "model");
  EXPECT_EQ(plain(R"(a\"\\\/\b\f\n\r\tz)"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(plain(R"(\u0041\u00E9\u20ac)"), "A\xc3\xa9\xe2\x82\xac");
  EXPECT_EQ(plain(R"(\ud83d\ude00!)"), "\xf0\x9f\x98\x80!");
  EXPECT_EQ(plain(R"(\udbff\udfff)"), "\xf4\x8f\xbf\xbf");
  EXPECT_EQ(plain(R"(\u0000)"), std::string(1, '\0'));
}

TEST(Unescape, ALoneSurrogateIsReplaced) {
  const std::string r = "\xef\xbf\xbd";
  EXPECT_EQ(plain(R"(\ud800)"), r);
  EXPECT_EQ(plain(R"(\ud800x)"), r + "x");
  EXPECT_EQ(plain(R"(\udc00\ud800)"), r + r);
  EXPECT_EQ(plain(R"(\ud800\u0041)"), r + "A");
  EXPECT_EQ(plain(R"(\ud83d\ud83d\ude00)"), r + "\xf0\x9f\x98\x80");
}

TEST(Unescape, RefusesMalformedEscapes) {
  for (Bytes raw :
       {R"(\)", R"(a\x)", R"(\u)", R"(\u123)", R"(\u12g4)", R"(\ud800\u12)", R"(\ud800\)"}) {
    EXPECT_EQ(plain(raw), "malformed") << raw;
  }
}

TEST(Unescape, UndoesAppendEscaped) {
  std::string text;
  for (int c = 0; c < 0x80; ++c) text += static_cast<char>(c);
  std::string out;
  append_escaped(out, text);
  EXPECT_EQ(plain(out), text);
}

TEST(ToUint64, TakesIntegralNumbersInEveryForm) {
  const struct {
    Bytes text;
    uint64_t value;
  } cases[] = {{"0", 0},
               {"7", 7},
               {"1234", 1234},
               {"1e2", 100},
               {"12.0", 12},
               {"12.50e1", 125},
               {"1200e-2", 12},
               {"0.000", 0},
               {"0e99999999999999999999", 0},
               {"0.0e-5", 0},
               {"1E+3", 1000},
               {"0.001e3", 1},
               {"18446744073709551615", 18446744073709551615u},
               {"1844674407370955161.5e1", 18446744073709551615u}};
  for (const auto& c : cases) EXPECT_EQ(to_uint64(c.text), c.value) << c.text;
}

TEST(ToUint64, RefusesWhatIsNoCount) {
  for (Bytes text : {"",
                     "-1",
                     "-0",
                     "1.5",
                     "1e-1",
                     "12.01",
                     "18446744073709551616",
                     "1e20",
                     "1e99999999999999999999",
                     "01",
                     "1.",
                     ".5",
                     "1e",
                     "1e+",
                     "+1",
                     "1 ",
                     " 1",
                     "0x10",
                     "true",
                     "\"1\"",
                     "1e-99999999999999999999",
                     "100000000000000000000000000000000e-33"}) {
    EXPECT_EQ(to_uint64(text), std::nullopt) << text;
  }
  EXPECT_EQ(to_uint64("0." + std::string(1999, '0') + "5e2000"), 5u);
}

TEST(IsUtf8, TellsWellFormedFromIllFormed) {
  for (Bytes good : {Bytes(""), Bytes("gpt-4o"), Bytes("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")})
    EXPECT_TRUE(is_utf8(good));
  for (Bytes bad :
       {Bytes("\xff"), Bytes("a\xc3"), Bytes("\xc0\xaf"), Bytes("\xed\xa0\x80"), Bytes("\x80")}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(IsUtf8, LooksAtEachByteOfALongText) {
  for (size_t before = 0; before < 20; ++before) {
    for (size_t behind = 0; behind < 20; ++behind) {
      const std::string head(before, 'a'), tail(behind, 'z');
      EXPECT_TRUE(is_utf8(head + tail));
      EXPECT_TRUE(is_utf8(head + "\xe2\x82\xac" + tail)) << before;
      EXPECT_FALSE(is_utf8(head + "\x80" + tail)) << before;
      EXPECT_FALSE(is_utf8(head + "\xe2\x82" + tail)) << before;
    }
  }
}

}  // namespace
}  // namespace aigw::json
