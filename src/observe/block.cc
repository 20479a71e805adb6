#include "observe/block.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/limits.h"

namespace aigw::observe {
namespace {

constexpr uint64_t kMagic = 0x6169'6777'6f62'7601;  // "aigwobv" and a one
constexpr uint32_t kSlots = 1u << 14;               // twice the room for series
constexpr uint64_t kUnit = 64;                      // what offsets in slots count in
constexpr uint32_t kShardsMax = 32;

static_assert(kSlots >= 2 * limits::metric_series_max);
static_assert(std::atomic<uint64_t>::is_always_lock_free && sizeof(std::atomic<uint64_t>) == 8);
static_assert(std::atomic<uint32_t>::is_always_lock_free && sizeof(std::atomic<uint32_t>) == 4);

constexpr uint64_t round_up(uint64_t bytes) { return (bytes + kUnit - 1) / kUnit * kUnit; }

uint64_t mix(uint64_t state, uint64_t word) {
  state ^= word;
  state *= 0x9e37'79b9'7f4a'7c15;
  return state ^ state >> 29;
}

uint64_t hash_of(Bytes text, uint64_t state) {
  while (text.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, text.data(), 8);
    state = mix(state, word);
    text.remove_prefix(8);
  }
  uint64_t rest = 0;
  if (!text.empty()) std::memcpy(&rest, text.data(), text.size());
  return mix(state, rest | static_cast<uint64_t>(text.size()) << 56);
}

const char* key_of(const Series& series) { return reinterpret_cast<const char*>(&series + 1); }

}  // namespace

struct Block::Header {
  uint64_t magic;
  uint32_t layout;
  uint32_t shards;
  uint64_t bytes;
  uint32_t slots;
  uint32_t slots_offset;
  std::atomic<uint64_t> next;  // the first byte that nothing stands on
  std::atomic<uint64_t> series;
  std::atomic<uint64_t> overflows;
  char reserved[72];
};

Block::Block(void* memory, size_t bytes, uint32_t shards) : memory_(memory), shards_(0) {
  static_assert(sizeof(Header) == 128);
  Header& header = this->header();
  if (header.magic == 0) {
    header.layout = kLayout;
    header.shards = std::clamp<uint32_t>(shards, 1, kShardsMax);
    header.bytes = bytes;
    header.slots = kSlots;
    header.slots_offset = sizeof(Header);
    header.next = round_up(sizeof(Header) + kSlots * sizeof(uint32_t));
    header.magic = kMagic;
  }
  AIGW_CHECK(header.magic == kMagic && header.layout == kLayout);
  shards_ = header.shards;
}

std::atomic<uint32_t>* Block::slots() const {
  return reinterpret_cast<std::atomic<uint32_t>*>(static_cast<char*>(memory_) +
                                                  header().slots_offset);
}

const Series* Block::at(uint32_t unit) const {
  return reinterpret_cast<const Series*>(static_cast<char*>(memory_) + unit * kUnit);
}

std::atomic<uint64_t>* Block::shard(const Series& series, uint32_t worker) const {
  return reinterpret_cast<std::atomic<uint64_t>*>(
      static_cast<char*>(memory_) + series.values_offset + worker % shards_ * series.shard_bytes);
}

Exemplar* Block::exemplars_of(const Series& series) const {
  return reinterpret_cast<Exemplar*>(static_cast<char*>(memory_) + series.exemplars_offset);
}

Bytes Block::family_of(const Series& series) {
  return {key_of(series) + 1, static_cast<uint8_t>(*key_of(series))};
}

Bytes Block::labels_of(const Series& series) {
  const size_t family = 1 + family_of(series).size();
  return {key_of(series) + family, series.key_bytes - family};
}

const Series* Block::find(const Key& key) {
  const uint64_t hash =
      hash_of(key.labels, hash_of(key.family, mix(key.values, key.exemplars ? 2 : 1)));
  const uint32_t mask = header().slots - 1;
  Series* made = nullptr;
  for (uint32_t slot = static_cast<uint32_t>(hash) & mask;; slot = (slot + 1) & mask) {
    uint32_t unit = slots()[slot].load(std::memory_order_acquire);
    if (unit == 0) {
      if (made == nullptr) made = make(key, hash);
      if (made == nullptr) return nullptr;
      const auto mine =
          static_cast<uint32_t>((reinterpret_cast<char*>(made) - static_cast<char*>(memory_)) / kUnit);
      if (slots()[slot].compare_exchange_strong(unit, mine, std::memory_order_acq_rel)) return made;
      // Another thread was quicker. What was made for nothing stays where it is.
    }
    const Series* there = at(unit);
    if (there->hash == hash && there->values == key.values && family_of(*there) == key.family &&
        labels_of(*there) == key.labels) {
      return there;
    }
  }
}

