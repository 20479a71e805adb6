// A request of the Responses API in the splice lane: nothing but model and stream is looked at. Source of the members:
// OpenAI API reference, "Create a model response".
#pragma once

#include "scan/request_scan.h"

namespace aigw::dialect::openai_responses {

class Request : public scan::RequestScan {
 public:
  Request();
};

}  // namespace aigw::dialect::openai_responses
