// Thought signatures.
//
// Gemini's are bytes, in base64 on the wire; a client library decodes them and encodes them again,
// perhaps with the other alphabet of base64 (google-genai does). Other languages' signatures are
// strings, and redacted thoughts are strings that Gemini has no place for. Towards a Gemini client
// both travel as a thoughtSignature and come back as what they were:
//
//   a signature that is base64          as it is
//   any other signature                 base64 of "aigw-raw:" and the signature
//   redacted thoughts                   base64 of "aigw-red:" and the data
#pragma once

#include <string>

#include "base/arena.h"
#include "base/bytes.h"

namespace aigw::dialect::gemini {

// Whether `text` is base64 (RFC 4648, section 4) with its padding, and not empty.
bool is_base64(Bytes text);

// `text` in the standard alphabet and padded; in `arena` where it was not. What is no base64 in
// any alphabet stays what it is.
Bytes standard_base64(Bytes text, Arena& arena);

// For a client. One of them is not empty.
std::string wire_signature(Bytes signature, Bytes redacted);

struct ReadSignature {
  Bytes signature;
  Bytes redacted;
};

// From a client. The views are `text` or in `arena`.
ReadSignature read_signature(Bytes text, Arena& arena);

}  // namespace aigw::dialect::gemini
