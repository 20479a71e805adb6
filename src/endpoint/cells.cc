#include "endpoint/cells.h"

#include <array>

namespace aigw::endpoint {
namespace {

using config::SchemaName;

constexpr std::array<Cell, 8> kCells{{
    {EndpointKind::chat_completions, SchemaName::openai, Lane::splice},
    {EndpointKind::chat_completions, SchemaName::azure_openai, Lane::splice},
    {EndpointKind::chat_completions, SchemaName::anthropic, Lane::hub},
    {EndpointKind::chat_completions, SchemaName::aws_bedrock, Lane::hub},
    {EndpointKind::messages, SchemaName::anthropic, Lane::splice},
    {EndpointKind::messages, SchemaName::openai, Lane::hub},
    {EndpointKind::messages, SchemaName::azure_openai, Lane::hub},
    {EndpointKind::messages, SchemaName::aws_bedrock, Lane::hub},
}};

}  // namespace

std::span<const Cell> cells() { return kCells; }

Lane lane_of(EndpointKind endpoint, SchemaName schema) {
  for (const Cell& cell : kCells) {
    if (cell.endpoint == endpoint && cell.schema == schema) return cell.lane;
  }
  return Lane::none;
}

}  // namespace aigw::endpoint
