#include "wire/gzip.h"

#include <zlib.h>

#include <limits>
#include <memory>
#include <new>

#include "base/check.h"

namespace aigw::wire {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib's way to ask for gzip around the largest window
constexpr int kMemoryLevel = 8;       // zlib's default

}  // namespace

std::string gzip(Bytes text) {
  AIGW_CHECK(text.size() <= std::numeric_limits<uInt>::max());
  z_stream stream{};
  const int begun =
      deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY);
  if (begun == Z_MEM_ERROR) throw std::bad_alloc();
  AIGW_CHECK(begun == Z_OK);
  const std::unique_ptr<z_stream, decltype(&deflateEnd)> ends(&stream, deflateEnd);  // also where `out` finds no memory
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  AIGW_CHECK(ended == Z_STREAM_END);
  return out;
}

}  // namespace aigw::wire
