#include "wire/content_coding.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/check.h"
#include "base/limits.h"
#include "wire/decoding.h"

namespace aigw::wire {
namespace {

struct Name {
  Bytes name;  // lower case
  ContentCoding coding;
};
constexpr std::array<Name, 7> kNames = {{{"", ContentCoding::identity},
                                         {"identity", ContentCoding::identity},
                                         {"gzip", ContentCoding::gzip},
                                         {"x-gzip", ContentCoding::gzip},
                                         {"deflate", ContentCoding::deflate},
                                         {"br", ContentCoding::br},
                                         {"zstd", ContentCoding::zstd}}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool equals_ignoring_case(Bytes a, Bytes lower_b) {
  return std::equal(a.begin(), a.end(), lower_b.begin(), lower_b.end(),
                    [](char x, char y) { return lower(x) == y; });
}

Failure corrupt(const char* what) {
  return {FailureKind::bad_upstream,
          std::string("the upstream's compressed body is corrupt: ") + what,
          what == kTooMuch ? Limit::decoded : Limit::none};
}

std::unique_ptr<Decoding> make_decoding(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::identity:
      break;
    case ContentCoding::gzip:
    case ContentCoding::deflate:
      return make_inflate_decoding();
    case ContentCoding::br:
      return make_brotli_decoding();
    case ContentCoding::zstd:
      return make_zstd_decoding();
  }
  AIGW_CHECK(false);
}

}  // namespace

std::optional<ContentCoding> content_coding(Bytes header) {
  while (!header.empty() && (header.front() == ' ' || header.front() == '\t'))
    header.remove_prefix(1);
  while (!header.empty() && (header.back() == ' ' || header.back() == '\t'))
    header.remove_suffix(1);
  for (const Name& known : kNames) {
    if (equals_ignoring_case(header, known.name)) return known.coding;
  }
  return std::nullopt;
}

Decoder::Decoder(ContentCoding coding) : decoding_(make_decoding(coding)) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

Result<void> Decoder::feed(Bytes in, const std::function<void(Bytes)>& sink) {
  if (failed_ != nullptr) return corrupt(failed_);
  if (in.empty()) return {};
  taken_ += in.size();
  const uint64_t allowed = limits::decoded_free + limits::decoded_ratio_max * taken_;
  DecodedOutput out(sink, allowed - given_);
  failed_ = decoding_->feed(in, out);
  given_ += out.taken();
  if (failed_ != nullptr) return corrupt(failed_);
  return {};
}

Result<void> Decoder::finish() {
  if (failed_ == nullptr && taken_ != 0 && !decoding_->complete()) failed_ = kEndsEarly;
  if (failed_ != nullptr) return corrupt(failed_);
  return {};
}

}  // namespace aigw::wire
