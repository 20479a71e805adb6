// How reasoning that only its provider can read crosses between this dialect and others.
//
// Here it is `encrypted_content` of a reasoning item, and the provider takes it back only under the
// id of that item. Elsewhere it is a signature, or a redacted block, or belongs to a tool call.
// Clients give all of these back as they got them, so whatever else has to be known goes into the
// same string, behind a tag. There are two directions.
//
//   a provider of this dialect, towards other clients: a signature (a redacted block where nobody
//   can read any of it) "openai:<item id>:<encrypted_content>"
//
//   another provider, towards clients of this dialect: an encrypted_content
//   "aigw.signature:<signature>", "aigw.redacted:<data>", or "aigw.call:<call id>:<signature>" for
//   what belongs to a tool call, which has no place for it of its own
#pragma once

#include <optional>

#include "base/arena.h"
#include "base/bytes.h"

namespace aigw::dialect::openai_responses {

// What a provider of this dialect wants back. Views into the sealed text.
struct OwnSeal {
  Bytes id;         // of the reasoning item
  Bytes encrypted;  // empty where the provider gave none
};

// In `arena`.
Bytes seal_own(Bytes id, Bytes encrypted, Arena& arena);

// Nothing for a signature that another language's provider made.
std::optional<OwnSeal> open_own(Bytes signature);

// What another provider wants back. Views into the sealed text.
struct ForeignSeal {
  enum class Kind : uint8_t { signature, redacted, call };
  Kind kind;
  Bytes payload;
  Bytes call_id = {};
};

// The head of the sealed text; the payload follows.
inline constexpr Bytes kSealedSignature = "aigw.signature:";
inline constexpr Bytes kSealedRedacted = "aigw.redacted:";
inline constexpr Bytes kSealedCall = "aigw.call:";

// Nothing for what a provider of this dialect encrypted.
std::optional<ForeignSeal> open_foreign(Bytes encrypted_content);

}  // namespace aigw::dialect::openai_responses
