// From how a document describes a credential to the cell that holds it.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/document.h"
#include "credential/store.h"

namespace aigw::config {

struct Credential {
  std::shared_ptr<const credential::Cell> cell;
  std::string aws_profile = "default";
};

// What is not given is fetched as the document says, or found as the vendor's own libraries find it; with
// an override and nothing to fall back to, nothing is looked for. The failure names files and variables,
// never a content.
Result<Credential> credential_of(const AuthSpec& spec, credential::Store& store);

}  // namespace aigw::config
