#include "cli/ledger.h"

#include <gtest/gtest.h>

#include <sstream>

namespace aigw::cli {
namespace {

Result<Ledger> read(const std::string& text) {
  std::istringstream log(text);
  return read_ledger(log, kCostField);
}

constexpr const char* kLog = R"({"gen_ai.cost.micro":4182,"gen_ai.provider.name":"a","gen_ai.request.model":"m"}
{"gen_ai.cost.micro":1,"gen_ai.provider.name":"a","gen_ai.request.model":"n"}

{"gen_ai.cost.micro":null,"gen_ai.provider.name":"a","gen_ai.request.model":"m"}
{"gen_ai.cost.micro":"9007199254740991","gen_ai.provider.name":"b","gen_ai.request.model":"m"}
{"gen_ai.cost.micro":"-","gen_ai.request.model":"m"}
{"response_code":404}
{"gen_ai.cost.micro":18,"gen_ai.provider.name":"a","gen_ai.request.model":"m"}
)";

TEST(Ledger, SumsByBackendAndModel) {
  const Result<Ledger> ledger = read(kLog);
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->lines.at("a").at("m").micro, 4200u);
  EXPECT_EQ(ledger->lines.at("a").at("m").requests, 2u);
  EXPECT_EQ(ledger->lines.at("a").at("n").micro, 1u);
  EXPECT_EQ(ledger->total().micro, 9007199254745192u);
  EXPECT_EQ(ledger->total().requests, 4u);
  EXPECT_EQ(ledger->unpriced, 3u);
  EXPECT_NE(to_text(*ledger).find("9007199254.745192"), std::string::npos);
}

TEST(Ledger, ALineThatIsNoCostIsNamed) {
  EXPECT_EQ(read("{}\nnot json\n").error().message, "line 2: not a JSON object");
  EXPECT_EQ(read(R"({"gen_ai.cost.micro":1.5})").error().message, "line 1: gen_ai.cost.micro is not a whole number");
  EXPECT_EQ(read(R"({"gen_ai.cost.micro":-1})").error().message, "line 1: gen_ai.cost.micro is not a whole number");
  const std::string half = "{\"gen_ai.cost.micro\":\"9223372036854775808\"}\n";
  EXPECT_EQ(read(half + half).error().message, "line 2: the sum has more than 64 bits");
}

TEST(Ledger, CountersAreReadByBackend) {
  const auto counters = read_counters(R"(# TYPE aigw_cost_total counter
aigw_cost_total{backend="a",key="llm_cost_micro"} 4201
aigw_cost_total{backend="a",key="llm_total_token"} 7
aigw_cost_total{otel_scope_name="x\",backend=\"no",backend="b \"q\"",key="llm_cost_micro"} 9.007199254740991e+15
aigw_cost_total_other{backend="a",key="llm_cost_micro"} 5
other{backend="a"} 5
)",
                                      kMoneyKey);
  ASSERT_TRUE(counters);
  EXPECT_EQ(*counters, (std::map<std::string, uint64_t>{{"a", 4201}, {"b \"q\"", 9007199254740991}}));
  EXPECT_FALSE(read_counters("aigw_cost_total{backend=\"a\",key=\"k\"} 1.5\n", "k"));
}

TEST(Ledger, AgreesToTheLastUnitOrSaysWhereNot) {
  const Result<Ledger> ledger = read(kLog);
  ASSERT_TRUE(ledger);
  EXPECT_TRUE(reconcile(*ledger, {{"a", 4201}, {"b", 9007199254740991}}).agrees);
  const Reconciled off = reconcile(*ledger, {{"a", 4200}, {"b", 9007199254740991}, {"c", 1}});
  EXPECT_FALSE(off.agrees);
  EXPECT_EQ(off.text,
            "a: the log has 0.004201, the counters have 0.004200\n"
            "c: the log has 0.000000, the counters have 0.000001\n");
  EXPECT_FALSE(reconcile(*ledger, {{"a", 4201}}).agrees);
}

}  // namespace
}  // namespace aigw::cli
