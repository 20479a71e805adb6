#include "dialect/openai_responses/answer_words.h"

#include "json/text.h"

namespace aigw::dialect::openai_responses {
namespace {

using chat::StopReason;

struct Word {
  Bytes word;
  uint16_t status;
};

// Codes of a failed response and of the error event, and types of errors (OpenAI API reference, "The
// response object" and "Error codes"). Further codes there name what is wrong with a picture.
constexpr Word kWords[] = {
    {"invalid_prompt", 400},        {"context_length_exceeded", 400},
    {"invalid_request_error", 400}, {"bad_request", 400},
    {"authentication_error", 401},  {"invalid_api_key", 401},
    {"permission_error", 403},      {"not_found_error", 404},
    {"model_not_found", 404},       {"rate_limit_exceeded", 429},
    {"rate_limit_error", 429},      {"insufficient_quota", 429},
    {"server_error", 500},          {"service_unavailable", 503},
    {"server_overloaded", 503},     {"vector_store_timeout", 504},
    {"timeout", 504},
};

uint16_t status_of(Bytes type, Bytes code) {
  const std::optional<uint64_t> number = json::to_uint64(code);
  if (number && *number >= 400 && *number <= 599) return static_cast<uint16_t>(*number);
  for (Bytes word : {code, type}) {
    for (const Word& known : kWords) {
      if (known.word == word) return known.status;
    }
  }
  return code.find("image") != Bytes::npos ? 400 : 500;
}

}  // namespace

chat::Usage read_usage(json::Reader& reader, const json::Value& usage) {
  reader.members(usage);
  const json::Value& input = usage["input_tokens_details"];
  const json::Value& output = usage["output_tokens_details"];
  const json::Value& written = input["cache_write_tokens"];
  return {.input = reader.count(usage["input_tokens"]),
          .output = reader.count(usage["output_tokens"]),
          .total = reader.count(usage["total_tokens"]),
          .cached_input = reader.count(input["cached_tokens"]),
          .cache_creation_input = reader.count(
              written.exists_and_not_null() ? written : input["cache_creation_input_tokens"]),
          .reasoning = reader.count(output["reasoning_tokens"])};
}

void write_usage(json::Writer& writer, const chat::Usage& usage) {
  const uint64_t input = usage.input.value_or(0);
  const uint64_t output = usage.output.value_or(0);
  writer.begin_object();
  writer.member_number("input_tokens", input);
  writer.member_object("input_tokens_details");
  writer.member_number("cached_tokens", usage.cached_input.value_or(0));
  writer.member_number("cache_write_tokens", usage.cache_creation_input.value_or(0));
  writer.end_object();
  writer.member_number("output_tokens", output);
  writer.member_object("output_tokens_details");
  writer.member_number("reasoning_tokens", usage.reasoning.value_or(0));
  writer.end_object();
  writer.member_number("total_tokens", usage.total.value_or(input + output));
  writer.end_object();
}

chat::event::Finish read_finish(const json::Value& response, bool called) {
  const Bytes status = response["status"].text();
  if (status != "incomplete") {
    return {.reason = called ? StopReason::tool_use : StopReason::end_turn, .raw = status};
  }
  const Bytes reason = response["incomplete_details"]["reason"].text();
  StopReason stop = StopReason::unknown;
  if (reason == "max_output_tokens") stop = StopReason::max_tokens;
  if (reason == "content_filter") stop = StopReason::content_filter;
  return {.reason = stop, .raw = reason.empty() ? status : reason};
}

Ending ending(chat::StopReason reason) {
  switch (reason) {
    case StopReason::end_turn:
    case StopReason::stop_sequence:
    case StopReason::tool_use:
    case StopReason::pause:
    case StopReason::unknown:
      return {"completed", {}};
    case StopReason::max_tokens:
    case StopReason::context_exceeded:
      return {"incomplete", "max_output_tokens"};
    case StopReason::content_filter:
    case StopReason::refusal:
    case StopReason::guardrail:
    case StopReason::recitation:
    case StopReason::language:
    case StopReason::no_image:
      return {"incomplete", "content_filter"};
    case StopReason::malformed_tool_call:
    case StopReason::unexpected_tool_call:
    case StopReason::malformed_output:
      return {"failed", {}};
  }
  return {"completed", {}};
}

chat::event::Fault read_error(const json::Value& error) {
  const json::Value& code = error["code"];
  chat::event::Fault fault{.status = 0, .type = error["type"].text()};
  fault.code = code.is_number() ? code.raw() : code.text();
  fault.message = error.is_string() ? error.text() : error["message"].text();
  fault.param = error["param"].text();
  if (fault.type == "error") fault.type = {};  // the event's, not the error's
  fault.status = status_of(fault.type, fault.code);
  return fault;
}

Bytes error_code(uint16_t status) {
  if (status == 429) return "rate_limit_exceeded";
  return status >= 500 ? "server_error" : "invalid_prompt";
}

}  // namespace aigw::dialect::openai_responses
