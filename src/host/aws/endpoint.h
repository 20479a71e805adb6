// Bedrock's paths, hosts and regions.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::host::aws {

inline constexpr Bytes kConverse = "converse";
inline constexpr Bytes kConverseStream = "converse-stream";
inline constexpr Bytes kInvoke = "invoke";
inline constexpr Bytes kInvokeStream = "invoke-with-response-stream";

// "/model/{model}/{action}", with the model (an id or an ARN) escaped to one segment.
std::string path(Bytes model, Bytes action);

inline constexpr Bytes kCountTokens = "count-tokens";

// CountTokens knows models by their own ids, not by those of inference profiles: `model` without the
// geography in front ("us.", "global." …).
Bytes without_geography(Bytes model);

// The same of an Anthropic model, by whatever profile or ARN: from "anthropic." on, and as it is
// where that does not stand in it.
Bytes anthropic_model(Bytes model);

// The region that a Bedrock host names, a view into `host`; "" where it names none. Such a host
// ends in
//   bedrock-runtime.<region>.<domain> or bedrock-runtime-fips.<region>.<domain>
// with a domain of amazonaws.com, api.aws, or vpce.amazonaws.com (PrivateLink), whatever labels
// stand before. Lower case, without a port.
Bytes region_of_host(Bytes host);

// Where a request goes and which region it is signed for.
struct Endpoint {
  std::string host;
  std::string region;
};

// `upstream_host` is the name that the provider is called by, "" for the region's own. A region
// that it names goes before the configured one. Fails where neither gives a region.
Result<Endpoint> endpoint(Bytes upstream_host, Bytes configured_region);

}  // namespace aigw::host::aws
