// The scanner's machine
//
// Between two bytes of a document the scanner is in one State. What must be remembered beyond it is
// little:
//
// - depth_ and objects_: one bit per open container tells an object from an array. That is all a
//   validator needs of its stack, and 512 levels of it are 64 bytes.
// - part_, hex_left_ and literal_left_: how far a number, a \u escape or a literal has come when a
//   slice ends inside it.
// - frames_: the containers that lie on the way to a watched member. A member name is looked
//   up only where the innermost open container is such a frame (depth_ == live_depth_); everywhere
//   else it is skipped like any string.
// - member_: the node of the watch list whose value comes or is being read. The root value is the
//   member of node 0, which makes it one case with all others.
//
// Each step takes one token, or as much of it as the slice has, and returns the State that follows.
// A token that a slice cuts in two is continued by its own state (string, escape, hex, literal,
// number), one that lies in one slice is read without ever storing a state. Offsets are those of
// the slice's start plus the distance.
//
// Strings are where the bytes are: find_string_special() runs through them 64 bytes at a time, and
// whole escapes are taken in the same loop. A watched name that lies in one slice and has no escape
// is compared where it stands; otherwise it is collected in name_, in which a name that could match
// always fits even if each of its bytes were written as \uXXXX.
//
// A failure is the offset of the first wrong byte and what was wanted in the state that met it; as
// no step looks past a byte that it has not accepted, both are the same for every way to slice the
// document.
#include "json/scanner.h"

#include <algorithm>
#include <cstring>

#include "json/scanner_run.h"
#include "json/text.h"

