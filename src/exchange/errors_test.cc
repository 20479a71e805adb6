#include "exchange/errors.h"

#include <gtest/gtest.h>

#include "base/arena.h"
#include "base/limits.h"
#include "exchange/client_request.h"
#include "json/cursor.h"

namespace aigw::exchange {
namespace {

TEST(Errors, TheConstantBodyIsWhatWouldBeWritten) {
  using endpoint::Dialect;
  for (Dialect dialect :
       {Dialect::openai, Dialect::responses, Dialect::anthropic, Dialect::cohere, Dialect::gemini,
        Dialect::converse}) {
    EXPECT_EQ(failed_body(dialect), error_body(dialect, 500, "the gateway failed"));
  }
}

TEST(Errors, WhatAMessageQuotesIsCutAtTheLimit) {
  const std::string fits(limits::quoted_in_error_max, 'q');
  EXPECT_EQ(exchange::quoted(fits), fits);
  EXPECT_EQ(exchange::quoted(fits + "q"), fits + "…");
}

// The name for what the core says to this request.
Bytes limit_of_request(ClientRequest& request, const std::string& body) {
  Result<void> read = request.feed(body);
  static Arena arena(limits::exchange_arena_max);
  if (read) read = request.finish(arena);
  EXPECT_FALSE(read) << body.substr(0, 80);
  return read ? Bytes() : limit_of(read.error().kind, read.error().message);
}

Bytes limit_of_chat(const std::string& body) {
  constexpr endpoint::Endpoint kChat{endpoint::EndpointKind::chat_completions, "", "POST", endpoint::Dialect::openai,
                                     endpoint::RequestBody::json};
  ClientRequest request;
  request.open(kChat);
  return limit_of_request(request, body);
}

Bytes limit_of_form(const std::string& body) {
  ClientRequest request;
  request.open_form(endpoint::EndpointKind::transcriptions, "b");
  return limit_of_request(request, body);
}

Bytes limit_of_tree(const std::string& document) {
  Arena arena(limits::hub_arena_max(document.size()));
  const Result<json::Value> root = json::Parser().parse(document, arena);
  EXPECT_FALSE(root);
  return root ? Bytes() : limit_of(root.error().kind, root.error().message);
}

// What the scanners and parsers really say, so that no text changes without its limit.
TEST(Limits, AreKnownByWhatIsSaid) {
  EXPECT_EQ(limit_of_chat("{\"x\":" + std::string(limits::json_depth_max + 1, '[')), "json_depth");
  EXPECT_EQ(limit_of_chat("{\"model\":\"" + std::string(limits::model_name_max + 1, 'm') + "\"}"), "model_name");
  EXPECT_EQ(limit_of_chat("{\"model\":7}"), "");
  std::string parts;
  for (size_t i = 0; i <= limits::form_parts_max; ++i) {
    parts += "--b\r\ncontent-disposition: form-data; name=\"x\"\r\n\r\ny\r\n";
  }
  EXPECT_EQ(limit_of_form(parts + "--b--\r\n"), "form_parts");
  EXPECT_EQ(limit_of_form("--b\r\nx: " + std::string(limits::form_part_headers_max, 'y') + "\r\n\r\n"),
            "form_part_headers");
  const size_t deep = limits::json_depth_max + 1;
  EXPECT_EQ(limit_of_tree(std::string(deep, '[') + std::string(deep, ']')), "json_depth");
  std::string values = "[0";
  for (size_t i = 0; i <= limits::json_values_max; ++i) values += ",0";
  EXPECT_EQ(limit_of_tree(values + "]"), "json_values");
  EXPECT_EQ(limit_of(FailureKind::unavailable, kTooMuchHeld), "buffered");
  EXPECT_EQ(limit_of(FailureKind::not_found, "unsupported path: /nested deeper than 512 levels"), "");
}

}  // namespace
}  // namespace aigw::exchange
