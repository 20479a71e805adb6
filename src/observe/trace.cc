#include "observe/trace.h"

#include <algorithm>
#include <cstring>

namespace aigw::observe {
namespace {

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// Lower-case hexadecimal of exactly that size, and not all zero.
bool read_id(Bytes text, uint8_t* into, size_t size) {
  if (text.size() != 2 * size) return false;
  bool any = false;
  for (size_t i = 0; i < size; ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    into[i] = static_cast<uint8_t>(high << 4 | low);
    any = any || into[i] != 0;
  }
  return any;
}

// 2 * `size` lower-case digits.
void put_hex(char* to, const uint8_t* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < size; ++i) {
    *to++ = kDigits[bytes[i] >> 4];
    *to++ = kDigits[bytes[i] & 15];
  }
}

bool is_zero(const std::array<uint8_t, 8>& id) {
  return std::all_of(id.begin(), id.end(), [](uint8_t byte) { return byte == 0; });
}

// B3 knows trace ids of half the size.
bool read_b3_trace(Bytes text, TraceContext& into) {
  into.trace_id = {};
  return text.size() == 16 ? read_id(text, into.trace_id.data() + 8, 8)
                           : read_id(text, into.trace_id.data(), 16);
}

}  // namespace

bool parse_traceparent(Bytes value, TraceContext& into) {
  // 00-<32>-<16>-<2>; later versions may have more behind.
  if (value.size() < 55 || value[2] != '-' || value[35] != '-' || value[52] != '-') return false;
  const int version_high = digit(value[0]), version_low = digit(value[1]);
  if (version_high < 0 || version_low < 0 || value.substr(0, 2) == "ff") return false;
  if (value.substr(0, 2) == "00" ? value.size() != 55 : value.size() > 55 && value[55] != '-') return false;
  const int flags_high = digit(value[53]), flags_low = digit(value[54]);
  if (flags_high < 0 || flags_low < 0) return false;
  if (!read_id(value.substr(3, 32), into.trace_id.data(), 16)) return false;
  if (!read_id(value.substr(36, 16), into.parent_id.data(), 8)) return false;
  into.sampled = (flags_low & 1) != 0;
  return true;
}

bool parse_b3(Bytes value, TraceContext& into) {
  const size_t dash = value.find('-');
  if (dash == Bytes::npos || !read_b3_trace(value.substr(0, dash), into)) return false;
  const Bytes rest = value.substr(dash + 1);
  if (!read_id(rest.substr(0, 16), into.parent_id.data(), 8)) return false;
  into.sampled = rest.size() < 18 || rest[17] == '1' || rest[17] == 'd';
  return rest.size() == 16 || rest[16] == '-';
}

std::string to_hex(const uint8_t* bytes, size_t size) {
  std::string text(2 * size, '0');
  put_hex(text.data(), bytes, size);
  return text;
}

std::string to_traceparent(const TraceContext& context) {
  std::string text = "00-00000000000000000000000000000000-0000000000000000-00";
  put_hex(text.data() + 3, context.trace_id.data(), 16);
  put_hex(text.data() + 36, context.span_id.data(), 8);
  if (context.sampled) text.back() = '1';
  return text;
}

std::string to_b3(const TraceContext& context) {
  return to_hex(context.trace_id.data(), 16) + '-' + to_hex(context.span_id.data(), 8) +
         (context.sampled ? "-1" : "-0");
}

// SplitMix64 over a counter that all threads share.
uint64_t Tracer::random() {
  uint64_t z = state_.fetch_add(0x9e37'79b9'7f4a'7c15, std::memory_order_relaxed);
  z = (z ^ z >> 30) * 0xbf58'476d'1ce4'e5b9;
  z = (z ^ z >> 27) * 0x94d0'49bb'1331'11eb;
  return z ^ z >> 31;
}

TraceContext Tracer::start(const IncomingTrace& incoming) {
  TraceContext context;
  bool has_parent = false;
  if (options_.propagators.tracecontext) has_parent = parse_traceparent(incoming.traceparent, context);
  if (!has_parent && options_.propagators.b3) has_parent = parse_b3(incoming.b3, context);
  if (!has_parent && options_.propagators.b3multi) {
    has_parent = read_b3_trace(incoming.b3_trace_id, context) &&
                 read_id(incoming.b3_span_id, context.parent_id.data(), 8);
    context.sampled = incoming.b3_sampled != "0";
  }
  if (!has_parent) {
    context = {};
    const uint64_t ids[2] = {random() | 1, random() | 1};
    std::memcpy(context.trace_id.data(), ids, sizeof ids);
  }
  do {
    const uint64_t id = random();
    std::memcpy(context.span_id.data(), &id, sizeof id);
  } while (is_zero(context.span_id));
  if (has_parent && options_.parent_decides) return context;
  uint64_t last = 0;  // as the SDKs do: the low half of the trace id, without its first bit
  for (size_t i = 8; i < 16; ++i) last = last << 8 | context.trace_id[i];
  const double drawn = static_cast<double>(last >> 1) / 9223372036854775808.0;
  context.sampled = options_.sampler == Sampler::always_on ||
                    (options_.sampler == Sampler::ratio && drawn < options_.ratio);
  return context;
}

}  // namespace aigw::observe
