// Requests and attempts as events of a feed: what a log line, a tap and the list of errors show.
//
// Nothing of what a client or a provider said is in them but the names of models, mapped headers, and what
// an error of the gateway quotes (a path, a content type);
// every value is cut, so that an event fits into a slot.
#pragma once

#include "observe/labels.h"
#include "observe/records.h"

namespace aigw::runtime {

observe::Labels attempt_event(Bytes kind, const observe::AttemptRecord& attempt,
                              uint64_t unix_milliseconds);
observe::Labels request_event(const observe::RequestRecord& request, uint64_t unix_milliseconds);

}  // namespace aigw::runtime
