// Splice and hub agree: where a case passes a request or an answer on in its own language, reading
// it, writing it anew and reading that says the same as what was passed on. What may differ is
// residue: members that nobody knows, which only the splice lane keeps.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "chat/testing/describe.h"
#include "dialect/anthropic/decode_answer.h"
#include "dialect/anthropic/decode_request.h"
#include "dialect/anthropic/decode_stream.h"
#include "dialect/anthropic/encode_answer.h"
#include "dialect/anthropic/encode_request.h"
#include "dialect/anthropic/encode_stream.h"
#include "dialect/openai_chat/decode_answer.h"
#include "dialect/openai_chat/decode_request.h"
#include "dialect/openai_chat/encode_answer.h"
#include "dialect/openai_chat/encode_request.h"
#include "drivers/case_file.h"

namespace aigw::tests {
namespace {

namespace fs = std::filesystem;
namespace openai = dialect::openai_chat;
namespace anthropic = dialect::anthropic;

enum class Language : uint8_t { chat, messages };

// The language of a case whose provider speaks the client's; nothing where they differ.
std::optional<Language> spliced(const Case& story, const Message& sent) {
  const bool to_chat = sent.path.find("/chat/completions") != std::string::npos;
  if (story.path.ends_with("/v1/chat/completions") && to_chat) return Language::chat;
  if (story.path.ends_with("/v1/messages") && sent.path.ends_with("/messages")) {
    return Language::messages;
  }
  return std::nullopt;
}

// What decoding gave; views live in the room.
struct Room {
  Arena arena{limits::hub_arena_max(1 << 20)};
  json::Parser parser;
  chat::Drops drops{arena};
};

Result<chat::Conversation> read_request(Language language, Bytes body, Room& room) {
  if (language == Language::chat) {
    return openai::decode_request(Slices(&body, 1), room.parser, room.arena, room.drops);
  }
  Result<json::Value> root = room.parser.parse(body, room.arena);
  if (!root) return std::move(root).error();
  return anthropic::decode_request(*root, room.arena, room.drops);
}

// `from` as the hub would write it for a provider that gets `sent`.
std::string write_request(Language language, const chat::Conversation& from, const Message& sent,
                          Bytes model) {
  Room room;
  std::string out;
  if (language == Language::chat) {
    EXPECT_TRUE(openai::encode_request(from, {.model = model}, room.drops, out));
    return out;
  }
  anthropic::Target target;
  target.model = model;
  const HeadLine* version = sent.find("anthropic-version");
  if (version != nullptr && version->value >= "2026-10-21") {
    target.version = anthropic::Version::v2026_10_21;
  }
  EXPECT_TRUE(anthropic::encode_request(from, target, room.arena, room.drops, out));
  return out;
}

// True when the requests could be compared.
bool compare_requests(Language language, const Case& story, const Message& sent) {
  Room client, provider, hub;
  const Result<chat::Conversation> from = read_request(language, story.client_request.body, client);
  const Result<chat::Conversation> spliced = read_request(language, sent.body, provider);
  if (!from || !spliced) return false;  // the splice lane does not judge what passes
  const std::string written = write_request(language, *from, sent, spliced->model);
  Result<chat::Conversation> translated = read_request(language, written, hub);
  EXPECT_TRUE(translated) << written;
  if (!translated) return true;
  translated->include_usage = spliced->include_usage;  // the gateway's own wish
  EXPECT_EQ(chat::testing::describe(*translated), chat::testing::describe(*spliced)) << written;
  return true;
}

void read_answer(Language language, const std::string& body, bool stream, Room& room,
                 chat::EventSink& sink) {
  if (stream && language == Language::chat) {
    openai::StreamDecoder decoder(room.parser, sink);
    decoder.feed(body);
    decoder.finish();
  } else if (stream) {
    anthropic::StreamDecoder decoder(room.parser, room.drops, sink);
    decoder.feed(body);
    decoder.finish();
  } else if (language == Language::chat) {
    const Bytes view = body;
    (void)openai::decode_answer(Slices(&view, 1), room.parser, room.arena, room.drops, sink)
        .has_value();
  } else if (Result<json::Value> root = room.parser.parse(body, room.arena)) {
    (void)anthropic::decode_answer(*root, room.arena, room.drops, sink).has_value();
  }
}

bool is_answer(chat::Fold& fold) { return fold.complete() && !fold.fault(); }

// True when the answers could be compared.
bool compare_answers(Language language, const Message& answer) {
  if (answer.status != 200 || !answer.coding.empty() || answer.reset || answer.open) return false;
  const HeadLine* type = answer.find("content-type");
  const bool stream = type != nullptr && type->value.starts_with("text/event-stream");
  static const openai::AnswerStyle style;
  const openai::AnswerContext context;
  Room provider, hub;
  chat::Fold fold(provider.arena);
  std::string written;
  if (stream && language == Language::chat) {
    openai::StreamEncoder encoder(style, context, hub.drops, written);
    read_answer(language, answer.body, true, provider, encoder);
  } else if (stream) {
    anthropic::StreamEncoder encoder(written, "", hub.drops);
    read_answer(language, answer.body, true, provider, encoder);
  }
  Room again;
  read_answer(language, answer.body, stream, again, fold);
  if (!is_answer(fold)) return false;
  // One that does not say why it stopped is no whole answer, and gets a reason when it is written.
  const chat::Answer& passing = fold.answer();
  if (passing.stop == chat::StopReason::unknown && passing.stop_raw.empty()) return false;
  if (!stream && language == Language::chat) {
    openai::encode_answer(fold.answer(), style, context, hub.drops, written);
  } else if (!stream) {
    anthropic::encode_answer(fold.answer(), "", hub.drops, written);
  }
  chat::Fold translated(hub.arena);
  read_answer(language, written, stream, hub, translated);
  EXPECT_TRUE(is_answer(translated)) << written;
  if (!is_answer(translated)) return true;
  chat::Answer passed = fold.answer();
  chat::Answer anew = translated.answer();
  for (chat::Answer* one : {&passed, &anew}) {
    // A count of 0 says no more than none.
    for (std::optional<uint64_t>* count :
         {&one->usage.cached_input, &one->usage.cache_creation_input, &one->usage.reasoning,
          &one->usage.input, &one->usage.output, &one->usage.total}) {
      if (count->value_or(0) == 0) count->reset();
    }
  }
  EXPECT_EQ(chat::testing::describe(anew), chat::testing::describe(passed)) << written;
  return true;
}

TEST(SpliceAndHub, SayTheSameInEveryCase) {
  size_t requests = 0;
  size_t answers = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(AIGW_CASES)) {
    if (entry.path().extension() != ".case") continue;
    SCOPED_TRACE(entry.path().filename().string());
    const Case story = read_case(entry.path().string());
    // What the configuration's own rules make of a body is not what the client said.
    if (story.config && story.config->find("BodyMutation") != std::string::npos) continue;
    for (const auto& [number, sent] : story.upstream_requests) {
      const std::optional<Language> language = spliced(story, sent);
      if (!language) continue;
      if (compare_requests(*language, story, sent)) ++requests;
      const auto answer = story.upstream_responses.find(number);
      if (answer == story.upstream_responses.end()) continue;
      if (compare_answers(*language, answer->second)) ++answers;
    }
  }
  std::cout << requests << " requests and " << answers << " answers compared\n";
  EXPECT_GT(requests, 50u);
  EXPECT_GT(answers, 20u);
}

}  // namespace
}  // namespace aigw::tests
