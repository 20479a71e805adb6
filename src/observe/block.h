// Where cumulative values live: one block of plain memory, without code in it.
//
// Two builds of the module may count at the same time (the old one has streams that still run), and
// the values must not go back when one of them is unmapped. So the block is handed from build to
// build, and its layout, which is that of the structs below and of labels.h, never changes: another
// layout gets another number (kLayout), and with it another block. What may change freely is what
// series there are: a series carries its family's name, its labels and the number of its values, and
// a build that does not know a family passes its series over.
//
// Nobody takes a lock. A series is found in an open hash table and put there by one compare-and-swap;
// its values are atomics, in as many shards as there are workers, which a reader adds up.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/bytes.h"
#include "base/shared_words.h"

namespace aigw::observe {

// One of the last things that fell into a bucket: which request, how much, when.
struct Exemplar {
  static constexpr size_t kTextMax = 104;
  static constexpr uint64_t kPeriod = 100;  // milliseconds
  std::atomic<uint32_t> version;  // odd while it is written; 0: none yet
  std::atomic<uint32_t> text_bytes;
  SharedWord value;        // in the family's own unit
  SharedWord unix_milliseconds;
  SharedWord text[words_for(kTextMax)];  // labels in the form of labels.h
};
static_assert(sizeof(Exemplar) == 128);

struct Series {
  uint64_t hash;
  uint32_t values;          // of each shard
  uint32_t key_bytes;
  uint64_t values_offset;   // from the block's begin
  uint64_t shard_bytes;     // from the values of one shard to those of the next
  uint64_t exemplars_offset;  // one for each value; 0: none
  // Then the key: the length of the family's name in one byte, the name, the labels.
};
static_assert(sizeof(Series) == 40);

class Block {
 public:
  static constexpr uint32_t kLayout = 1;

  // Takes the block at `memory`, made by whichever build, or makes one of `bytes` zeroed bytes that
  // belong to the caller and must outlive everything here. `shards` counts only where it is made.
  Block(void* memory, size_t bytes, uint32_t shards);

  struct Key {
    Bytes family;
    Bytes labels;       // in the form of labels.h
    uint32_t values = 1;
    bool exemplars = false;
    bool may_overflow = false;  // only the first part of the room for series is for this one
  };

  // Finds the series or makes it; null when there is no room left.
  const Series* find(const Key& key);

  // Adds to one value in the shard of this worker.
  void add(const Series& series, uint32_t worker, uint32_t value, uint64_t amount) const {
    shard(series, worker)[value].fetch_add(amount, std::memory_order_relaxed);
  }

  // The sum over all shards.
  uint64_t read(const Series& series, uint32_t value) const;

  // Whether this bucket has no exemplar of the last Exemplar::kPeriod: to write one takes longer than to count, so a
  // busy bucket gets one now and then.
  bool wants_exemplar(const Series& series, uint32_t value, uint64_t unix_milliseconds) const;
  // Leaves out what another thread is writing at the moment.
  void put_exemplar(const Series& series, uint32_t value, uint64_t amount, Bytes labels,
                    uint64_t unix_milliseconds) const;
  struct ReadExemplar {
    uint64_t value = 0;
    uint64_t unix_milliseconds = 0;
    char text[Exemplar::kTextMax];
    Bytes labels;  // a view of text
  };
  // False where there is none.
  bool read_exemplar(const Series& series, uint32_t value, ReadExemplar& into) const;

  static Bytes family_of(const Series& series);
  static Bytes labels_of(const Series& series);

  // Every series, in no order.
  void for_each(const std::function<void(const Series&)>& visit) const;

  // How many series there are, and how many found no room.
  uint64_t series_count() const;
  uint64_t overflows() const;

 private:
  struct Header;
  Header& header() const { return *static_cast<Header*>(memory_); }
  std::atomic<uint32_t>* slots() const;
  const Series* at(uint32_t unit) const;
  std::atomic<uint64_t>* shard(const Series& series, uint32_t worker) const;
  Exemplar* exemplars_of(const Series& series) const;  // of one that has some
  bool has_room(const Key& key) const;
  Series* make(const Key& key, uint64_t hash);

  void* const memory_;
  uint32_t shards_;
};

}  // namespace aigw::observe
