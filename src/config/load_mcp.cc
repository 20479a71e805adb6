// `mcpConfig`.
#include <array>

#include "config/checks.h"
#include "config/load_parts.h"

namespace aigw::config {
namespace {

constexpr std::array<Bytes, 2> kActions{"Allow", "Deny"};
constexpr std::array<Bytes, 2> kClaimTypes{"String", "StringArray"};

McpAction load_action(Object& block, Bytes key, bool required) {
  const auto word = block.word(key, kActions, required);
  if (!word) return McpAction::unset;
  return *word == 0 ? McpAction::allow : McpAction::deny;
}

McpJwt load_jwt(Object& block) {
  McpJwt out;
  out.scopes = block.texts("scopes");
  block.each("claims", [&](const Node& item, const Path& path) {
    Object entry(block.report(), item, path);
    McpClaim claim;
    claim.name = entry.required_text("name");
    if (const auto type = entry.word("valueType", kClaimTypes, false)) {
      claim.value_type = *type == 0 ? McpClaimType::string : McpClaimType::string_array;
    }
    claim.values = entry.texts("values");
    out.claims.push_back(std::move(claim));
  });
  return out;
}

McpRule load_rule(Object& block) {
  McpRule out;
  out.action = load_action(block, "action", false);
  block.nested("source", [&](Object& source) {
    source.nested("jwt", [&](Object& jwt) { out.source_jwt = load_jwt(jwt); });
  });
  block.nested("target", [&](Object& target) {
    auto& tools = out.target_tools.emplace();
    target.each("tools", [&](const Node& item, const Path& path) {
      Object tool(target.report(), item, path);
      tools.push_back({tool.required_text("backend"), tool.text("tool")});
    });
  });
  out.cel = block.text("cel");
  return out;
}

McpAuthorization load_authorization(Object& block) {
  McpAuthorization out;
  out.default_action = load_action(block, "defaultAction", false);
  block.each("rules", [&](const Node& item, const Path& path) {
    Object rule(block.report(), item, path);
    out.rules.push_back(load_rule(rule));
  });
  out.resource_metadata_url = block.text("resourceMetadataURL");
  return out;
}

McpBackend load_mcp_backend(Object& block) {
  McpBackend out;
  out.name = block.required_text("name");
  block.nested("toolSelector", [&](Object& selector) {
    out.tool_selector = McpToolSelector{selector.texts("include"), selector.texts("includeRegex"),
                                        selector.texts("exclude"), selector.texts("excludeRegex")};
  });
  block.each("forwardHeaders", [&](const Node& item, const Path& path) {
    Object header(block.report(), item, path);
    McpForwardHeader forward{header.required_text("name"), header.text("backendHeader")};
    const auto check = [&](Bytes key, Bytes name) {
      if (name.empty() || is_token(name)) return;
      header.error(key, "not the name of a header: " + quoted(name));
    };
    check("name", forward.name);
    check("backendHeader", forward.backend_header);
    out.forward_headers.push_back(std::move(forward));
  });
  return out;
}

}  // namespace

void load_mcp(Object& mcp, McpConfig& out) {
  out.backend_listener_addr = mcp.text("backendListenerAddr");
  mcp.each("routes", [&](const Node& item, const Path& path) {
    Object block(mcp.report(), item, path);
    McpRoute route;
    route.name = block.required_text("name");
    block.each("backends", [&](const Node& entry, const Path& entry_path) {
      Object backend(block.report(), entry, entry_path);
      route.backends.push_back(load_mcp_backend(backend));
    });
    block.nested("authorization",
                 [&](Object& inner) { route.authorization = load_authorization(inner); });
    block.nested("backendSelector",
                 [&](Object& inner) { route.backend_selector = load_authorization(inner); });
    route.forward_headers = block.texts("forwardHeaders");
    out.routes.push_back(std::move(route));
  });
}

}  // namespace aigw::config
