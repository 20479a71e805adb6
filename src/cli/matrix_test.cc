#include "cli/matrix.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace aigw::cli {
namespace {

const std::string tests_folder = AIGW_TEST_FOLDER;

TEST(Matrix, WithoutCasesItIsTheLanes) {
  const std::vector<MatrixRow> rows = matrix("");
  ASSERT_EQ(rows.size(), endpoint::cells().size());
  EXPECT_FALSE(rows.front().cases.has_value());
  EXPECT_EQ(to_text({rows.front()}),
            "endpoint              backend  lane\n"
            "/v1/chat/completions  OpenAI   splice\n");
  EXPECT_EQ(to_json({rows.front()}),
            "[\n  {\n    \"endpoint\": \"/v1/chat/completions\",\n    \"backend\": \"OpenAI\",\n"
            "    \"lane\": \"splice\"\n  }\n]\n");
}

// What a cell does is what its cases say.
TEST(Matrix, EveryPopulatedCellHasACase) {
  for (const MatrixRow& row : matrix(tests_folder + "/cases")) {
    EXPECT_GT(row.cases.value_or(0), 0u) << row.endpoint << " " << row.schema;
  }
}

// Whoever speaks whichever language, whatever a conversation may hold arrives.
TEST(Matrix, EveryConversationCellShowsAll) {
  for (const MatrixRow& row : matrix(tests_folder + "/cases")) {
    if (!row.missing) continue;
    for (Bytes aspect : *row.missing) {
      ADD_FAILURE() << row.endpoint << " " << row.schema << ": no case shows " << aspect;
    }
  }
}

TEST(Matrix, CasesSayWhatTheyShow) {
  const std::string folder = testing::TempDir() + "matrix_shows" + std::to_string(getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/default.yaml") << "backends: [{name: primary, schema: {name: OpenAI}}]\n";
  std::ofstream(folder + "/one.case") << "endpoint: POST /v1/chat/completions\nshows: text, parallel tools\n\n"
                                         "-- upstream.response --\n:status: 200\n";
  const std::vector<MatrixRow> rows = matrix(folder);
  EXPECT_EQ(to_text({rows.front()}),
            "endpoint              backend  lane    cases  shows\n"
            "/v1/chat/completions  OpenAI   splice  1      all but stream, tools, reasoning, image, structured output, "
            "error, limits\n");
  EXPECT_EQ(rows[1].missing->size(), aspects().size());
  std::filesystem::remove_all(folder);
}

// A case counts for the cells through which it reaches a provider, and for no other.
TEST(Matrix, CountsCases) {
  const std::string folder = testing::TempDir() + "matrix_cases" + std::to_string(getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder + "/azure/more");
  const auto write = [&](const char* name, const char* text) {
    std::ofstream(folder + "/" + name) << text;
  };
  write("default.yaml", "backends: [{name: primary, schema: {name: OpenAI}}]\n");
  write("one.case",
        "Prose.\n\nendpoint: POST /v1/chat/completions\n\n-- client.request --\n{}\n"
        "-- upstream.request --\nPOST /v1/chat/completions\n");
  write("refused.case", "endpoint: POST /v1/chat/completions\n-- client.request --\n{\n");
  write("two.case",
        "endpoint: POST /anthropic/v1/messages?beta=true\nbackends: a, b\n\n-- config --\n"
        "backends:\n  - {name: a, schema: {name: Anthropic}}\n"
        "  - {name: b, schema: {name: AWSBedrock}}\n  - {name: c, schema: {name: OpenAI}}\n"
        "-- client.request --\n{}\n-- upstream.response 2 --\n:status: 200\n");
  write("azure/default.yaml", "backends: [{name: primary, schema: {name: AzureOpenAI}}]\n");
  write("azure/more/three.case",
        "endpoint: POST /v1/chat/completions\n-- upstream.response --\n:status: 200\n");
  std::string counted;
  for (const MatrixRow& row : matrix(folder)) {
    if (row.cases == 0u) continue;
    counted += std::string(row.endpoint) + " " + std::string(row.schema) + "\n";
    EXPECT_EQ(row.cases, 1u) << counted;
  }
  EXPECT_EQ(counted,
            "/v1/chat/completions OpenAI\n/v1/chat/completions AzureOpenAI\n/v1/messages "
            "Anthropic\n/v1/messages AWSBedrock\n");
  std::filesystem::remove_all(folder);
}

// Which cells there are is a promise. AIGW_UPDATE_GOLDEN=1 writes it anew.
TEST(Matrix, IsAsRecorded) {
  const std::string path = tests_folder + "/golden/matrix.txt";
  if (std::getenv("AIGW_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << to_text(matrix(""));
  std::ifstream file(path);
  const std::string golden{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(to_text(matrix("")), golden);
}

}  // namespace
}  // namespace aigw::cli
