// `listen`, `upstreams` and `routes`: what `aigw run` needs beside the filterapi document.
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/limits.h"
#include "config/checks.h"
#include "config/load_parts.h"
#include "config/merge_rules.h"

namespace aigw::config {
namespace {

using std::chrono::milliseconds;

void load_listen(Object& root, Listen& out) {
  const std::string text = root.text("listen");
  if (text.empty()) return;
  auto address = parse_host_port(text);
  if (address && address->host == "localhost") *address = {"127.0.0.1", true, address->port};
  if (!address || !address->is_ip || !address->port) {
    root.error("listen",
               "expected an IP address and a port, as in 127.0.0.1:1975 or [::1]:1975; "
               "got " +
                   quoted(text));
    return;
  }
  out = {address->host, *address->port};
}

void load_dataplane(Object& root, Dataplane& out) {
  constexpr Bytes kWords[] = {"module", "extproc"};
  const std::optional<size_t> word = root.word("dataplane", kWords, false);
  if (word) out = *word == 0 ? Dataplane::module : Dataplane::extproc;
}

// A duration above zero; `out` stays where the key is absent.
void load_duration(Object& block, Bytes key, milliseconds max, milliseconds& out) {
  const std::string text = block.text(key);
  if (text.empty()) return;
  const auto duration = parse_duration(text);
  if (duration && duration->count() > 0 && *duration <= max) {
    out = *duration;
    return;
  }
  block.error(key, "expected a duration above 0 and up to " +
                       std::to_string(max.count() / 3'600'000) +
                       "h, as in 500ms, 10s, 5m or 1h; got " + quoted(text));
}

// What is wrong with the url, or nothing. The url is not quoted: what stands before an @ is a
// password.
std::string load_url(Bytes url, Upstream& out) {
  const std::string lower = to_lower(url);
  out.tls = lower.starts_with("https://");
  if (!out.tls && !lower.starts_with("http://")) return "expected http:// or https:// and a host";
  Bytes rest = url.substr(out.tls ? 8 : 7);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('@') != Bytes::npos) {
    return "a user or password has no place here; use the backend's auth";
  }
  if (rest.find_first_of("?#") != Bytes::npos) return "a query or fragment has no place here";
  if (rest.find('/') != Bytes::npos) {
    return "a path has no place here; put it in the backend's schema.prefix";
  }
  const auto address = parse_host_port(rest);
  if (!address) return "expected a host and maybe a port (1 to 65535) after the scheme";
  out.host = address->host;
  out.host_is_ip = address->is_ip;
  out.port = address->port.value_or(out.tls ? 443 : 80);
  return {};
}

Upstream load_upstream(Object& block) {
  Upstream out;
  out.backend = block.required_text("backend");
  const std::string url = block.required_text("url");
  bool url_is_fit = false;
  if (!url.empty()) {
    std::string problem = load_url(url, out);
    url_is_fit = problem.empty();
    if (!url_is_fit) block.error("url", std::move(problem));
  }
  out.ca = block.text("ca");
  out.server_name = block.text("serverName");
  out.http2 = block.optional_boolean("http2");
  load_duration(block, "connectTimeout", milliseconds(limits::connect_timeout_ms_max), out.connect_timeout);
  if (url_is_fit && !out.tls) {
    for (const char* key : {"ca", "serverName"}) {
      if (block.find(key) != nullptr) block.error(key, "only for an https url");
    }
  } else if (!out.server_name.empty() && !is_dns_name(out.server_name)) {
    block.error("serverName", "not the name of a host: " + quoted(out.server_name));
  }
  if (out.tls && out.server_name.empty()) out.server_name = out.host;
  return out;
}

class GatewayLoader {
 public:
  GatewayLoader(Object& root, GatewayDocument& out) : root_(root), out_(out) {
    for (const BackendSpec& backend : out.filter.backends) backends_.insert(backend.name);
  }

  void load() {
    load_listen(root_, out_.listen);
    load_dataplane(root_, out_.dataplane);
    load_upstreams();
    if (root_.find("routes") == nullptr) {
      make_default_route();
    } else {
      load_routes();
    }
    if (out_.filter.backends.empty() && root_.find("backends") == nullptr) {
      root_.missing("backends");
    }
  }

 private:
  Report& report() { return root_.report(); }

