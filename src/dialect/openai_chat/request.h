// A chat completion request of the splice lane. Source of the members: OpenAI API reference, "Create chat completion".
#pragma once

#include "scan/request_scan.h"

namespace aigw::dialect::openai_chat {

class Request : public scan::RequestScan {
 public:
  Request();

  // As RequestScan's; stream_options, which decides what is counted, may be given only once too.
  Result<void> finish(Arena& arena);

  // Makes a streamed answer end with its usage (stream_options.include_usage), unless the client asked for it.
  void patch_include_usage(json::PatchList& patches) const;
};

}  // namespace aigw::dialect::openai_chat
