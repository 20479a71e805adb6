#include "host/aws/endpoint.h"

#include <gtest/gtest.h>

namespace aigw::host::aws {
namespace {

TEST(AwsEndpointTest, Path) {
  EXPECT_EQ(path("anthropic.claude-3-5-haiku-20241022-v1:0", kConverse),
            "/model/anthropic.claude-3-5-haiku-20241022-v1:0/converse");
  EXPECT_EQ(path("arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc",
                 kConverseStream),
            "/model/arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile%2Fabc"
            "/converse-stream");
  EXPECT_EQ(path("..", kConverse), "/model/%2E%2E/converse");
}

TEST(AwsEndpointTest, RegionOfHost) {
  EXPECT_EQ(region_of_host("bedrock-runtime.us-east-1.amazonaws.com"), "us-east-1");
  EXPECT_EQ(region_of_host("bedrock-runtime-fips.us-gov-west-1.amazonaws.com"), "us-gov-west-1");
  EXPECT_EQ(region_of_host("bedrock-runtime.eu-central-1.api.aws"), "eu-central-1");
  EXPECT_EQ(region_of_host("bedrock-runtime-fips.us-east-2.api.aws"), "us-east-2");
  EXPECT_EQ(region_of_host("vpce-0a1b-c2d3.bedrock-runtime.ap-south-1.vpce.amazonaws.com"),
            "ap-south-1");
  EXPECT_EQ(region_of_host("a.b.bedrock-runtime-fips.us-west-2.amazonaws.com"), "us-west-2");
}

TEST(AwsEndpointTest, OtherHostsNameNoRegion) {
  for (Bytes host :
       {"", "localhost", "example.com", "bedrock.us-east-1.amazonaws.com",
        "bedrock-runtime.us-east-1.amazonaws.com:443", "bedrock-runtime.us-east-1.amazonaws.com.cn",
        "Bedrock-Runtime.us-east-1.amazonaws.com", "bedrock-runtime.US-EAST-1.amazonaws.com",
        "bedrock-runtime..amazonaws.com", "us-east-1.amazonaws.com",
        "my-bedrock-runtime.us-east-1.amazonaws.com",
        "bedrock-runtime.us-east-1.amazonaws.com.evil", "bedrock-runtime.us-east-1.xamazonaws.com",
        "bedrock-runtime.a.us-east-1.amazonaws.com"}) {
    EXPECT_EQ(region_of_host(host), "") << host;
  }
}

TEST(AwsEndpointTest, EndpointOfABackend) {
  const auto host_and_region = [](Bytes host, Bytes region) {
    Result<Endpoint> out = endpoint(host, region);
    return out ? out->host + " " + out->region : out.error().message;
  };
  EXPECT_EQ(host_and_region("", "us-east-1"), "bedrock-runtime.us-east-1.amazonaws.com us-east-1");
  EXPECT_EQ(host_and_region("bedrock-runtime-fips.us-west-2.api.aws", "us-east-1"),
            "bedrock-runtime-fips.us-west-2.api.aws us-west-2");
  EXPECT_EQ(host_and_region("bedrock-runtime.us-west-2.amazonaws.com", ""),
            "bedrock-runtime.us-west-2.amazonaws.com us-west-2");
  EXPECT_EQ(host_and_region("proxy.internal", "us-east-1"), "proxy.internal us-east-1");
  EXPECT_EQ(host_and_region("proxy.internal", ""), "the AWS backend has no region");
  EXPECT_EQ(host_and_region("", ""), "the AWS backend has no region");
}

TEST(AwsEndpointTest, CountedModels) {
  EXPECT_EQ(without_geography("us.amazon.nova-lite-v1:0"), "amazon.nova-lite-v1:0");
  EXPECT_EQ(without_geography("us-gov.anthropic.claude"), "anthropic.claude");
  EXPECT_EQ(without_geography("global.us.x"), "us.x");
  EXPECT_EQ(without_geography("usual"), "usual");
  EXPECT_EQ(anthropic_model("arn:aws:bedrock:us-east-1:1:inference-profile/eu.anthropic.claude-x"),
            "anthropic.claude-x");
  EXPECT_EQ(anthropic_model("my-profile"), "my-profile");
}

}  // namespace
}  // namespace aigw::host::aws
