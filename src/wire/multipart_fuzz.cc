// Forms over any bytes, with the boundary of the seeds: parts and their places do not depend on how
// the body is cut.
#include <string>

#include "fuzz/fuzz.h"
#include "wire/multipart.h"

namespace {

using aigw::Bytes;
using aigw::fuzz::require;

class Record final : public aigw::wire::MultipartSink {
 public:
  explicit Record(Bytes body) : body_(body) {}
  aigw::Result<void> on_part(Bytes headers, uint64_t begin) override {
    text.append(headers).append(std::to_string(begin)).append(":");
    begin_ = begin;
    data_.clear();
    return {};
  }
  void on_data(Bytes piece) override { data_ += piece; }
  void on_part_end(uint64_t end) override {
    require(begin_ <= end && end <= body_.size(), "a part lies outside of the body");
    require(body_.substr(begin_, end - begin_) == data_,
            "a part's place is not where its data stand");
    text.append(data_).append("\0", 1);
  }
  std::string text;

 private:
  Bytes body_;
  std::string data_;
  uint64_t begin_ = 0;
};

std::string scan(Bytes body, bool whole) {
  Record record(body);
  aigw::wire::MultipartScanner scanner("xyz");
  aigw::Result<void> result;
  if (whole) {
    result = scanner.feed(body, record);
  } else {
    aigw::fuzz::in_pieces(body, [&](Bytes piece) {
      result = scanner.feed(piece, record);
      return result.has_value();
    });
  }
  if (result) result = scanner.finish();
  return record.text + (result ? "" : result.error().message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes body(reinterpret_cast<const char*>(data), size);
  require(scan(body, true) == scan(body, false), "parts depend on how the body is cut");
  return 0;
}
