#include "dialect/anthropic/envelope.h"

#include <gtest/gtest.h>

#include <vector>

#include "dialect/anthropic/test_support.h"

namespace aigw::dialect::anthropic {
namespace {

std::string put(Bytes body, Envelope envelope, std::vector<Bytes> betas = {}) {
  Room room;
  std::string out;
  put_in_envelope(room.parse(body), envelope, "v", betas, out);
  return out;
}

TEST(Envelope, ModelAndStreamGoAndTheRestStays) {
  constexpr Bytes kBody =
      R"({"model":"m", "max_tokens": 5,"stream":true,"x":{"model":1},"messages":[ ]})";
  EXPECT_EQ(put(kBody, Envelope::aws),
            R"({"max_tokens":5,"x":{"model":1},"messages":[ ],"anthropic_version":"v"})");
  EXPECT_EQ(put(kBody, Envelope::gcp),
            R"({"max_tokens":5,"stream":true,"x":{"model":1},"messages":[ ],)"
            R"("anthropic_version":"v"})");
  EXPECT_EQ(put(R"({"model":"m"})", Envelope::gcp), R"({"anthropic_version":"v"})");
}

TEST(Envelope, WhatTheClientSaysIsReplacedInItsPlace) {
  constexpr Bytes kBody = R"({"anthropic_version":"old","anthropic_beta":["own"],"messages":[]})";
  EXPECT_EQ(put(kBody, Envelope::aws, {"a", "b"}),
            R"({"anthropic_version":"v","anthropic_beta":["a","b"],"messages":[]})");
  EXPECT_EQ(put(kBody, Envelope::aws),
            R"({"anthropic_version":"v","anthropic_beta":["own"],"messages":[]})");
  EXPECT_EQ(put(R"({"messages":[]})", Envelope::aws, {"a"}),
            R"({"messages":[],"anthropic_version":"v","anthropic_beta":["a"]})");
}

TEST(Envelope, Versions) {
  EXPECT_EQ(envelope_version(Envelope::aws, ""), kAwsVersion);
  EXPECT_EQ(envelope_version(Envelope::gcp, ""), kGcpVersion);
  EXPECT_EQ(envelope_version(Envelope::gcp, "mine"), "mine");
}

TEST(Envelope, OfATranslatedRequest) {
  static const std::vector<chat::Block> hi = {chat::Text{.text = "hi"}};
  static const chat::Message messages[] = {{.content = std::span<const chat::Block>(hi)}};
  chat::Conversation conversation;
  conversation.language = "other";
  conversation.stream = true;
  conversation.messages = messages;
  const auto encoded = [&](Envelope envelope) {
    Room room;
    return room.encode(conversation, {.model = "m",
                                      .default_max_tokens = 0,
                                      .envelope = envelope,
                                      .envelope_version = "v"});
  };
  const std::string head =
      R"({"max_tokens":0,"messages":[{"content":[{"text":"hi","type":"text"}],"role":"user"}],)";
  EXPECT_EQ(encoded(Envelope::aws), head + R"("anthropic_version":"v"})");
  EXPECT_EQ(encoded(Envelope::gcp), head + R"("stream":true,"anthropic_version":"v"})");
  EXPECT_EQ(encoded(Envelope::none), head + R"("model":"m","stream":true})");
}

}  // namespace
}  // namespace aigw::dialect::anthropic