  void load_upstreams() {
    std::map<std::string, int> lines;
    root_.each("upstreams", [&](const Node& item, const Path& path) {
      Object block(report(), item, path);
      out_.upstreams.push_back(load_upstream(block));
      const std::string& name = out_.upstreams.back().backend;
      if (name.empty()) return;
      check_backend(block.place_of("backend"), Path(path, "backend"), name);
      const auto [at, is_first] = lines.emplace(name, block.place_of("backend").line);
      if (!is_first) {
        block.error("backend", "the upstream of " + quoted(name) + " is already on line " +
                                   std::to_string(at->second));
      }
      reached_.insert(name);
    });
  }

  bool check_backend(Place place, const Path& path, const std::string& name) {
    if (backends_.contains(name)) return true;
    report().error(place, path, "there is no backend " + quoted(name));
    return false;
  }

  // Of a backend that a route uses. Says once for each that it has no upstream.
  void use_backend(Place place, const Path& path, const std::string& name) {
    used_.insert(name);
    if (reached_.contains(name) || !reported_.insert(name).second) return;
    report().error(place, path, "the backend " + quoted(name) + " has no entry in upstreams");
  }

  void make_default_route() {
    Route route;
    route.name = "route-0";
    route.models = {"*"};
    for (const BackendSpec& backend : out_.filter.backends) {
      if (backend.name.empty()) continue;
      route.backends.push_back({backend.name, static_cast<uint32_t>(route.backends.size()), 1});
      use_backend(root_.place_of("backends"), Path(root_.path(), "backends"), backend.name);
    }
    route.retries = default_retries(route.backends.size());
    if (!route.backends.empty()) out_.routes.push_back(std::move(route));
  }

  static uint32_t default_retries(size_t backends) {
    return static_cast<uint32_t>(std::clamp<size_t>(backends, 2, limits::retries_max + 1) - 1);
  }

  void load_routes() {
    std::map<std::string, int> lines;
    root_.each("routes", [&](const Node& item, const Path& path) {
      Object block(report(), item, path);
      Route route = load_route(block);
      const auto [at, is_first] = lines.emplace(route.name, block.place_of("name").line);
      if (!is_first) {
        block.error("name", "the route " + quoted(route.name) + " is already on line " +
                                std::to_string(at->second));
      }
      out_.routes.push_back(std::move(route));
    });
    const Node* routes = root_.find("routes");
    if (routes->kind == Node::Kind::sequence && routes->children.empty()) {
      root_.error("routes", "may not be empty; leave it out to send all models to all backends");
    }
    warn_of_unused();
  }

  void warn_of_unused() {
    const Node* list = root_.find("backends");
    if (list == nullptr || list->kind != Node::Kind::sequence) return;
    const Path path(root_.path(), "backends");
    const auto& backends = out_.filter.backends;
    for (size_t i = 0; i < list->children.size(); ++i) {
      if (backends[i].name.empty() || used_.contains(backends[i].name)) continue;
      report().warning(list->children[i].place, Path(path, i), "no route uses this backend");
    }
  }

  Route load_route(Object& block) {
    Route out;
    out.name = block.text("name");
    if (out.name.empty()) out.name = "route-" + std::to_string(out_.routes.size());
    load_models(block, out.models);
    load_route_backends(block, out.name, out.backends);
    out.retries = static_cast<uint32_t>(block.whole_number("retries", 0, limits::retries_max)
                                            .value_or(default_retries(out.backends.size())));
    load_duration(block, "idleTimeout", milliseconds(limits::idle_timeout_ms_max), out.idle_timeout);
    return out;
  }

  void load_models(Object& block, std::vector<std::string>& out) {
    block.each("models", [&](const Node& item, const Path& path) {
      if (!expect_kind(report(), item, path, Node::Kind::string)) return;
      const std::string& pattern = item.text;
      if (pattern.empty() || pattern.size() > limits::model_name_max) {
        report().error(item.place, path,
                       "expected 1 to " + std::to_string(limits::model_name_max) + " bytes");
      } else if (pattern.find('*') < pattern.size() - 1) {
        report().error(item.place, path, "a * may only stand at the end; got " + quoted(pattern));
      } else {
        warn_of_shadow(item.place, path, pattern);
      }
      out.push_back(pattern);
    });
    if (out.empty()) {
      report().error(block.place_of("models"), Path(block.path(), "models"),
                     "at least one is needed; \"*\" is any");
    }
  }

