#include "observe/feed.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "base/shared_words.h"
#include "json/text.h"

namespace aigw::observe {
namespace {

constexpr uint64_t kMagic = 0x6169'6777'6665'6401;  // "aigwfed" and a one

// Whether a value has to be quoted in a line of words.
bool is_plain_word(Bytes value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
}

}  // namespace

struct Feed::Header {
  uint64_t magic;
  uint32_t layout;
  uint32_t slots;
  std::atomic<uint64_t> next;
  std::atomic<uint64_t> wanted_until;
  char reserved[32];
};

// `version` is twice the position and two when the event stands there, one less while it is written.
struct Feed::Slot {
  std::atomic<uint64_t> version;
  std::atomic<uint32_t> size;
  uint32_t reserved;
  SharedWord words[words_for(limits::event_max)];
};

size_t Feed::bytes_for(uint32_t events) { return sizeof(Header) + events * sizeof(Slot); }

Feed::Feed(void* memory, uint32_t events) : memory_(memory) {
  static_assert(sizeof(Header) == 64 && sizeof(Slot) == 2048);
  Header& header = this->header();
  if (header.magic == 0) {
    header.layout = kLayout;
    header.slots = events;
    header.magic = kMagic;
  }
  AIGW_CHECK(header.magic == kMagic && header.layout == kLayout);
}

Feed::Slot& Feed::slot(uint64_t position) const {
  return *(reinterpret_cast<Slot*>(static_cast<char*>(memory_) + sizeof(Header)) +
           position % header().slots);
}

void Feed::publish(Bytes event) {
  if (event.size() > limits::event_max) return;
  const uint64_t position = header().next.fetch_add(1, std::memory_order_relaxed);
  Slot& slot = this->slot(position);
  uint64_t before = slot.version.load(std::memory_order_relaxed);
  // One who writes since a whole round ago, or is already a round further, keeps the slot.
  if (before % 2 != 0 || before > 2 * position ||
      !slot.version.compare_exchange_strong(before, 2 * position + 1, std::memory_order_acquire)) {
    return;
  }
  slot.size.store(static_cast<uint32_t>(event.size()), std::memory_order_release);
  store_words(slot.words, event);
  slot.version.store(2 * position + 2, std::memory_order_release);
}

uint64_t Feed::end() const { return header().next.load(std::memory_order_acquire); }

uint64_t Feed::read(uint64_t& position, const std::function<void(Bytes)>& visit) const {
  const uint64_t end = this->end();
  uint64_t lost = 0;
  position = std::min(position, end);
  if (end - position > header().slots) {
    lost = end - position - header().slots;
    position = end - header().slots;
  }
  char copy[limits::event_max];
  for (; position < end; ++position) {
    const Slot& slot = this->slot(position);
    const uint64_t version = slot.version.load(std::memory_order_acquire);
    if (version == 2 * position + 1) break;
    const size_t size = std::min<size_t>(slot.size.load(std::memory_order_acquire), limits::event_max);
    load_words(slot.words, copy, size);
    if (version != 2 * position + 2 || slot.version.load(std::memory_order_relaxed) != version) {
      // Its writer has its number and is about to begin, unless others are far ahead of it.
      if (version < 2 * position && end - position < 64) break;
      ++lost;
      continue;
    }
    visit({copy, size});
  }
  return lost;
}

void Feed::want_until(uint64_t unix_milliseconds) {
  header().wanted_until.store(unix_milliseconds, std::memory_order_relaxed);
}

bool Feed::is_wanted(uint64_t unix_milliseconds) const {
  return header().wanted_until.load(std::memory_order_relaxed) > unix_milliseconds;
}

std::string event_as_json(Bytes event) {
  std::string out = "{";
  for_each_label(event, [&](Bytes name, Bytes value) {
    if (out.size() > 1) out += ',';
    const bool number = name.starts_with('#');
    json::append_quoted(out, number ? name.substr(1) : name);
    out += ':';
    if (number) {
      out += value;
    } else {
      json::append_quoted(out, value);
    }
  });
  return out += '}';
}

std::string event_as_text(Bytes event) {
  std::string out;
  for_each_label(event, [&](Bytes name, Bytes value) {
    if (!out.empty()) out += ' ';
    out.append(name.starts_with('#') ? name.substr(1) : name).append("=");
    if (is_plain_word(value)) {
      out += value;
    } else {
      json::append_quoted(out, value);
    }
  });
  return out;
}

}  // namespace aigw::observe
