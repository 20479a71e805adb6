// A validating, resumable JSON scanner (RFC 8259) that finds the byte offsets of a few watched
// members. It takes a document in arbitrary slices, keeps no index and no copy of it, and needs the
// same memory for a document of any size. The state machine is described at the head of scanner.cc.
//
// It is strict: no byte order mark, no trailing comma, no bytes after the document. Two things it
// leaves alone: UTF-8 inside strings is not validated, and \u escapes of lone surrogates are
// accepted, because RFC 8259 §8.2 counts them as grammar.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "json/kind.h"

namespace aigw::json {

// What became of one watched path. Where a parent stands twice in its object, its members are those
// of the last. Until the value's last byte has been fed, `end` is 0. A number's last byte is known
// when the next byte has been fed, or at finish().
struct Found {
  Kind kind = Kind::absent;
  bool empty = false;      // an object or array without a member
  bool truncated = false;  // a scalar longer than limits::json_capture_max: text() holds nothing
  uint32_t count = 0;  // how often the member stands in its object; offsets are those of the last
  uint64_t begin = 0;  // the value's bytes in the document, [begin, end), with quotes or brackets
  uint64_t end = 0;
};

// The paths to look out for: member names joined by '.', from the root object
// ("usage.prompt_tokens_details.cached_tokens"). No path leads through an array. A name cannot
// contain a dot. Compiled once, immutable, shareable between threads. The paths must be distinct;
// they are ours, so breaking a bound below is a broken invariant.
class WatchList {
 public:
  static constexpr size_t kPathsMax = 28;
  static constexpr size_t kLevelsMax = 7;
  static constexpr size_t kNameMax = 40;
  static constexpr size_t kNodesMax = 64;  // the names of all paths, a common beginning counted once

  // The paths are copied. A list needs no destructor and no memory of its own, so that a static one leaves nothing
  // behind when the library that it is in is unloaded.
  WatchList(std::initializer_list<std::string_view> paths);

  size_t size() const { return watch_count_; }

 private:
  friend class Scanner;
  friend class ScannerRun;
  static constexpr uint16_t kNone = std::numeric_limits<uint16_t>::max();

  // A member name below its parent's. The nodes stand in preorder, so a subtree is a range.
  struct Node {
    std::array<char, kNameMax> bytes{};
    uint8_t size = 0;
    std::string_view name() const { return {bytes.data(), size}; }
    uint64_t child_lengths = 0;  // bit n: a child's name has n bytes
    uint16_t watch = kNone;
    uint16_t first_child = kNone;
    uint16_t next_sibling = kNone;
    uint16_t subtree_end = 0;
  };

  // The child of `node` with that name, or kNone.
  uint16_t child(uint16_t node, std::string_view name) const;

  std::array<Node, kNodesMax> nodes_{};  // nodes_[0] is the root object
  size_t node_count_ = 1;
  size_t watch_count_ = 0;
};
static_assert(std::is_trivially_destructible_v<WatchList>);

class Scanner {
 public:
  // `watches` must outlive the scanner.
  explicit Scanner(const WatchList& watches);
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  // Ready for another document; keeps its buffers.
  void reset();

  // Takes the next bytes of the document; `piece` is not kept. Fails with malformed_request and a
  // message that names the offset of the first wrong byte and what was expected there; it is the
  // same for every way to slice the document. After a failure every call fails the same way until
  // reset().
  Result<void> feed(Bytes piece);

  // The document must be complete.
  Result<void> finish();

  // `watch` is the path's index in the WatchList.
  const Found& found(size_t watch) const;

  // A captured scalar: a string without its quotes and still escaped, a number or literal as
  // written. Empty for what is not a scalar. Valid until the next feed(), reset() or destruction.
  Bytes text(size_t watch) const;

  // The document's value. root_end is one past its last byte, and 0 until that has been fed.
  Kind root_kind() const { return root_.kind; }
  uint64_t root_begin() const { return root_.begin; }
  uint64_t root_end() const { return root_.end; }
  bool root_empty() const { return root_.empty; }

