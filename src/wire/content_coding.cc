#include "wire/content_coding.h"

#include <algorithm>
#include <array>
#include <new>
#include <string>

#define ZLIB_CONST
#include <zlib.h>

#include "base/check.h"

namespace aigw::wire {
namespace {

constexpr size_t kPieceMax = 16 << 10;
constexpr size_t kInputMax = size_t{1} << 30;  // zlib counts input in unsigned int

// 15 is the largest window; 32 more makes zlib tell gzip and its own format apart by their headers.
constexpr int kWindowBits = 15 + 32;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equals_ignoring_case(Bytes a, Bytes lower_b) {
  return std::equal(a.begin(), a.end(), lower_b.begin(), lower_b.end(),
                    [](char x, char y) { return lower(x) == y; });
}

Failure corrupt(const char* what) {
  return {FailureKind::bad_upstream,
          std::string("the upstream's compressed body is corrupt: ") + what};
}

}  // namespace

std::optional<ContentCoding> content_coding(Bytes header) {
  while (!header.empty() && (header.front() == ' ' || header.front() == '\t'))
    header.remove_prefix(1);
  while (!header.empty() && (header.back() == ' ' || header.back() == '\t'))
    header.remove_suffix(1);
  if (header.empty() || equals_ignoring_case(header, "identity")) return ContentCoding::identity;
  if (equals_ignoring_case(header, "gzip") || equals_ignoring_case(header, "x-gzip")) {
    return ContentCoding::gzip;
  }
  if (equals_ignoring_case(header, "deflate")) return ContentCoding::deflate;
  return std::nullopt;
}

struct Inflater::Stream {
  Stream() {
    const int status = inflateInit2(&z, kWindowBits);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    AIGW_CHECK(status == Z_OK);
  }
  ~Stream() { inflateEnd(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Result<void> feed(Bytes in, const std::function<void(Bytes)>& sink);
  Result<void> inflate_some(const std::function<void(Bytes)>& sink);
  Failure fail(const char* what) {
    failed = what;
    return corrupt(what);
  }

  z_stream z{};
  const char* failed = nullptr;
  bool started = false;   // a byte has come
  bool complete = false;  // the last member has ended
  bool gzip = false;
  std::array<char, kPieceMax> out;  // not initialised: only what zlib writes is read
};

Inflater::Inflater() : stream_(new Stream) {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

Result<void> Inflater::feed(Bytes in, const std::function<void(Bytes)>& sink) {
  while (!in.empty()) {
    const Bytes part = in.substr(0, kInputMax);
    AIGW_TRY(stream_->feed(part, sink));
    in.remove_prefix(part.size());
  }
  return {};
}

Result<void> Inflater::finish() {
  if (stream_->failed != nullptr) return corrupt(stream_->failed);
  if (stream_->started && !stream_->complete) return stream_->fail("it ends early");
  return {};
}

Result<void> Inflater::Stream::feed(Bytes in, const std::function<void(Bytes)>& sink) {
  if (failed != nullptr) return corrupt(failed);
  if (!started) gzip = in[0] == '\x1f';
  started = true;
  z.next_in = reinterpret_cast<const Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  while (z.avail_in != 0) {
    if (complete) {
      // A gzip body is a series of members (RFC 1952 §2.2); the zlib format ends once.
      if (!gzip || *z.next_in != 0x1f) return fail("bytes follow its end");
      AIGW_CHECK(inflateReset(&z) == Z_OK);
      complete = false;
    }
    AIGW_TRY(inflate_some(sink));
  }
  return {};
}

// Inflates until the input is used up and nothing is held back, or the member ends.
Result<void> Inflater::Stream::inflate_some(const std::function<void(Bytes)>& sink) {
  do {
    z.next_out = reinterpret_cast<Bytef*>(out.data());
    z.avail_out = kPieceMax;
    const int status = inflate(&z, Z_NO_FLUSH);
    const size_t size = kPieceMax - z.avail_out;
    if (size != 0) sink({out.data(), size});
    if (status == Z_STREAM_END) {
      complete = true;
      return {};
    }
    // Z_BUF_ERROR says that nothing could be done, which is how a full last piece turns out to be
    // the last.
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status != Z_OK && status != Z_BUF_ERROR) {
      return fail(z.msg != nullptr ? z.msg : "it needs a dictionary");
    }
  } while (z.avail_out == 0);
  return {};
}

}  // namespace aigw::wire
