// `aigw matrix`: which endpoint can be served by which schema of a backend, and how well that is
// tested.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "config/names.h"
#include "endpoint/cells.h"

namespace aigw::cli {

struct MatrixRow {
  Bytes endpoint;  // "/v1/chat/completions"; of static text
  Bytes schema;
  Bytes lane;
  std::optional<size_t> cases;  // nothing where none were looked for
  // Of a cell of conversations, where cases were looked for: which of aspects() none of its cases shows.
  std::optional<std::vector<Bytes>> missing = {};
};

// What a conversation may hold, as the header `shows:` of a case names it (tests/cases/README.md).
std::span<const Bytes> aspects();

// Every populated cell. With a folder of cases, how many of its stories reach a provider through
// the cell; one that goes to two backends of a schema counts once. A case that cannot be read
// counts nowhere: its own driver complains.
std::vector<MatrixRow> matrix(const std::string& cases_folder);

std::string to_text(const std::vector<MatrixRow>& rows);
std::string to_json(const std::vector<MatrixRow>& rows);

// Whether the folder holds cases.
bool has_cases(const std::string& folder);

}  // namespace aigw::cli
