#include "observe/header_attributes.h"

#include <algorithm>

namespace aigw::observe {
namespace {

constexpr Bytes kDefault = "agent-session-id:session.id";

Bytes trimmed(Bytes text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string lower(Bytes text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// A header that the map names once more is shown under the later name.
Result<void> read(Bytes map, bool HeaderAttribute::*use, HeaderAttributes& all) {
  while (!map.empty()) {
    const Bytes pair = map.substr(0, map.find(','));
    map.remove_prefix(std::min(pair.size() + 1, map.size()));
    const size_t colon = pair.find(':');
    const Bytes header = trimmed(pair.substr(0, colon));
    const Bytes name = colon == Bytes::npos ? Bytes() : trimmed(pair.substr(colon + 1));
    if (header.empty() || name.empty()) {
      return Failure{FailureKind::internal,
                     "\"" + std::string(pair) + "\" is not a header and an attribute: header:attribute"};
    }
    const std::string key = lower(header);
    for (HeaderAttribute& one : all) {
      if (one.header == key && one.name != name) one.*use = false;
    }
    const auto same = std::find_if(all.begin(), all.end(), [&](const HeaderAttribute& one) {
      return one.header == key && one.name == name;
    });
    HeaderAttribute& one =
        same != all.end() ? *same : all.emplace_back(HeaderAttribute{key, std::string(name)});
    one.*use = true;
  }
  return {};
}

}  // namespace

Result<HeaderAttributes> parse_header_attributes(const HeaderAttributeMaps& maps) {
  HeaderAttributes all;
  const Bytes base = maps.base == nullptr ? Bytes() : Bytes(*maps.base);
  struct Use {
    const std::string* map;
    Bytes otherwise;
    bool HeaderAttribute::*use;
  };
  const Use uses[] = {{maps.metrics, "", &HeaderAttribute::in_metrics},
                      {maps.spans, kDefault, &HeaderAttribute::in_spans},
                      {maps.logs, kDefault, &HeaderAttribute::in_logs}};
  for (const Use& use : uses) {
    AIGW_TRY(read(base, use.use, all));
    AIGW_TRY(read(use.map == nullptr ? use.otherwise : Bytes(*use.map), use.use, all));
  }
  return all;
}

}  // namespace aigw::observe
