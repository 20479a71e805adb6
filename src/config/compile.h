#pragma once

#include <memory>

#include "base/result.h"
#include "config/config.h"
#include "config/document.h"
#include "credential/store.h"

namespace aigw::config {

// The compiled form of a document that load.h found no error in (one it did find errors in is
// compiled as well as it goes). Reads every credential; where one cannot be had the failure names
// each backend and file, never a content.
Result<std::shared_ptr<const Config>> compile(const Document& document, credential::Store& store);

}  // namespace aigw::config
