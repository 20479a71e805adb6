// A thread inside a process that is not ours: the host owns its signals, and this one takes none.
#pragma once

#include <csignal>
#include <thread>
#include <utility>

namespace aigw::runtime {

template <class Body>
std::thread quiet_thread(Body body) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread thread(std::move(body));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace aigw::runtime
