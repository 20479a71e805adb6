#include "host/gcp/gcp.h"

#include <gtest/gtest.h>

namespace aigw::host::gcp {
namespace {

config::Backend backend() {
  config::Backend backend;
  backend.name = "b";
  backend.project = "my-project";
  backend.region = "us-central1";
  return backend;
}

TEST(Gcp, VertexPaths) {
  EXPECT_EQ(*vertex_path(backend(), "google", "gemini-2.5-pro", kGenerate),
            "/v1/projects/my-project/locations/us-central1/publishers/google/models/"
            "gemini-2.5-pro:generateContent");
  config::Backend global = backend();
  global.region = "global";
  EXPECT_EQ(*vertex_path(global, "anthropic", "claude-sonnet-4-5@20250929", kStreamRawPredict),
            "/v1/projects/my-project/locations/global/publishers/anthropic/models/"
            "claude-sonnet-4-5@20250929:streamRawPredict");
  EXPECT_EQ(*vertex_path(backend(), "google", "../x?y", kRawPredict),
            "/v1/projects/my-project/locations/us-central1/publishers/google/models/"
            "..%2Fx%3Fy:rawPredict");
}

TEST(Gcp, VertexNeedsProjectAndRegion) {
  config::Backend no_project = backend();
  no_project.project.clear();
  const Result<std::string> path = vertex_path(no_project, "google", "m", kGenerate);
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().message, "backend b has no gcp credential with project and region");
  config::Backend no_region = backend();
  no_region.region.clear();
  EXPECT_FALSE(vertex_path(no_region, "google", "m", kGenerate));
}

TEST(Gcp, CountedModels) {
  EXPECT_EQ(counted_model("claude-sonnet-4-5@latest"), "claude-sonnet-4-5");
  EXPECT_EQ(counted_model("claude-sonnet-4-5@default"), "claude-sonnet-4-5");
  EXPECT_EQ(counted_model("claude-sonnet-4-5@20250929"), "claude-sonnet-4-5@20250929");
}

TEST(Gcp, GeminiPaths) {
  EXPECT_EQ(gemini_path(backend(), "gemini-2.5-flash", kStreamGenerate),
            "/v1beta/models/gemini-2.5-flash:streamGenerateContent");
  config::Backend other = backend();
  other.prefix = "proxy/v1";
  EXPECT_EQ(gemini_path(other, "m", kGenerate), "/proxy/v1/models/m:generateContent");
}

}  // namespace
}  // namespace aigw::host::gcp
