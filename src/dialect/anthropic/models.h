// The list of models as clients of the Messages API get it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/bytes.h"

namespace aigw::dialect::anthropic {

struct ListedModel {
  Bytes id;
  Bytes display_name = {};  // empty: the id
  int64_t created = 0;      // seconds since 1970
};

// A page of them, {"data":[{"id","type":"model","display_name","created_at"}],"has_more","first_id",
// "last_id"} with created_at as RFC 3339 has it, and without the last two when the page is empty (the
// peer's facts, 2.9). `more`: models follow the page, or precede one that was asked for backwards.
std::string models_body(std::span<const ListedModel> models, bool more);

}  // namespace aigw::dialect::anthropic
