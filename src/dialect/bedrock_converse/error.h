// Errors of Bedrock: as whole replies, and as exceptions inside of a stream.
#pragma once

#include <cstdint>

#include "base/arena.h"
#include "base/bytes.h"
#include "chat/event.h"
#include "json/cursor.h"

namespace aigw::dialect::bedrock_converse {

// The HTTP status that an exception stands for where the wire carries none; 500 for one that nobody
// knows. Names are compared without regard to case, a namespace before '#' and what follows a ':'.
// The statuses are those of botocore's model, but that a failure of the model itself, which it
// counts as 424 or 408, is a fault of the server's side.
uint16_t error_status(Bytes type);

// A reply of status `status`. `type_header` is the response header x-amzn-errortype, empty for none:
// it is the type as it stands. The message is the body's, or the whole body, cut at
// limits::error_text_max; a body that is not JSON, as that of a proxy on the way, has the type
// AWSBedrockBackendError. The views point into the arguments and `arena`.
chat::event::Fault decode_error(uint16_t status, Bytes type_header, Bytes body,
                                json::Parser& parser, Arena& arena);

// An exception in a stream; `root` is its payload. Its views are the arguments'.
chat::event::Fault decode_exception(Bytes type, const json::Value& root);

}  // namespace aigw::dialect::bedrock_converse
