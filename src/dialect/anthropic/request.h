// A Messages request of the splice lane. Source of the members: Anthropic API reference, "Create a Message".
#pragma once

#include "scan/request_scan.h"

namespace aigw::dialect::anthropic {

class Request : public scan::RequestScan {
 public:
  Request();

  // Whether the body has a max_tokens that is not null.
  bool has_max_tokens() const;
};

}  // namespace aigw::dialect::anthropic