bool Block::has_room(const Key& key) const {
  const uint64_t room = key.may_overflow
                            ? limits::metric_series_max - limits::metric_series_reserved
                            : limits::metric_series_max;
  return header().series.load(std::memory_order_relaxed) < room;
}

Series* Block::make(const Key& key, uint64_t hash) {
  Header& header = this->header();
  const uint64_t key_bytes = 1 + key.family.size() + key.labels.size();
  const uint64_t head = round_up(sizeof(Series) + key_bytes);
  const uint64_t shard_bytes = round_up(key.values * sizeof(uint64_t));
  const uint64_t exemplars = key.exemplars ? key.values * sizeof(Exemplar) : 0;
  const uint64_t all = head + shards_ * shard_bytes + exemplars;
  if (!has_room(key)) {
    header.overflows.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  // Two threads may both see the last room: the table has slots for more than there is room.
  header.series.fetch_add(1, std::memory_order_relaxed);
  const uint64_t offset = header.next.fetch_add(all, std::memory_order_relaxed);
  if (offset + all > header.bytes) {
    header.next.fetch_sub(all, std::memory_order_relaxed);
    header.series.fetch_sub(1, std::memory_order_relaxed);
    header.overflows.fetch_add(1, std::memory_order_relaxed);
    return nullptr;
  }
  auto* series = reinterpret_cast<Series*>(static_cast<char*>(memory_) + offset);
  series->hash = hash;
  series->values = key.values;
  series->key_bytes = static_cast<uint32_t>(key_bytes);
  series->values_offset = offset + head;
  series->shard_bytes = shard_bytes;
  series->exemplars_offset = key.exemplars ? offset + head + shards_ * shard_bytes : 0;
  char* text = reinterpret_cast<char*>(series + 1);
  *text = static_cast<char>(key.family.size());
  std::memcpy(text + 1, key.family.data(), key.family.size());
  if (!key.labels.empty()) {
    std::memcpy(text + 1 + key.family.size(), key.labels.data(), key.labels.size());
  }
  return series;
}

uint64_t Block::read(const Series& series, uint32_t value) const {
  uint64_t sum = 0;
  for (uint32_t worker = 0; worker < shards_; ++worker) {
    sum += shard(series, worker)[value].load(std::memory_order_relaxed);
  }
  return sum;
}

bool Block::wants_exemplar(const Series& series, uint32_t value, uint64_t unix_milliseconds) const {
  if (series.exemplars_offset == 0) return false;
  const Exemplar& there = exemplars_of(series)[value];
  // The clock may have been set back.
  return there.version.load(std::memory_order_relaxed) == 0 ||
         unix_milliseconds - there.unix_milliseconds.load(std::memory_order_relaxed) >= Exemplar::kPeriod;
}

void Block::put_exemplar(const Series& series, uint32_t value, uint64_t amount, Bytes labels,
                         uint64_t unix_milliseconds) const {
  if (series.exemplars_offset == 0 || labels.empty() || labels.size() > Exemplar::kTextMax) return;
  Exemplar& exemplar = exemplars_of(series)[value];
  uint32_t version = exemplar.version.load(std::memory_order_relaxed);
  if (version % 2 != 0 || !exemplar.version.compare_exchange_strong(version, version + 1,
                                                                    std::memory_order_acquire)) {
    return;
  }
  exemplar.text_bytes.store(static_cast<uint32_t>(labels.size()), std::memory_order_release);
  exemplar.value.store(amount, std::memory_order_release);
  exemplar.unix_milliseconds.store(unix_milliseconds, std::memory_order_release);
  store_words(exemplar.text, labels);
  exemplar.version.store(version + 2, std::memory_order_release);
}

bool Block::read_exemplar(const Series& series, uint32_t value, ReadExemplar& into) const {
  if (series.exemplars_offset == 0) return false;
  const Exemplar& exemplar = exemplars_of(series)[value];
  const uint32_t version = exemplar.version.load(std::memory_order_acquire);
  if (version == 0 || version % 2 != 0) return false;
  const size_t size =
      std::min<size_t>(exemplar.text_bytes.load(std::memory_order_acquire), Exemplar::kTextMax);
  into.value = exemplar.value.load(std::memory_order_acquire);
  into.unix_milliseconds = exemplar.unix_milliseconds.load(std::memory_order_acquire);
  load_words(exemplar.text, into.text, size);
  into.labels = Bytes(into.text, size);
  return exemplar.version.load(std::memory_order_relaxed) == version;
}

void Block::for_each(const std::function<void(const Series&)>& visit) const {
  for (uint32_t slot = 0; slot < header().slots; ++slot) {
    const uint32_t unit = slots()[slot].load(std::memory_order_acquire);
    if (unit != 0) visit(*at(unit));
  }
}

uint64_t Block::series_count() const { return header().series.load(std::memory_order_relaxed); }
uint64_t Block::overflows() const { return header().overflows.load(std::memory_order_relaxed); }

}  // namespace aigw::observe
