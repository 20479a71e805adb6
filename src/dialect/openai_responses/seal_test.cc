#include "dialect/openai_responses/seal.h"

#include <gtest/gtest.h>

namespace aigw::dialect::openai_responses {
namespace {

TEST(Seal, CarriesIdAndSecretOfAnItem) {
  Arena arena(1 << 16);
  const Bytes sealed = seal_own("rs_1", "gAAA=:x", arena);
  const std::optional<OwnSeal> opened = open_own(sealed);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->id, "rs_1");
  EXPECT_EQ(opened->encrypted, "gAAA=:x");
  const std::optional<OwnSeal> bare = open_own(seal_own("", "", arena));
  ASSERT_TRUE(bare.has_value());
  EXPECT_EQ(bare->id, "");
  EXPECT_EQ(bare->encrypted, "");
}

TEST(Seal, KnowsWhatIsNotItsOwn) {
  for (const char* signature : {"", "EqQB", "openai", "openai:rs_1"}) {
    EXPECT_FALSE(open_own(signature).has_value()) << signature;
  }
  for (const char* encrypted : {"", "gAAA", "aigw.call:c1", "aigw."}) {
    EXPECT_FALSE(open_foreign(encrypted).has_value()) << encrypted;
  }
}

TEST(Seal, OpensWhatOtherProvidersWantBack) {
  using Kind = ForeignSeal::Kind;
  const auto signature = open_foreign("aigw.signature:Eq:QB");
  ASSERT_TRUE(signature.has_value());
  EXPECT_EQ(signature->kind, Kind::signature);
  EXPECT_EQ(signature->payload, "Eq:QB");
  const auto redacted = open_foreign("aigw.redacted:R");
  ASSERT_TRUE(redacted.has_value());
  EXPECT_EQ(redacted->kind, Kind::redacted);
  const auto call = open_foreign("aigw.call:call:1:c2ln");
  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(call->kind, Kind::call);
  EXPECT_EQ(call->call_id, "call:1");
  EXPECT_EQ(call->payload, "c2ln");
}

}  // namespace
}  // namespace aigw::dialect::openai_responses