namespace aigw::json {

Scanner::Scanner(const WatchList& watches) : watches_(watches) { reset(); }

void Scanner::reset() {
  for (size_t i = 0; i < watches_.size(); ++i) std::construct_at(&slots_[i]);
  objects_.fill(0);
  offset_ = 0;
  state_ = State::value;
  frame_count_ = 0;
  ended_ = false;
  depth_ = 0;
  live_depth_ = 0;
  member_ = 0;
  capturing_ = WatchList::kNone;
  problem_ = nullptr;
  root_ = Found{};
  text_size_ = 0;
}

Result<void> Scanner::feed(Bytes piece) {
  if (state_ != State::failed) state_ = ScannerRun(*this, piece).run();
  offset_ += piece.size();
  if (state_ == State::failed) return failure();
  return {};
}

Result<void> Scanner::finish() {
  const bool whole_number =
      state_ == State::number && (part_ == Part::zero || part_ == Part::integer ||
                                  part_ == Part::fraction || part_ == Part::exponent_digits);
  if (whole_number && depth_ == 0) {
    end_scalar(offset_);
    state_ = State::done;
  }
  if (state_ == State::done) return {};
  if (state_ != State::failed) {
    fail(wanted(), offset_);
    ended_ = true;
  }
  return failure();
}

const Found& Scanner::found(size_t watch) const {
  AIGW_CHECK(watch < watches_.size());
  return slots_[watch].found;
}

Bytes Scanner::text(size_t watch) const {
  AIGW_CHECK(watch < watches_.size());
  return {text_data() + slots_[watch].text_begin, slots_[watch].text_size};
}

// What state_ waits for.
const char* Scanner::wanted() const {
  const bool in_object =
      depth_ > 0 && (objects_[(depth_ - 1u) / 64] >> (depth_ - 1u) % 64 & 1) != 0;
  switch (state_) {
    case State::value:
      return "expected a value";
    case State::first_element:
      return "expected a value or ']'";
    case State::first_name:
      return "expected a member name or '}'";
    case State::name:
      return "expected a member name";
    case State::colon:
      return "expected ':' after a member name";
    case State::after_value:
      return in_object ? "expected ',' or '}'" : "expected ',' or ']'";
    case State::string:
      return "expected the closing quote of a string";
    case State::escape:
      return "expected one of \"\\/bfnrtu after a backslash";
    case State::hex:
      return "expected a hexadecimal digit";
    case State::literal:
      return "expected true, false or null";
    case State::number: {
      const bool more = part_ != Part::zero && part_ != Part::integer && part_ != Part::fraction &&
                        part_ != Part::exponent_digits;
      if (more) return "expected a digit";
      return in_object ? "expected ',' or '}'" : "expected ',' or ']'";
    }
    case State::done:
      return "expected the end of the document";
    case State::failed:
      break;
  }
  return problem_;
}

void Scanner::fail(const char* problem, uint64_t at) {
  problem_ = problem;
  failed_at_ = at;
  state_ = State::failed;
}

Failure Scanner::failure() const {
  std::string message = "invalid JSON at byte " + std::to_string(failed_at_) + ": " + problem_;
  if (ended_) message += ", but the document ends";
  return {FailureKind::malformed_request, std::move(message), problem_ == kTooDeep ? Limit::json_depth : Limit::none};
}

Found* Scanner::member_found(uint16_t node) {
  if (node == 0) return &root_;
  const uint16_t watch = watches_.nodes_[node].watch;
  return watch == WatchList::kNone ? nullptr : &slots_[watch].found;
}

void Scanner::begin_member(Kind kind, uint64_t at) {
  const WatchList::Node& node = watches_.nodes_[member_];
  // What an earlier member of that name holds does not count. The root has none before it.
  for (size_t i = member_ + 1u; member_ != 0 && i < node.subtree_end; ++i) {
    const uint16_t watch = watches_.nodes_[i].watch;
    if (watch == WatchList::kNone) continue;
    drop_text(slots_[watch]);
    slots_[watch].found = Found{};
  }
  Found* found = member_found(member_);
  if (found == nullptr) return;
  *found = Found{.kind = kind, .count = found->count + 1, .begin = at};
  if (node.watch == WatchList::kNone) return;
  Slot& slot = slots_[node.watch];
  drop_text(slot);
  slot.text_begin = text_size_;
  if (kind != Kind::object && kind != Kind::array) capturing_ = node.watch;
}

void Scanner::end_scalar(uint64_t at) {
  if (Found* found = member_found(member_); found != nullptr) found->end = at;
  member_ = WatchList::kNone;
  capturing_ = WatchList::kNone;
}

// The container just opened is the member's value.
void Scanner::open_member() {
  frames_[frame_count_++] = Frame{member_, depth_};
  const bool object = (objects_[(depth_ - 1u) / 64] >> (depth_ - 1u) % 64 & 1) != 0;
  const bool live = object && watches_.nodes_[member_].first_child != WatchList::kNone;
  live_depth_ = live ? depth_ : 0;
  member_ = WatchList::kNone;
}

// The container that closes is the innermost frame. A frame below another is there because a name
// of that other matched, so names are looked up again.
void Scanner::close_frame(bool empty, uint64_t at) {
  --frame_count_;
  if (Found* found = member_found(frames_[frame_count_].node); found != nullptr) {
    found->empty = empty;
    found->end = at;
  }
  live_depth_ = frame_count_ == 0 ? uint16_t{0} : frames_[frame_count_ - 1u].depth;
}

void Scanner::match_name(Bytes raw) {
  const uint16_t node = frames_[frame_count_ - 1u].node;
  if (raw.find('\\') == Bytes::npos) {
    member_ = watches_.child(node, raw);
    return;
  }
  char plain[kNameBuffer];
  const std::optional<size_t> size = unescape(raw, plain);
  member_ = size ? watches_.child(node, {plain, *size}) : WatchList::kNone;
}

void Scanner::match_kept_name() {
  if (name_size_ <= kNameBuffer) {
    match_name({name_, name_size_});
  } else {
    member_ = WatchList::kNone;
  }
}

// Bytes of the watched string that is being read.
void Scanner::keep(Bytes piece) {
  if (role_ == Role::watched_value) return capture(piece);
  if (piece.size() > kNameBuffer - std::min<size_t>(name_size_, kNameBuffer)) {
    name_size_ = kNameBuffer + 1;
  } else if (name_size_ <= kNameBuffer) {
    std::memcpy(name_ + name_size_, piece.data(), piece.size());
    name_size_ = static_cast<uint16_t>(name_size_ + piece.size());
  }
}

// Appends to the text of the watch being captured, which stands last in the buffer.
void Scanner::capture(Bytes piece) {
  Slot& slot = slots_[capturing_];
  if (slot.found.truncated) return;
  if (piece.size() > limits::json_capture_max - slot.text_size) {
    drop_text(slot);
    slot.found.truncated = true;
    return;
  }
  const uint32_t size = static_cast<uint32_t>(piece.size());
  if (size > text_capacity_ - text_size_) {
    const uint32_t capacity = std::max(2 * text_capacity_, text_size_ + size);
    std::unique_ptr<char[]> larger(new char[capacity]);
    std::memcpy(larger.get(), text_data(), text_size_);
    heap_text_ = std::move(larger);
    text_capacity_ = capacity;
  }
  if (size != 0) std::memcpy(text_data() + text_size_, piece.data(), size);
  text_size_ += size;
  slot.text_size += size;
}

// Takes a slot's text out of the buffer, so that a member repeated without end does not make it
// grow.
void Scanner::drop_text(Slot& slot) {
  if (slot.text_size == 0) return;
  const uint32_t behind = slot.text_begin + slot.text_size;
  std::memmove(text_data() + slot.text_begin, text_data() + behind, text_size_ - behind);
  text_size_ -= slot.text_size;
  for (size_t i = 0; i < watches_.size(); ++i) {
    if (slots_[i].text_size != 0 && slots_[i].text_begin >= behind)
      slots_[i].text_begin -= slot.text_size;
  }
  slot.text_size = 0;
}

}  // namespace aigw::json
