// An incremental scanner of multipart bodies (RFC 2046 §5.1, as RFC 7578 uses it for forms), over
// arbitrary slices. Nothing is buffered but the header block of a part.
//
//   preamble                       what stands before the first delimiter; ignored
//   CRLF "--" boundary CRLF        a delimiter; the CRLF before it belongs to it, not to the part,
//                                  and is missing where the body begins with it
//   header lines CRLF CRLF         of a part; there may be none
//   data
//   CRLF "--" boundary "--"        the last delimiter; what follows it is ignored
//
// White space may stand behind a boundary. Data that only begins like a delimiter is data. A
// boundary holds no CR, so a delimiter can begin at a CR only, and a match that fails falls back to
// its start.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::wire {

class MultipartSink {
 public:
  virtual ~MultipartSink() = default;

  // A part begins: its header lines, each ended by CRLF. `begin` is where its data stands in the
  // body. The view lives for the call.
  virtual Result<void> on_part(Bytes headers, uint64_t begin) = 0;

  // More data of the part; how it is cut depends on the slices. The view lives for the call.
  virtual void on_data(Bytes piece) = 0;

  // The part's data ends before `end`.
  virtual void on_part_end(uint64_t end) = 0;
};

class MultipartScanner {
 public:
  // A boundary as the content type names it: 1 to 70 bytes, no CR or LF. See is_boundary().
  explicit MultipartScanner(Bytes boundary);

  static bool is_boundary(Bytes text);

  // Fails with malformed_request where the bytes are no multipart body or run into
  // limits::form_part_headers_max or limits::form_parts_max, and with what the sink fails with.
  Result<void> feed(Bytes piece, MultipartSink& sink);

  // The body has ended: fails with malformed_request where the last delimiter is missing.
  Result<void> finish() const;

 private:
  enum class State : uint8_t { preamble, data, after_delimiter, headers, epilogue };

  // Each takes bytes from the front of `piece`.
  void search(Bytes& piece, MultipartSink& sink);
  Result<void> end_delimiter(Bytes& piece, MultipartSink& sink);
  Result<void> read_headers(Bytes& piece, MultipartSink& sink);
  void give(Bytes data, MultipartSink& sink);

  std::string delimiter_;     // CRLF "--" boundary
  size_t matched_ = 2;        // of the delimiter; the start of the body stands for a CRLF
  State state_ = State::preamble;
  bool in_part_ = false;      // the delimiter that was found ends a part
  uint64_t offset_ = 0;       // of what comes next in the body
  uint64_t delimiter_at_ = 0; // where the delimiter that was found begins
  size_t parts_ = 0;
  std::string gathered_;      // what follows a boundary, then a header block
};

}  // namespace aigw::wire
