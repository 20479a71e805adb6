#include "host/services/services.h"

#include <gtest/gtest.h>

namespace aigw::host::services {
namespace {

TEST(Services, GcpOpenAi) {
  config::Backend backend;
  backend.name = "b";
  backend.service = config::Service::gcp_openai;
  const Wish wish{"meta/llama", "/chat/completions"};
  ASSERT_FALSE(path(backend, wish));
  EXPECT_EQ(path(backend, wish).error().message, "backend b has no gcp credential with project and region");
  backend.project = "my project";
  backend.region = "global";
  EXPECT_EQ(*path(backend, wish), "/v1/projects/my%20project/locations/global/endpoints/openapi/chat/completions");
}

}  // namespace
}  // namespace aigw::host::services
