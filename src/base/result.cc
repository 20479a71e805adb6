#include "base/result.h"

#include <array>

namespace aigw {
namespace {

// In the order of FailureKind; result_test.cc checks it.
constexpr std::array<FailureTraits, 11> kTraits{{
    {400, "BadRequest", Side::client, false},
    {401, "Unauthorized", Side::client, false},
    {404, "NotFound", Side::client, false},
    {405, "MethodNotAllowed", Side::client, false},
    {413, "RequestTooLarge", Side::client, false},
    {415, "UnsupportedMediaType", Side::client, false},
    {422, "UnprocessableEntity", Side::client, false},
    {500, "InternalServerError", Side::gateway, false},
    {502, "BadGateway", Side::upstream, true},
    {503, "ServiceUnavailable", Side::upstream, true},
    {504, "GatewayTimeout", Side::upstream, true},
}};

// In the order of Limit; result_test.cc checks it.
constexpr std::array<const char*, kLimits> kLimitNames = {
    "none",       "request_body",      "buffered",     "json_depth",      "json_values", "model_name",
    "form_parts", "form_part_headers", "schema_depth", "schema_expanded", "hub_answer",  "decoded",
    "sse_event",  "eventstream_headers", "eventstream_payload", "streamed_image",
};

}  // namespace

const char* name_of(Limit limit) { return kLimitNames[static_cast<size_t>(limit)]; }

const FailureTraits& traits(FailureKind kind) { return kTraits[static_cast<size_t>(kind)]; }

FailureKind kind_of_status(uint32_t status) {
  for (size_t i = 0; i < kTraits.size(); ++i) {
    if (kTraits[i].status == status) return static_cast<FailureKind>(i);
  }
  return status < 500 ? FailureKind::malformed_request : FailureKind::internal;
}

}  // namespace aigw
