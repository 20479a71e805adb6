#include "host/gcp/gcp.h"

namespace aigw::host::gcp {
namespace {

void append_model(std::string& path, Bytes model, Bytes action) {
  path += "/models/";
  append_path_segment(path, model);
  path += ':';
  path += action;
}

}  // namespace

Result<std::string> vertex_path(const config::Backend& backend, Bytes publisher, Bytes model,
                                Bytes action) {
  if (backend.project.empty() || backend.region.empty()) {
    return Failure{FailureKind::internal,
                   "backend " + backend.name + " has no gcp credential with project and region"};
  }
  std::string path = "/v1/projects/";
  append_path_segment(path, backend.project);
  path += "/locations/";
  append_path_segment(path, backend.region);
  path += "/publishers/";
  path += publisher;
  append_model(path, model, action);
  return path;
}

Bytes counted_model(Bytes model) {
  for (Bytes ending : {"@default", "@latest"}) {
    if (model.ends_with(ending)) return model.substr(0, model.size() - ending.size());
  }
  return model;
}

std::string gemini_path(const config::Backend& backend, Bytes model, Bytes action) {
  std::string path = "/";
  path += backend.prefix.empty() ? Bytes("v1beta") : Bytes(backend.prefix);
  append_model(path, model, action);
  return path;
}

}  // namespace aigw::host::gcp
