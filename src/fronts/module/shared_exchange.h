// An exchange with its count of holders: the router filter, and each attempt. They die in either order, so the last
// one out frees it. All of them live on one worker thread.
#pragma once

#include <utility>

#include "exchange/exchange.h"

namespace aigw::module {

class SharedExchange {
 public:
  explicit SharedExchange(exchange::Setup setup) : exchange(std::move(setup)) {}

  void hold() { ++holders_; }
  void release() {
    if (--holders_ == 0) delete this;
  }

  // One holder.
  class Held {
   public:
    explicit Held(SharedExchange& shared) : shared_(shared) { shared.hold(); }
    ~Held() { shared_.release(); }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    SharedExchange& shared_;
  };

  exchange::Exchange exchange;

 private:
  ~SharedExchange() = default;
  unsigned holders_ = 1;
};

}  // namespace aigw::module
