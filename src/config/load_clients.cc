// `clients`: who may call, and `clientRules`: what each may do. The former is for whoever generates Envoy's
// configuration, the latter for the data plane.
//
//   clients:
//     apiKeys:
//     - {name: alice, keyFile: /etc/aigw/alice.key, models: [gpt-*, o3], metadata: {team: red}}
//     - {name: bob, keyEnv: BOB_KEY}          # every model
//     - {name: carol, sdsSecret: key-of-carol}
//     sdsFile: /etc/aigw/sds/keys.json
//   clients:
//     jwt: {issuer: https://issuer.example, audiences: [aigw], jwksFile: /etc/aigw/jwks.json, claim: sub}
//     rules: [{client: alice, models: [o3]}, {client: "*", models: ["*"]}]
#include <algorithm>
#include <map>

#include "base/limits.h"
#include "config/checks.h"
#include "config/load_parts.h"

namespace aigw::config {
namespace {

// A name goes into a header.
void load_name(Object& block, Bytes key, std::string& out) {
  out = block.required_text(key);
  if (out.size() > limits::client_name_max || !is_header_value(out) || out.find_first_of(" \t") != std::string::npos) {
    block.error(key, "expected up to " + std::to_string(limits::client_name_max) + " characters without blanks");
  }
}

void load_models(Object& block, std::vector<std::string>& out) {
  block.each("models", [&](const Node& item, const Path& path) {
    if (!expect_kind(block.report(), item, path, Node::Kind::string)) return;
    const std::string& pattern = item.text;
    if (pattern.empty() || pattern.size() > limits::model_name_max) {
      block.report().error(item.place, path,
                           "expected 1 to " + std::to_string(limits::model_name_max) + " bytes");
    } else if (pattern.find('*') < pattern.size() - 1) {
      block.report().error(item.place, path, "a * may only stand at the end; got " + quoted(pattern));
    }
    out.push_back(pattern);
  });
}

void load_metadata(Object& block, ClientRule& out) {
  const Node* node = block.find("metadata");
  const Path path(block.path(), "metadata");
  if (node == nullptr || !expect_kind(block.report(), *node, path, Node::Kind::map)) return;
  for (const Node& member : node->children) {
    if (!expect_kind(block.report(), member, Path(path, member.key), Node::Kind::string)) continue;
    out.metadata.emplace_back(member.key, member.text);
  }
}

// Rules by the names of their clients, each once.
class Names {
 public:
  void add(Object& block, Bytes key, const std::string& name) {
    if (name.empty()) return;
    const auto [at, is_first] = lines_.emplace(name, block.place_of(key).line);
    if (is_first) return;
    block.error(key, "the client " + quoted(name) + " is already on line " + std::to_string(at->second));
  }

 private:
  std::map<std::string, int> lines_;
};

void load_rules(Object& root, Bytes key, Names& names, std::vector<ClientRule>& out) {
  root.each(key, [&](const Node& item, const Path& path) {
    Object block(root.report(), item, path);
    ClientRule rule;
    load_name(block, "client", rule.client);
    names.add(block, "client", rule.client);
    load_models(block, rule.models);
    load_metadata(block, rule);
    out.push_back(std::move(rule));
  });
}

void load_api_keys(Object& block, const LoadOptions& options, Names& names, GatewayDocument& out) {
  block.each("apiKeys", [&](const Node& item, const Path& path) {
    Object entry(block.report(), item, path);
    ClientKey client;
    ClientRule rule;
    load_name(entry, "name", client.name);
    if (client.name == "*") entry.error("name", "\"*\" is no client's name");
    names.add(entry, "name", client.name);
    client.key = load_key(entry, options);
    rule.client = client.name;
    load_models(entry, rule.models);
    if (entry.find("models") == nullptr) rule.models = {"*"};
    load_metadata(entry, rule);
    out.clients->keys.push_back(std::move(client));
    out.filter.client_rules.push_back(std::move(rule));
  });
  const std::vector<ClientKey>& keys = out.clients->keys;
  const bool by_sds = std::any_of(keys.begin(), keys.end(), [](const ClientKey& client) {
    return client.key.source == SecretSpec::Source::sds;
  });
  out.clients->sds_file = block.text("sdsFile");
  if (by_sds && out.clients->sds_file.empty()) block.error("sdsFile", "is needed where a key is an sdsSecret");
  if (!by_sds && !out.clients->sds_file.empty()) block.error("sdsFile", "has no use where no key is an sdsSecret");
}

void load_jwt(Object& block, ClientJwt& out) {
  out.issuer = block.required_text("issuer");
  out.audiences = block.texts("audiences");
  out.jwks_file = block.required_text("jwksFile");
  if (block.find("claim") != nullptr) out.claim = block.required_text("claim");
}

}  // namespace

void load_client_rules(Object& root, std::vector<ClientRule>& out) {
  Names names;
  load_rules(root, "clientRules", names, out);
}

void load_clients(Object& root, const LoadOptions& options, GatewayDocument& out) {
  const bool exists = root.nested("clients", [&](Object& block) {
    out.clients.emplace();
    if (!out.filter.client_rules.empty()) {
      root.error("clientRules", "stand in clients, where there are any");
    }
    Names names;
    load_api_keys(block, options, names, out);
    const bool has_jwt = block.nested("jwt", [&](Object& inner) { load_jwt(inner, out.clients->jwt.emplace()); });
    if (has_jwt == !out.clients->keys.empty()) {
      block.report().error(block.place(), block.path(), "one of apiKeys and jwt is needed, and only one");
    }
    load_rules(block, "rules", names, out.filter.client_rules);
    // Whom the issuer knows may do everything, where nothing else is said.
    if (has_jwt && block.find("rules") == nullptr) out.filter.client_rules.push_back({"*", {"*"}, {}});
  });
  if (!exists && !out.filter.client_rules.empty()) {
    root.warning("clientRules", "there are no clients: nobody says who a client is, so all are refused");
  }
}

}  // namespace aigw::config
