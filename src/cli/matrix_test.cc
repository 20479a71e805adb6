#include "cli/matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

namespace aigw::cli {
namespace {

const std::string tests_folder = AIGW_TEST_FOLDER;

TEST(Matrix, WithoutCasesItIsTheLanes) {
  const std::vector<MatrixRow> rows = matrix("");
  ASSERT_EQ(rows.size(), endpoint::cells().size());
  EXPECT_FALSE(rows.front().cases.has_value());
  EXPECT_TRUE(
      to_text(rows).starts_with("endpoint              backend      lane\n"
                                "/v1/chat/completions  OpenAI       splice\n"));
  EXPECT_EQ(to_json({rows.front()}),
            "[\n  {\n    \"endpoint\": \"/v1/chat/completions\",\n    \"backend\": \"OpenAI\",\n"
            "    \"lane\": \"splice\"\n  }\n]\n");
}

// Populated cells that have no case: "<endpoint> <backend>". A cell may not join them, and one that
// gets a case leaves them.
constexpr std::string_view without_case[] = {
    "/v1/chat/completions Anthropic",
    "/v1/chat/completions AWSBedrock",
    "/v1/messages OpenAI",
    "/v1/messages AWSBedrock",
};

// What a cell does is what its cases say.
TEST(Matrix, EveryPopulatedCellHasACase) {
  for (const MatrixRow& row : matrix(tests_folder + "/cases")) {
    const std::string cell = std::string(row.endpoint) + " " + std::string(row.schema);
    const bool listed =
        std::find(std::begin(without_case), std::end(without_case), cell) != std::end(without_case);
    EXPECT_EQ(row.cases == 0u, listed) << cell << " has " << row.cases.value_or(0) << " cases";
  }
}

// `aigw matrix > tests/golden/matrix.txt` writes it anew.
TEST(Matrix, IsAsRecorded) {
  std::ifstream file(tests_folder + "/golden/matrix.txt");
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(to_text(matrix(tests_folder + "/cases")), golden);
}

}  // namespace
}  // namespace aigw::cli
