#include "endpoint/cells.h"

#include <array>

#include "host/azure/azure.h"

namespace aigw::endpoint {
namespace {

using config::SchemaName;

using Kind = EndpointKind;

constexpr std::array kCells{
    Cell{Kind::chat_completions, SchemaName::openai, Lane::splice},
    Cell{Kind::chat_completions, SchemaName::azure_openai, Lane::splice},
    Cell{Kind::chat_completions, SchemaName::anthropic, Lane::hub},
    Cell{Kind::chat_completions, SchemaName::aws_bedrock, Lane::hub},
    Cell{Kind::chat_completions, SchemaName::aws_anthropic, Lane::hub},
    Cell{Kind::chat_completions, SchemaName::gcp_anthropic, Lane::hub},
    Cell{Kind::chat_completions, SchemaName::gcp_vertex_ai, Lane::hub},
    Cell{Kind::chat_completions, SchemaName::gemini_api, Lane::hub},
    Cell{Kind::chat_completions, SchemaName::openai_chat, Lane::splice},
    Cell{Kind::chat_completions, SchemaName::openai_responses, Lane::hub},
    Cell{Kind::completions, SchemaName::openai, Lane::splice},
    Cell{Kind::embeddings, SchemaName::openai, Lane::splice},
    Cell{Kind::embeddings, SchemaName::azure_openai, Lane::splice},
    Cell{Kind::embeddings, SchemaName::aws_bedrock, Lane::direct},
    Cell{Kind::embeddings, SchemaName::gcp_vertex_ai, Lane::direct},
    Cell{Kind::embeddings, SchemaName::cohere, Lane::direct},
    Cell{Kind::responses, SchemaName::openai, Lane::splice},
    Cell{Kind::responses, SchemaName::azure_openai, Lane::splice},
    Cell{Kind::responses, SchemaName::openai_chat, Lane::hub},
    Cell{Kind::responses, SchemaName::openai_responses, Lane::splice},
    Cell{Kind::responses, SchemaName::anthropic, Lane::hub},
    Cell{Kind::responses, SchemaName::aws_bedrock, Lane::hub},
    Cell{Kind::responses, SchemaName::aws_anthropic, Lane::hub},
    Cell{Kind::responses, SchemaName::gcp_anthropic, Lane::hub},
    Cell{Kind::responses, SchemaName::gcp_vertex_ai, Lane::hub},
    Cell{Kind::responses, SchemaName::gemini_api, Lane::hub},
    Cell{Kind::input_tokens, SchemaName::openai, Lane::splice},
    Cell{Kind::input_tokens, SchemaName::azure_openai, Lane::splice},
    Cell{Kind::input_tokens, SchemaName::openai_responses, Lane::splice},
    Cell{Kind::image_generations, SchemaName::openai, Lane::splice},
    Cell{Kind::image_edits, SchemaName::openai, Lane::splice},
    Cell{Kind::speech, SchemaName::openai, Lane::splice},
    Cell{Kind::transcriptions, SchemaName::openai, Lane::splice},
    Cell{Kind::translations, SchemaName::openai, Lane::splice},
    Cell{Kind::tokenize, SchemaName::openai, Lane::splice},
    Cell{Kind::tokenize, SchemaName::aws_bedrock, Lane::direct},
    Cell{Kind::tokenize, SchemaName::aws_anthropic, Lane::direct},
    Cell{Kind::tokenize, SchemaName::gcp_vertex_ai, Lane::direct},
    Cell{Kind::tokenize, SchemaName::gcp_anthropic, Lane::direct},
    Cell{Kind::rerank, SchemaName::cohere, Lane::splice},
    Cell{Kind::messages, SchemaName::anthropic, Lane::splice},
    Cell{Kind::messages, SchemaName::openai, Lane::hub},
    Cell{Kind::messages, SchemaName::azure_openai, Lane::hub},
    Cell{Kind::messages, SchemaName::openai_chat, Lane::hub},
    Cell{Kind::messages, SchemaName::openai_responses, Lane::hub},
    Cell{Kind::messages, SchemaName::aws_bedrock, Lane::hub},
    Cell{Kind::messages, SchemaName::aws_anthropic, Lane::splice},
    Cell{Kind::messages, SchemaName::gcp_anthropic, Lane::splice},
    Cell{Kind::messages, SchemaName::gcp_vertex_ai, Lane::hub},
    Cell{Kind::messages, SchemaName::gemini_api, Lane::hub},
    Cell{Kind::count_tokens, SchemaName::anthropic, Lane::splice},
    Cell{Kind::count_tokens, SchemaName::aws_bedrock, Lane::direct},
    Cell{Kind::count_tokens, SchemaName::aws_anthropic, Lane::direct},
    Cell{Kind::count_tokens, SchemaName::gcp_anthropic, Lane::splice},
    Cell{Kind::generate_content, SchemaName::openai, Lane::hub},
    Cell{Kind::generate_content, SchemaName::azure_openai, Lane::hub},
    Cell{Kind::generate_content, SchemaName::anthropic, Lane::hub},
    Cell{Kind::generate_content, SchemaName::aws_anthropic, Lane::hub},
    Cell{Kind::generate_content, SchemaName::gcp_anthropic, Lane::hub},
    Cell{Kind::generate_content, SchemaName::aws_bedrock, Lane::hub},
    Cell{Kind::generate_content, SchemaName::gcp_vertex_ai, Lane::splice},
    Cell{Kind::generate_content, SchemaName::gemini_api, Lane::splice},
    Cell{Kind::generate_content, SchemaName::openai_chat, Lane::hub},
    Cell{Kind::generate_content, SchemaName::openai_responses, Lane::hub},
    Cell{Kind::converse, SchemaName::openai, Lane::hub},
    Cell{Kind::converse, SchemaName::azure_openai, Lane::hub},
    Cell{Kind::converse, SchemaName::openai_chat, Lane::hub},
    Cell{Kind::converse, SchemaName::openai_responses, Lane::hub},
    Cell{Kind::converse, SchemaName::anthropic, Lane::hub},
    Cell{Kind::converse, SchemaName::aws_anthropic, Lane::hub},
    Cell{Kind::converse, SchemaName::gcp_anthropic, Lane::hub},
    Cell{Kind::converse, SchemaName::aws_bedrock, Lane::splice},
    Cell{Kind::converse, SchemaName::gcp_vertex_ai, Lane::hub},
    Cell{Kind::converse, SchemaName::gemini_api, Lane::hub},
};

}  // namespace

std::span<const Cell> cells() { return kCells; }

Lane lane_of(EndpointKind endpoint, SchemaName schema) {
  for (const Cell& cell : kCells) {
    if (cell.endpoint == endpoint && cell.schema == schema) return cell.lane;
  }
  return Lane::none;
}

Lane lane_to(EndpointKind endpoint, const config::Backend& backend) {
  const bool chat_only = backend.schema == SchemaName::azure_openai && !host::azure::serves_responses(backend.version);
  if (endpoint == Kind::responses && chat_only) return Lane::hub;
  return lane_of(endpoint, backend.schema);
}

}  // namespace aigw::endpoint
