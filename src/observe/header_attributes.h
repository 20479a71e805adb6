// Request headers that are shown in metrics, spans or logs, as the peer's flags name them.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::observe {

struct HeaderAttribute {
  std::string header;  // lower case
  std::string name;    // under which it is shown
  bool in_metrics = false;
  bool in_spans = false;
  bool in_logs = false;
};

using HeaderAttributes = std::vector<HeaderAttribute>;

// The peer's four maps, each "header:attribute,..."; null where it was not given. The base map is for
// all three. Spans and logs have agent-session-id as session.id where theirs is not given (peer's
// facts, 2.1).
struct HeaderAttributeMaps {
  const std::string* base = nullptr;
  const std::string* spans = nullptr;
  const std::string* metrics = nullptr;
  const std::string* logs = nullptr;
};

// The failure names the piece that is no pair.
Result<HeaderAttributes> parse_header_attributes(const HeaderAttributeMaps& maps);

}  // namespace aigw::observe
