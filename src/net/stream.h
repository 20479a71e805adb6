// A connection to a server, plain or over TLS, for a thread that may block: every wait ends at a
// deadline, or when the thread is interrupted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "net/interrupt.h"
#include "net/tls.h"

namespace aigw::net {

// Until when an exchange with a server has to be over, and what ends it before.
struct Patience {
  uint64_t deadline_ns;        // of the monotonic clock
  const Interrupt* interrupt;  // may be null
};

class Stream {
 public:
  // Connects to the first address of `host` that takes the connection. Looking up a name is the one
  // thing that is bounded by the resolver's own time-outs only.
  static Result<std::unique_ptr<Stream>> connect(const std::string& host, uint16_t port,
                                                 const Patience& patience);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // From here on everything goes through TLS; the server has to prove that it is `host`.
  Result<void> start_tls(const std::string& host, const TlsFiles& files,
                         const Patience& patience);

  // Sends all of it.
  Result<void> write(Bytes bytes, const Patience& patience);

  // At least one byte, or 0 at the end of the stream.
  Result<size_t> read(char* into, size_t capacity, const Patience& patience);

 private:
  explicit Stream(int fd) : fd_(fd) {}

  int fd_;
  std::unique_ptr<Tls> tls_;
};

// Waits until `fd` is ready for `events` (of poll).
Result<void> wait_for(int fd, short events, const Patience& patience);

}  // namespace aigw::net
