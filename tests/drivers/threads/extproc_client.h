// Envoy as the ext_proc server sees it: the router's stream of a request, and one for each attempt.
#pragma once

#include <ext_proc.grpc.pb.h>

#include <random>
#include <string>

#include "drivers/core/carrier.h"

namespace aigw::tests {

using ExtprocStub = envoy::service::ext_proc::v3::ExternalProcessor::Stub;

// How a request came out.
enum class Carried : uint8_t {
  whole,   // to its end
  left,    // cut by this Envoy, whose client has gone
  broken,  // the server has cut it, or is not there
};

// Carries the story's request, its attempts and the last one's answer. One in a few requests is
// left at a moment that `random` chooses, where `may_leave`. `problem` says what was broken.
Carried carry_to_server(ExtprocStub& stub, const Case& story, std::mt19937& random, bool may_leave,
                        Outcome& outcome, std::string& problem);

}  // namespace aigw::tests
