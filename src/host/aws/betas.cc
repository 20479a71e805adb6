#include "host/aws/betas.h"

#include <algorithm>
#include <array>

namespace aigw::host::aws {
namespace {

constexpr std::array<Bytes, 17> kKnown = {
    "computer-use-2024-10-22",
    "computer-use-2025-01-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "dev-full-thinking-2025-05-14",
    "fine-grained-tool-streaming-2025-05-14",
    "interleaved-thinking-2025-05-14",
    "mcp-client-2025-04-04",
    "mcp-client-2025-11-20",
    "model-context-window-exceeded-2025-08-26",
    "output-128k-2025-02-19",
    "pdfs-2024-09-25",
    "search-results-2025-06-09",
    "token-counting-2024-11-01",
    "token-efficient-tools-2025-02-19",
    "tool-search-tool-2025-10-19",
    "web-search-2025-03-05",
};

Bytes trimmed(Bytes text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<Bytes> known_betas(Bytes header) {
  std::vector<Bytes> betas;
  while (!header.empty()) {
    const size_t comma = std::min(header.find(','), header.size());
    Bytes name = trimmed(header.substr(0, comma));
    header.remove_prefix(std::min(comma + 1, header.size()));
    if (name == "advanced-tool-use-2025-11-20") name = "tool-search-tool-2025-10-19";
    const auto known = std::find(kKnown.begin(), kKnown.end(), name);
    if (known == kKnown.end() || std::find(betas.begin(), betas.end(), name) != betas.end()) {
      continue;
    }
    betas.push_back(*known);
  }
  return betas;
}

}  // namespace aigw::host::aws
