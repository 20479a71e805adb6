// The API as clouds serve it: the model is in the path, and the version of the API in the body
// instead of a header. On AWS the path also says whether to stream, and beta features are in the
// body.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"
#include "json/cursor.h"

namespace aigw::dialect::anthropic {

enum class Envelope : uint8_t { none, aws, gcp };

inline constexpr Bytes kAwsVersion = "bedrock-2023-05-31";
inline constexpr Bytes kGcpVersion = "vertex-2023-10-16";

// The version for the body: what is configured, else the cloud's only one.
Bytes envelope_version(Envelope envelope, Bytes configured);

// Appends the body `root` of a client of the API, an object, as the cloud takes it: its members as
// they came and in their order, without `model` (and `stream` on AWS); `anthropic_version`, and
// `anthropic_beta` where there are `betas`, in the place of the client's own, else at the end.
void put_in_envelope(const json::Value& root, Envelope envelope, Bytes version,
                     std::span<const Bytes> betas, std::string& out);

// The same of a body that is there to be counted. On GCP it keeps `model`, with this value in it; on
// AWS it has the max_tokens of a request, 1 where the client gave none.
void put_count_in_envelope(const json::Value& root, Envelope envelope, Bytes model, Bytes version,
                           std::string& out);

}  // namespace aigw::dialect::anthropic
