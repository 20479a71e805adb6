#include "exchange/account.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/limits.h"
#include "config/compile.h"
#include "credential/store.h"
#include "exchange/exchange.h"
#include "http/testing/vector_header_map.h"

namespace aigw::exchange {
namespace {

// Keeps what is told of the one request.
class Told final : public observe::Recorder {
 public:
  void request_began(Bytes) override {}
  void attempt_began(const observe::AttemptRecord&) override {}
  void attempt_ended(const observe::AttemptRecord&) override {}
  void request_ended(const observe::RequestRecord& request) override {
    id = request.request_id;
    error = request.error;
  }
  void refused(Bytes, FailureKind) override {}
  void limited(Limit) override {}
  void dropped(Bytes, Bytes, uint64_t) override {}
  std::string id, error;
};

// What is told of a request for `path`, which is none of ours; with `envoy_says`, Envoy answered it before us.
Told told_of(const std::string& path, const std::string& id, Bytes envoy_says = {}) {
  Told told;
  credential::Store store;
  Setup setup;
  setup.config = *config::compile(config::Document{}, store);
  setup.endpoints = std::make_shared<const endpoint::Table>(endpoint::Prefixes{});
  setup.now = +[]() -> uint64_t { return 1; };
  setup.recorder = &told;
  Exchange exchange(std::move(setup));
  http::VectorHeaderMap request{{":method", "POST"}, {":path", path}, {"x-request-id", id}};
  EXPECT_EQ(exchange.on_request_headers(request, true), Step::reply);
  if (!envoy_says.empty()) exchange.shape_carrier_reply(503, envoy_says);
  NoMetadata nowhere;
  exchange.finish(nowhere);
  return told;
}

TEST(Account, KeepsSoMuchOfARequestsId) {
  const std::string most(limits::request_id_max, 'i');
  EXPECT_EQ(told_of("/x", most).id, most);
  EXPECT_EQ(told_of("/x", most + "j").id, most);
}

TEST(Account, KeepsSoMuchOfAnError) {
  const std::string says = "unsupported path: /";
  const std::string most = says + std::string(limits::error_shown_max - says.size(), 'x');
  const std::string path = most.substr(says.size() - 1);
  EXPECT_EQ(told_of(path, "i").error, most);
  EXPECT_EQ(told_of(path + "y", "i").error, most);
  EXPECT_EQ(told_of("/x", "i", most).error, most);
  EXPECT_EQ(told_of("/x", "i", most + "y").error, most);
}

}  // namespace
}  // namespace aigw::exchange
