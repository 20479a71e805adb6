// Server-sent events over any bytes: the events do not depend on how the stream is cut.
#include <string>

#include "fuzz/fuzz.h"
#include "wire/sse.h"

namespace {

using aigw::Bytes;

class Record final : public aigw::wire::SseSink {
 public:
  void on_data(Bytes piece) override { data_ += piece; }
  void on_event(Bytes type) override {
    events.append(type).append("\0", 1).append(data_).append("\0", 1);
    data_.clear();
  }
  std::string events;

 private:
  std::string data_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes stream(reinterpret_cast<const char*>(data), size);
  Record whole, cut;
  aigw::wire::SseDecoder decoder;
  decoder.feed(stream, whole);
  decoder.finish(whole);
  // The same decoder again: the end of a stream leaves it ready for another.
  aigw::fuzz::in_pieces(stream, [&](Bytes piece) {
    decoder.feed(piece, cut);
    return true;
  });
  decoder.finish(cut);
  aigw::fuzz::require(whole.events == cut.events, "events depend on how the stream is cut");
  return 0;
}
