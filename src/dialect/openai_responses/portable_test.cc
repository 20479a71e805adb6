#include "dialect/openai_responses/portable.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dialect/openai_responses/codec_test_support.h"

namespace aigw::dialect::openai_responses {
namespace {

// "" where it is portable.
std::string refusal(Bytes body) {
  Bench bench;
  Result<chat::Conversation> decoded = bench.decode(body);
  if (!decoded) return decoded.error().message;
  const Result<void> checked = check_portable(*decoded);
  if (checked) return "";
  EXPECT_EQ(checked.error().kind, FailureKind::unprocessable);
  const std::string_view message = checked.error().message;
  const std::string_view head = "this backend cannot take ";
  const std::string_view tail = ": that needs a backend that speaks the Responses API";
  EXPECT_TRUE(message.starts_with(head) && message.ends_with(tail)) << message;
  return std::string(message.substr(head.size(), message.size() - head.size() - tail.size()));
}

TEST(Portable, RefusesWhatOnlyTheProviderKeeps) {
  EXPECT_EQ(refusal(R"({"input":"x","previous_response_id":"resp_1"})"), "previous_response_id");
  EXPECT_EQ(refusal(R"({"input":"x","conversation":"conv_1"})"), "conversation");
  EXPECT_EQ(refusal(R"({"input":"x","conversation":{"id":"conv_1"}})"), "conversation");
  EXPECT_EQ(refusal(R"({"prompt":{"id":"pmpt_1"}})"), "prompt");
  EXPECT_EQ(refusal(R"({"input":"x","background":true})"), "background: true");
  EXPECT_EQ(refusal(R"({"input":"x","store":true})"), "store: true");
}

TEST(Portable, RefusesHostedToolsByName) {
  for (const char* type :
       {"web_search", "web_search_preview", "file_search", "computer_use_preview",
        "code_interpreter", "mcp", "image_generation", "local_shell", "shell", "apply_patch"}) {
    EXPECT_EQ(refusal(R"({"tools":[{"type":"function","name":"f"},{"type":")" + std::string(type) +
                      "\"}]}"),
              "tools[] of type " + std::string(type));
  }
}

TEST(Portable, RefusesItemsThatStandForSomethingElse) {
  EXPECT_EQ(refusal(R"({"input":[{"type":"item_reference","id":"msg_1"}]})"),
            "input[] of type item_reference");
  EXPECT_EQ(refusal(R"({"input":[{"type":"computer_call_output","call_id":"c","output":{}}]})"),
            "input[] of type computer_call_output");
  EXPECT_EQ(refusal(R"({"input":[{"type":"compaction","encrypted_content":"e"}]})"),
            "input[] of type compaction");
}

TEST(Portable, TakesTheRest) {
  EXPECT_EQ(refusal(R"({"input":[{"type":"web_search_call","id":"ws_1","status":"completed"}],
                        "store":false,"background":false,"previous_response_id":null,
                        "tools":[{"type":"custom","name":"sh"}],"truncation":"auto"})"),
            "");
  const chat::Extra extra{"store", "true"};
  EXPECT_TRUE(check_portable({.language = "openai_chat", .extras = {&extra, 1}}));
}

TEST(Portable, TakesSealsOffForOthers) {
  Bench bench;
  const std::vector<chat::Block> said = {
      chat::Reasoning{.text = "t", .signature = "openai:rs_1:gAAA"},
      chat::Reasoning{.redacted = "openai:rs_2:gAAA"},
      chat::Reasoning{.text = "u", .signature = "EqQB"}, chat::Text{"x"}};
  const chat::Message messages[] = {{chat::Role::assistant, std::span<const chat::Block>(said)},
                                    {chat::Role::user, {}, "n"}};
  const chat::Conversation from{.language = "anthropic", .messages = messages};
  EXPECT_EQ(chat::testing::describe(without_own_seals(from, bench.arena, bench.drops)),
            "language anthropic\nassistant \n  reasoning \"t\"\n  reasoning \"u\"\n    signature EqQB\n"
            "  text \"x\"\nuser \n  name n\n");
  EXPECT_EQ(bench.dropped(), "reasoning that another provider encrypted*2");
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
