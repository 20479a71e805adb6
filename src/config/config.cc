#include "config/config.h"

#include <array>

#include "config/checks.h"

namespace aigw::config {
namespace {

// Of a DNS name, and more than any IP address has.
constexpr size_t kHostMax = 253;

}  // namespace

const Backend* Config::find_backend(Bytes name) const {
  const auto found = backends_.find(name);
  return found == backends_.end() ? nullptr : &found->second;
}

std::span<const Model> Config::models_for_host(Bytes authority) const {
  const Bytes written = host_of(authority);
  if (written.empty() || (models_by_host_.empty() && models_by_suffix_.empty())) return models_;
  if (written.size() > kHostMax) return unscoped_models_;
  std::array<char, kHostMax> lower;
  for (size_t i = 0; i < written.size(); ++i) lower[i] = to_lower(written[i]);
  const Bytes host(lower.data(), written.size());
  if (const auto found = models_by_host_.find(host); found != models_by_host_.end()) {
    return found->second;
  }
  // A wildcard stands for exactly one label, so only one suffix can match.
  const size_t dot = host.find('.');
  if (dot != Bytes::npos && dot > 0) {
    const auto found = models_by_suffix_.find(host.substr(dot + 1));
    if (found != models_by_suffix_.end()) return found->second;
  }
  return unscoped_models_;
}

}  // namespace aigw::config
