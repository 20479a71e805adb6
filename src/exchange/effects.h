// What the core wants done, said without knowing by whom: the fronts do it.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::exchange {

// An answer that the gateway gives itself.
struct LocalReply {
  uint16_t status = 500;
  std::string body;      // JSON
  std::string allow;     // the allow header of a 405; empty for none
  std::string aws_type;  // the header x-amzn-errortype, by which AWS's libraries tell errors; empty for none
  FailureKind kind = FailureKind::internal;  // meaningful for a status of 400 or above
};

enum class Step : uint8_t {
  proceed,  // go on
  hold,     // wait for more of the message
  reply,    // stop, and answer with the local reply that the speaker holds
};

// What becomes of a piece of a body.
struct BodyStep {
  enum class Piece : uint8_t {
    keep,     // the piece passes as it is
    replace,  // the piece is dropped; what was written to the sink stands in its place
    fail,     // the answer cannot be passed on; the speaker holds a local reply
  };
  Piece piece = Piece::keep;
  bool hold = false;  // headers and body so far stay where they are until a later step without hold
};

// Envoy's dynamic metadata (namespace io.envoy.ai_gateway), read by access logs and rate limits.
class MetadataSink {
 public:
  virtual ~MetadataSink() = default;
  virtual void number(Bytes key, double value) = 0;
  virtual void text(Bytes key, Bytes value) = 0;
};

class NoMetadata final : public MetadataSink {
 public:
  void number(Bytes, double) override {}
  void text(Bytes, Bytes) override {}
};

}  // namespace aigw::exchange
