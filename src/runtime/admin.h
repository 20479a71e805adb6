// The admin address, for probes, scrapers and people: GET of a path, one request a connection, on a
// thread of its own. Nobody who is slow keeps another waiting.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/bytes.h"
#include "base/result.h"
#include "runtime/listener.h"

namespace aigw::runtime {

struct AdminRequest {
  Bytes method;
  Bytes path;    // without the query
  Bytes query;   // without its question mark
  Bytes accept;  // the header
};

struct AdminReply {
  int status = 404;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class Admin {
 public:
  // Called on the admin's thread. The request lives during the call.
  using Handler = std::function<AdminReply(const AdminRequest&)>;

  // `share` as for Listener; null for a socket of its own.
  static Result<std::unique_ptr<Admin>> open(const std::string& address, ListenerShare* share,
                                             Handler handler);
  // Joins the thread, which first answers who has asked.
  ~Admin();
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  std::string address() const { return listener_.bound(); }

 private:
  Admin(std::unique_ptr<ListenerShare> own, Listener listener, int wake, Handler handler);
  void run();
  std::string respond(Bytes head) const;

  const std::unique_ptr<ListenerShare> own_;
  Listener listener_;
  const int wake_;  // an eventfd: readable when it is time to end
  const Handler handler_;
  std::thread thread_;
};

}  // namespace aigw::runtime
