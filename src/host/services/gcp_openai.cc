// Vertex AI's OpenAI-compatible endpoint: the models of its Model Garden (Llama, Mistral, Qwen, DeepSeek …) and Gemini
// speak chat completions there. Project and location stand in the path, the model, "meta/llama-3.3-70b-instruct-maas",
// in the body (Vertex AI's documentation, "Call MaaS APIs for open models").
#include "host/common.h"
#include "host/services/services.h"

namespace aigw::host::services {

Result<std::string> gcp_openai(const config::Backend& backend, const Wish& wish);

Result<std::string> gcp_openai(const config::Backend& backend, const Wish& wish) {
  if (backend.project.empty() || backend.region.empty()) {
    return Failure{FailureKind::internal, "backend " + backend.name + " has no gcp credential with project and region"};
  }
  std::string path = "/v1/projects/";
  append_path_segment(path, backend.project);
  path += "/locations/";
  append_path_segment(path, backend.region);
  path += "/endpoints/openapi";
  path += wish.tail;
  return path;
}

}  // namespace aigw::host::services
