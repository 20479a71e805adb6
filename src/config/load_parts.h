// The parts of a document, each in its own file. They take what they can and report the rest.
#pragma once

#include "config/gateway.h"
#include "config/load.h"
#include "config/reader.h"

namespace aigw::config {

void load_filter(Object& root, const LoadOptions& options, Document& out);
void load_auth(Object& auth, const LoadOptions& options, AuthSpec& out);
// The key of a block, from `key`, `keyFile` or `keyEnv`; reported where none of them is there.
SecretSpec load_key(Object& block, const LoadOptions& options);
// `clientRules`, and `clients`, whose rules go behind those of the former.
void load_client_rules(Object& root, std::vector<ClientRule>& out);
void load_clients(Object& root, const LoadOptions& options, GatewayDocument& out);
void load_mcp(Object& mcp, McpConfig& out);
HeaderMutation load_header_mutation(Object& block);
BodyMutation load_body_mutation(Object& block);
// After load_filter: refers to the backends of out.filter.
void load_gateway(Object& root, GatewayDocument& out);

// Warns where this build does not act on `feature` (a name of acted_on.h).
void note_if_idle(Report& report, Place place, const Path& path, const std::string& feature);

}  // namespace aigw::config
