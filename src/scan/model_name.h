// What a model's name may be, however a request carries it.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::scan {

// Fails with malformed_request for a name that is empty, longer than limits::model_name_max, not
// UTF-8, or holds a control character: it becomes a header value, where those cannot stand.
Result<void> check_model_name(Bytes name);

}  // namespace aigw::scan
