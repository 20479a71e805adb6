// Errors of Bedrock: as whole replies, and as exceptions inside of a stream.
#pragma once

#include <cstdint>
#include <string>

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

// Towards a client: the type of an error reply, which goes into the header x-amzn-errortype and decides which exception
// the client's library throws, and the body of one.
Bytes error_type(uint32_t status);
std::string error_body(Bytes message);

// The exception inside of a stream that stands for a status: only five are in the API's model.
Bytes stream_exception(uint16_t status);

// A reply of status `status`. `type_header` is the response header x-amzn-errortype, empty for none:
// it is the type as it stands. The message is the body's, or the whole body, cut at
// limits::error_text_max; a body that is not JSON, as that of a proxy on the way, has the type
// AWSBedrockBackendError. The views point into the arguments and `arena`.
chat::event::Fault decode_error(uint16_t status, Bytes type_header, Bytes body,
                                json::Parser& parser, Arena& arena);

// An exception in a stream; `root` is its payload. Its views are the arguments'.
chat::event::Fault decode_exception(Bytes type, const json::Value& root);

}  // namespace aigw::dialect::bedrock_converse
