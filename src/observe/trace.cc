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

bool is_zero(const std::array<uint8_t, 8>& id) {
  return std::all_of(id.begin(), id.end(), [](uint8_t byte) { return byte == 0; });
}

// B3 knows trace ids of half the size.
bool read_b3_trace(Bytes text, TraceContext& into) {
  into.trace_id = {};
  return text.size() == 16 ? read_id(text, into.trace_id.data() + 8, 8)
                           : read_id(text, into.trace_id.data(), 16);
}

// One that may lack zeros in front.
bool read_short_id(Bytes text, uint8_t* into, size_t size) {
  if (text.empty() || text.size() > 2 * size) return false;
  return read_id(std::string(2 * size - text.size(), '0').append(text), into, size);
}

}  // namespace

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

bool parse_jaeger(Bytes value, TraceContext& into) {
  Bytes parts[4];
  for (size_t i = 0; i < 4; ++i) {
    const size_t colon = value.find(':');
    if ((colon == Bytes::npos) != (i == 3)) return false;
    parts[i] = value.substr(0, colon);
    value.remove_prefix(i == 3 ? value.size() : colon + 1);
  }
  if (!read_short_id(parts[0], into.trace_id.data(), 16)) return false;
  if (!read_short_id(parts[1], into.parent_id.data(), 8)) return false;
  if (parts[3].empty() || parts[3].size() > 2 || digit(parts[3].back()) < 0) return false;
  into.sampled = (digit(parts[3].back()) & 1) != 0;
  return true;
}

bool parse_xray(Bytes value, TraceContext& into) {
  bool has_root = false, has_parent = false;
  into.sampled = false;
  while (!value.empty()) {
    Bytes part = value.substr(0, value.find(';'));
    value.remove_prefix(std::min(value.size(), part.size() + 1));
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with("Root=1-") && part.size() == 40 && part[15] == '-') {
      const std::string id = std::string(part.substr(7, 8)).append(part.substr(16));
      has_root = read_id(id, into.trace_id.data(), 16);
    } else if (part.starts_with("Parent=")) {
      has_parent = read_id(part.substr(7), into.parent_id.data(), 8);
    } else if (part == "Sampled=1") {
      into.sampled = true;
    }
  }
  return has_root && has_parent;
}

void put_hex(char* to, const uint8_t* bytes, size_t size) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (size_t i = 0; i < size; ++i) {
    *to++ = kDigits[bytes[i] >> 4];
    *to++ = kDigits[bytes[i] & 15];
  }
}

std::string to_hex(const uint8_t* bytes, size_t size) {
  std::string text(2 * size, '0');
  put_hex(text.data(), bytes, size);
  return text;
}

std::array<char, 55> to_traceparent(const TraceContext& context) {
  std::array<char, 55> text;
  std::memcpy(text.data(), "00-00000000000000000000000000000000-0000000000000000-00", text.size());
  put_hex(text.data() + 3, context.trace_id.data(), 16);
  put_hex(text.data() + 36, context.span_id.data(), 8);
  if (context.sampled) text.back() = '1';
  return text;
}

std::string to_b3(const TraceContext& context) {
  return to_hex(context.trace_id.data(), 16) + '-' + to_hex(context.span_id.data(), 8) +
         (context.sampled ? "-1" : "-0");
}

std::string to_jaeger(const TraceContext& context) {
  return to_hex(context.trace_id.data(), 16) + ':' + to_hex(context.span_id.data(), 8) +
         (context.sampled ? ":0:1" : ":0:0");
}

std::string to_xray(const TraceContext& context) {
  const std::string id = to_hex(context.trace_id.data(), 16);
  return "Root=1-" + id.substr(0, 8) + '-' + id.substr(8) + ";Parent=" + to_hex(context.span_id.data(), 8) +
         (context.sampled ? ";Sampled=1" : ";Sampled=0");
}

bool Tracer::extract(const ReadHeader& read, TraceContext& into) const {
  const Propagators& forms = options_.propagators;
  bool found = false;
  const auto take = [&](bool valid, const TraceContext& context) {
    if (valid) into = context;
    found = found || valid;
  };
  TraceContext context;
  if (forms.tracecontext) take(parse_traceparent(read("traceparent"), context), context);
  if (forms.b3 || forms.b3multi) {
    bool valid = parse_b3(read("b3"), context);
    if (!valid) {
      valid = read_b3_trace(read("x-b3-traceid"), context) &&
              read_id(read("x-b3-spanid"), context.parent_id.data(), 8);
      if (valid) context.sampled = read("x-b3-sampled") != "0";
    }
    take(valid, context);
  }
  if (forms.jaeger) take(parse_jaeger(read("uber-trace-id"), context), context);
  if (forms.xray) take(parse_xray(read("x-amzn-trace-id"), context), context);
  if (forms.ottrace) {
    context.trace_id = {};
    const Bytes id = read("ot-tracer-traceid");
    bool valid = read_id(id, context.trace_id.data() + (id.size() > 16 ? 0 : 8), id.size() > 16 ? 16 : 8);
    valid = valid && read_id(read("ot-tracer-spanid"), context.parent_id.data(), 8);
    if (valid) context.sampled = read("ot-tracer-sampled") == "true";
    take(valid, context);
  }
  return found;
}

void Tracer::inject(const TraceContext& context, const SetHeader& set) const {
  const Propagators& forms = options_.propagators;
  const Bytes flag = context.sampled ? "1" : "0";
  if (forms.tracecontext) {
    const std::array<char, 55> value = to_traceparent(context);
    set("traceparent", Bytes(value.data(), value.size()));
  }
  if (forms.b3) set("b3", to_b3(context));
  if (forms.b3multi) {
    set("x-b3-traceid", to_hex(context.trace_id.data(), 16));
    set("x-b3-spanid", to_hex(context.span_id.data(), 8));
    set("x-b3-sampled", flag);
  }
  if (forms.jaeger) set("uber-trace-id", to_jaeger(context));
  if (forms.xray) set("x-amzn-trace-id", to_xray(context));
  if (!forms.ottrace) return;
  // OpenTracing's libraries know the lower half only.
  set("ot-tracer-traceid", to_hex(context.trace_id.data() + 8, 8));
  set("ot-tracer-spanid", to_hex(context.span_id.data(), 8));
  set("ot-tracer-sampled", context.sampled ? "true" : "false");
}

// SplitMix64 over a counter that all threads share.
uint64_t Tracer::random() {
  uint64_t z = state_.fetch_add(0x9e37'79b9'7f4a'7c15, std::memory_order_relaxed);
  z = (z ^ z >> 30) * 0xbf58'476d'1ce4'e5b9;
  z = (z ^ z >> 27) * 0x94d0'49bb'1331'11eb;
  return z ^ z >> 31;
}

TraceContext Tracer::start(const ReadHeader& read) {
  TraceContext context;
  const bool has_parent = extract(read, context);
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
