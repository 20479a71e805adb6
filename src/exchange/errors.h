// A failure in the language of the client.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "endpoint/table.h"
#include "exchange/effects.h"

namespace aigw::exchange {

// The body of an error of this status for a client that speaks `dialect`.
std::string error_body(endpoint::Dialect dialect, uint32_t status, Bytes message);

// That of 500 and "the gateway failed", as a constant: for when nothing else can be made any more.
Bytes failed_body(endpoint::Dialect dialect);
// What the header x-amzn-errortype says beside such a body, a constant; empty for a dialect without that header.
Bytes aws_error_type(endpoint::Dialect dialect, uint32_t status);
// Of a client that is known and may not do this: 403, which no kind of failure has, since no backend leads to it.
LocalReply forbidden_reply(endpoint::Dialect dialect, Bytes message);

// The 503 where the process holds as much as it may.
Failure too_much_held();

LocalReply error_reply(endpoint::Dialect dialect, FailureKind kind, Bytes message);

// At most limits::quoted_in_error_max bytes of `text`, for a message.
std::string quoted(Bytes text);

}  // namespace aigw::exchange
