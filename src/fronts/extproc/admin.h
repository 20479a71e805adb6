// The admin port of the peer's server, for probes and scrapers: GET of a path, one request a
// connection, one connection at a time, on a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/bytes.h"
#include "base/result.h"

namespace aigw::extproc {

struct AdminReply {
  int status = 404;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class Admin {
 public:
  // Called on the admin's thread, with the path without its query.
  using Handler = std::function<AdminReply(Bytes path)>;

  // Listens on all interfaces.
  static Result<std::unique_ptr<Admin>> open(uint16_t port, Handler handler);
  // Joins the thread.
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

 private:
  Admin(int listener, int wake, Handler handler);
  void run();
  void serve(int connection) const;

  const int listener_;
  const int wake_;  // an eventfd: readable when it is time to end
  const Handler handler_;
  std::thread thread_;
};

}  // namespace aigw::extproc
