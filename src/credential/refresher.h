// One source of tokens, its cell and its thread. Part of the fetcher.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "credential/fetcher.h"
#include "net/http_client.h"
#include "net/interrupt.h"

namespace aigw::credential {

class Refresher {
 public:
  // `fetcher` outlives it.
  Refresher(Fetcher& fetcher, std::unique_ptr<TokenSource> source, Form form);
  // Joins the thread; what it waits for is interrupted.
  ~Refresher();
  Refresher(const Refresher&) = delete;
  Refresher& operator=(const Refresher&) = delete;

  const Cell& cell() const { return cell_; }
  // Ends the thread and waits for it. The cell stays as it is, for whoever still holds it.
  void stop();
  // Waits until the source has been asked once.
  void wait_for_first(std::chrono::steady_clock::time_point until);

 private:
  using Milliseconds = std::chrono::milliseconds;

  void run();
  // Asks once. How long the thread may sleep then.
  Milliseconds fetch();
  Milliseconds after_success(const Token& token, int64_t now);
  Milliseconds after_failure(const Failure& failure);
  void report(Bytes result, const std::string& problem);
  // Sleeps, but not over a change of a file. False when it is time to end.
  bool sleep(Milliseconds time);
  // What tells the state of the source's files from another.
  std::string versions() const;
  // Between 80 and 100 percent of it.
  Milliseconds with_jitter(Milliseconds time);

  Fetcher& fetcher_;
  const std::unique_ptr<TokenSource> source_;
  const std::string name_;
  Cell cell_;
  net::Interrupt interrupt_;
  net::HttpClient http_;
  std::minstd_rand random_;
  std::string seen_;     // of the files, before the last fetch
  std::string problem_;  // the last one, as reported
  unsigned failures_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool asked_ = false;
  std::thread thread_;
};

}  // namespace aigw::credential