  // The bytes fed, up to and including the piece that failed.
  uint64_t offset() const { return offset_; }

 private:
  friend class ScannerRun;

  enum class State : uint8_t {
    value,          // a value must come
    first_element,  // after '[': a value or ']'
    first_name,     // after '{': a name or '}'
    name,           // after ',' in an object
    colon,          // after a name
    after_value,    // ',' or the bracket that closes
    string,         // inside a string
    escape,         // after a backslash
    hex,            // inside \uXXXX
    literal,        // inside true, false or null
    number,         // inside a number, see Part
    done,           // after the root value
    failed
  };

  // How far a number has come: after its '-', its leading '0', in its integer digits, after the
  // '.', in the fraction's digits, after the 'e', after the exponent's sign, in the exponent's
  // digits.
  enum class Part : uint8_t {
    minus,
    zero,
    integer,
    point,
    fraction,
    exponent,
    exponent_sign,
    exponent_digits
  };

  // What the string being read is.
  enum class Role : uint8_t { name, watched_name, value, watched_value };

  // A container on the way to a watched member, or a watched container.
  struct Frame {
    uint16_t node;
    uint16_t depth;
  };

  // Where a watch's captured text stands in the text buffer.
  struct Slot {
    Found found;
    uint32_t text_begin = 0;
    uint32_t text_size = 0;
  };

  static constexpr size_t kNameBuffer = 6 * WatchList::kNameMax;
  static constexpr size_t kInlineText = 320;
  static constexpr char kTooDeep[] = "nested deeper than 512 levels";
  static_assert(limits::json_depth_max == 512);

  Failure failure() const;
  const char* wanted() const;
  void fail(const char* problem, uint64_t at);

  // The member that the last name matched: its value begins and ends, its scalar's bytes come.
  Found* member_found(uint16_t node);
  void begin_member(Kind kind, uint64_t at);
  void end_scalar(uint64_t at);
  void open_member();
  void close_frame(bool empty, uint64_t at);
  void match_name(Bytes raw);
  void match_kept_name();

  void keep(Bytes piece);
  void capture(Bytes piece);
  void drop_text(Slot& slot);
  char* text_data() { return heap_text_ ? heap_text_.get() : inline_text_; }
  const char* text_data() const { return heap_text_ ? heap_text_.get() : inline_text_; }

  const WatchList& watches_;
  uint64_t offset_ = 0;

  State state_ = State::value;
  Part part_ = Part::minus;
  Role role_ = Role::value;
  uint8_t hex_left_ = 0;
  uint8_t frame_count_ = 0;
  bool ended_ = false;                     // the failure is that the document ends
  uint16_t depth_ = 0;                     // of the innermost open container; the root's is 1
  uint16_t live_depth_ = 0;                // names at this depth are looked up; 0: none
  uint16_t member_ = 0;                    // the node whose value comes or is being read, or kNone
  uint16_t capturing_ = WatchList::kNone;  // the watch whose scalar is being read
  uint16_t name_size_ = 0;                 // bytes in name_; above kNameBuffer: too long to match
  const char* literal_left_ = nullptr;     // what must follow of true, false or null
  const char* problem_ = nullptr;          // what failed, at failed_at_
  uint64_t failed_at_ = 0;
  Found root_;

  uint32_t text_size_ = 0;
  uint32_t text_capacity_ = kInlineText;
  std::unique_ptr<char[]> heap_text_;

  // Bit d - 1: the container at depth d is an object.
  std::array<uint64_t, limits::json_depth_max / 64> objects_;
  std::array<Frame, WatchList::kLevelsMax + 1> frames_;  // set up to frame_count_
  union {
    Slot slots_[WatchList::kPathsMax];  // alive up to watches_.size(), so that construction stays
                                        // cheap
  };
  char name_[kNameBuffer];         // a watched name that does not lie in one piece, still escaped
  char inline_text_[kInlineText];  // captured text, until it needs more room
};

}  // namespace aigw::json
