#include "fronts/extproc/gateway.h"

#include <gtest/gtest.h>

#include "fronts/extproc/headers.h"

namespace aigw::extproc {
namespace {

class GatewayTest : public testing::Test {
 protected:
  void SetUp() override {
    runtime::Process process;
    process.log = [](runtime::LogLevel, Bytes) {};
    process.watch = false;
    auto runtime = runtime::Runtime::open("config: {uuid: u}", process);
    ASSERT_TRUE(runtime);
    gateway_ = std::make_unique<Gateway>(*runtime, [](runtime::LogLevel, Bytes) {});
  }

  std::shared_ptr<OpenExchange> enter(Bytes request_id) {
    std::shared_ptr<OpenExchange> exchange = gateway_->open_exchange();
    gateway_->enter(request_id, exchange);
    return exchange;
  }

  std::shared_ptr<OpenExchange> find(std::initializer_list<std::pair<Bytes, Bytes>> pairs) {
    Headers headers;
    for (const auto& [name, value] : pairs) headers.add(name, value);
    return gateway_->find(headers);
  }

  std::unique_ptr<Gateway> gateway_;
};

TEST_F(GatewayTest, RequestIdsAreUniqueAmongWhatIsOpen) {
  const auto one = enter("id"), two = enter("id"), nameless = enter("");
  EXPECT_EQ(one->request_id, "id");
  EXPECT_TRUE(two->request_id.starts_with("id-"));
  EXPECT_FALSE(nameless->request_id.empty());
  EXPECT_EQ(gateway_->exchanges_open(), 3u);
  gateway_->leave(*one);
  EXPECT_EQ(enter("id")->request_id, "id");
}

TEST_F(GatewayTest, TheFirstAttemptIsKnownByTheInternalId) {
  const auto one = enter("id");
  EXPECT_EQ(find({{"x-request-id", "id"}, {"x-ai-eg-internal-req-id", one->internal_id}}), one);
  EXPECT_EQ(find({{"x-request-id", "id"}, {"x-ai-eg-internal-req-id", "id-guessed"}}), nullptr);
  EXPECT_EQ(find({{"x-request-id", "other"}, {"x-ai-eg-internal-req-id", one->internal_id}}),
            nullptr);
  EXPECT_EQ(find({{"x-request-id", "id"}}), nullptr);
  gateway_->leave(*one);
  EXPECT_EQ(find({{"x-request-id", "id"}, {"x-ai-eg-internal-req-id", one->internal_id}}), nullptr);
}

TEST_F(GatewayTest, ALaterOneByWhatTheOneBeforeHasLeft) {
  const auto one = enter("id");
  one->left = {
      {"authorization", "Bearer k"}, {"x-ai-eg-model", std::nullopt}, {"content-length", "12"}};
  EXPECT_EQ(find({{"x-request-id", "id"}, {"authorization", "Bearer k"}}), one);
  EXPECT_EQ(find({{"x-request-id", "id"}, {"authorization", "Bearer other"}}), nullptr);
  EXPECT_EQ(find({{"x-request-id", "id"}}), nullptr);
  EXPECT_EQ(find({{"x-request-id", "id"}, {"authorization", "Bearer k"}, {"x-ai-eg-model", "m"}}),
            nullptr);
}

}  // namespace
}  // namespace aigw::extproc
