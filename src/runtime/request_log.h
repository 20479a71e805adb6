// One line for each request, in a file or on stderr, written by a thread of its own: a disk that is
// slow costs lines, which are counted, and no request.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "observe/feed.h"
#include "runtime/shared_memory.h"

namespace aigw::runtime {

enum class LineFormat : uint8_t { json, text };

class RequestLog {
 public:
  // `path` empty: stderr. The file is opened for every batch of lines, so that it may be rotated.
  // `lost` is told how many lines were not written, from the log's thread.
  RequestLog(std::string path, LineFormat format, std::function<void(uint64_t lines)> lost);
  // Writes what is left.
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  // Where the events to be logged are published.
  observe::Feed& feed() { return feed_; }

 private:
  void run();
  void write_new();

  const std::string path_;
  const LineFormat format_;
  const std::function<void(uint64_t)> lost_;
  SharedMemory memory_;
  observe::Feed feed_;
  uint64_t position_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace aigw::runtime
