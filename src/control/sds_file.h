// A file of secrets as Envoy reads it for SDS (core.v3.PathConfigSource): a DiscoveryResponse with resources of type
// extensions.transport_sockets.tls.v3.Secret, in JSON or YAML. Envoy's API-key filter cannot ask for secrets itself, so
// whoever writes its keys reads them.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace aigw::control {

class SdsFile {
 public:
  // Reads the generic secrets, and what they name: a `filename` or an `environment_variable`. Other secrets and
  // resources are none of its business. The failure names the file, and no content.
  static Result<SdsFile> read(const std::string& path);

  // Fails where there is none of that name, or one that is given as `inline_bytes`.
  Result<Secret> find(const std::string& name) const;

 private:
  explicit SdsFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::map<std::string, Result<Secret>> secrets_;
};

}  // namespace aigw::control