  // Of a pattern that an earlier route takes whole.
  void warn_of_shadow(Place place, const Path& path, Bytes pattern) {
    for (size_t i = 0; i < out_.routes.size(); ++i) {
      for (const Bytes earlier : out_.routes[i].models) {
        const bool prefix = earlier.ends_with('*');
        const bool covers = prefix ? pattern.starts_with(earlier.substr(0, earlier.size() - 1))
                                   : pattern == earlier;
        if (!covers) continue;
        report().warning(
            place, path,
            "never matches: routes[" + std::to_string(i) + "] takes " + quoted(earlier));
        return;
      }
    }
  }

  // The mutations of a route's entry: its backend becomes one of the route's own.
  void load_rules(Object& entry, const std::string& route, RouteBackend& backend) {
    HeaderMutation headers;
    BodyMutation bodies;
    entry.nested("httpHeaderMutation", [&](Object& inner) { headers = load_header_mutation(inner); });
    entry.nested("httpBodyMutation", [&](Object& inner) { bodies = load_body_mutation(inner); });
    if (headers == HeaderMutation{} && bodies == BodyMutation{}) return;
    auto& backends = out_.filter.backends;
    const auto named = std::find_if(backends.begin(), backends.end(),
                                    [&](const BackendSpec& spec) { return spec.name == backend.name; });
    const Upstream* upstream = out_.find_upstream(backend.name);
    if (named == backends.end() || upstream == nullptr) return;  // reported already
    BackendSpec own = *named;
    own.name = route_backend_name(backend.name, route);
    own.header_mutation = merge(headers, named->header_mutation);
    own.body_mutation = merge(bodies, named->body_mutation);
    if (!backends_.insert(own.name).second) {
      entry.error("name", "there is a backend " + quoted(own.name) + " already, which this would be called");
      return;
    }
    Upstream own_upstream = *upstream;
    own_upstream.backend = backend.name = own.name;
    out_.upstreams.push_back(std::move(own_upstream));
    backends.push_back(std::move(own));
  }

  void load_route_backends(Object& block, const std::string& route, std::vector<RouteBackend>& out) {
    bool in_order = true;  // nothing says how to share: the first, then the second, and so on
    std::set<std::string> names;
    const auto add = [&](Place place, const Path& path, const std::string& name) {
      if (name.empty() || !check_backend(place, path, name)) return;
      use_backend(place, path, name);
      if (!names.insert(name).second) {
        report().error(place, path, "the backend " + quoted(name) + " is already in this route");
      }
    };
    block.each("backends", [&](const Node& item, const Path& path) {
      RouteBackend backend;
      if (item.kind == Node::Kind::string) {
        backend.name = item.text;
        if (item.text.empty()) report().error(item.place, path, "may not be empty");
        add(item.place, path, item.text);
      } else {
        Object entry(report(), item, path);
        backend.name = entry.required_text("name");
        add(entry.place_of("name"), Path(path, "name"), backend.name);
        const auto priority = entry.whole_number("priority", 0, limits::backend_priority_max);
        const auto weight = entry.whole_number("weight", 1, limits::backend_weight_max);
        in_order = in_order && entry.find("priority") == nullptr && entry.find("weight") == nullptr;
        backend.priority = static_cast<uint32_t>(priority.value_or(0));
        backend.weight = static_cast<uint32_t>(weight.value_or(1));
        load_rules(entry, route, backend);
      }
      out.push_back(std::move(backend));
    });
    if (out.empty()) {
      report().error(block.place_of("backends"), Path(block.path(), "backends"),
                     "at least one is needed");
    }
    if (in_order) {
      for (size_t i = 0; i < out.size(); ++i) out[i].priority = static_cast<uint32_t>(i);
    }
    sort_by_priority(block, out);
  }

  void sort_by_priority(Object& block, std::vector<RouteBackend>& out) {
    std::stable_sort(out.begin(), out.end(), [](const RouteBackend& a, const RouteBackend& b) {
      return a.priority < b.priority;
    });
    uint32_t expected = 0;
    for (const RouteBackend& backend : out) {
      if (backend.priority > expected) {
        block.error("backends", "priorities may have no gap: there is " +
                                    std::to_string(backend.priority) + " but no " +
                                    std::to_string(expected));
        return;
      }
      expected = backend.priority + 1;
    }
  }

  Object& root_;
  GatewayDocument& out_;
  std::set<std::string> backends_;
  std::set<std::string> reached_;   // have an upstream
  std::set<std::string> used_;      // are in a route
  std::set<std::string> reported_;  // as without an upstream
};

}  // namespace

void load_gateway(Object& root, GatewayDocument& out) { GatewayLoader(root, out).load(); }

}  // namespace aigw::config
