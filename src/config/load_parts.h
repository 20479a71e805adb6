// The parts of a document, each in its own file. They take what they can and report the rest.
#pragma once

#include "config/gateway.h"
#include "config/load.h"
#include "config/reader.h"

namespace aigw::config {

void load_filter(Object& root, const LoadOptions& options, Document& out);
void load_auth(Object& auth, const LoadOptions& options, AuthSpec& out);
void load_mcp(Object& mcp, McpConfig& out);
// After load_filter: refers to the backends of out.filter.
void load_gateway(Object& root, GatewayDocument& out);

// Warns where this build does not act on `feature` (a name of acted_on.h).
void note_if_idle(Report& report, Place place, const Path& path, const std::string& feature);

}  // namespace aigw::config
