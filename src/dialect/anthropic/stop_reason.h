// Why a model stopped, in the API's words and in the hub's.
#pragma once

#include "base/bytes.h"
#include "chat/event.h"

namespace aigw::dialect::anthropic {

// StopReason::unknown for a word nobody knows, the empty one included.
chat::StopReason decode_stop_reason(Bytes word);

// What a client of the API is told. `raw` is the provider's own word, which goes out where the
// reason is unknown and `own`, that is, the provider speaks this language.
Bytes encode_stop_reason(chat::StopReason reason, Bytes raw, bool own);

}  // namespace aigw::dialect::anthropic
