#include "chat/freeform/answer.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"
#include "chat/freeform/request.h"
#include "json/text.h"

namespace aigw::chat::freeform {
namespace {

// What arguments begin with; blanks may stand around each of its five tokens.
constexpr Bytes kHead = R"({"input":")";
constexpr size_t kName = 1;
constexpr size_t kColon = kHead.find(':');

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool takes_blank(size_t matched) { return matched <= kName || matched >= kColon; }

// Whether `text` begins with \uD and one of `digits`, or may do so when more of it has come.
bool may_be_half(Bytes text, Bytes digits) {
  constexpr Bytes kBegin = "\\ud";
  for (size_t i = 0; i < std::min(kBegin.size(), text.size()); ++i) {
    if (text[i] != kBegin[i] && !(i == 2 && text[i] == 'D')) return false;
  }
  return text.size() <= kBegin.size() || digits.find(text[kBegin.size()]) != Bytes::npos;
}

// How many bytes the escape at the begin of `text` has, or would have if it were all there: two
// halves of a character are one.
size_t escape_size(Bytes text) {
  constexpr size_t kUnicode = 6;
  if (text.size() < 2 || text[1] != 'u') return 2;
  if (text.size() < kUnicode || !may_be_half(text, "89abAB")) return kUnicode;
  return may_be_half(text.substr(kUnicode), "cdefCDEF") ? 2 * kUnicode : kUnicode;
}

}  // namespace

void FreeformCalls::on_event(const Event& event) {
  if (const auto* opened = std::get_if<event::BlockOpen>(&event)) return open(*opened);
  if (const auto* delta = std::get_if<event::ArgsDelta>(&event); delta != nullptr && freeform_) {
    return arguments(delta->arguments);
  }
  if (std::holds_alternative<event::BlockClose>(event) && freeform_) close();
  next_.on_event(event);
}

void FreeformCalls::open(const event::BlockOpen& open) {
  freeform_ = open.kind == event::BlockOpen::Kind::tool_call && has_name(names_, open.name);
  index_ = open.index;
  state_ = State::head;
  matched_ = 0;
  kept_.clear();
  others_ = false;
  event::BlockOpen opened = open;
  opened.freeform = opened.freeform || freeform_;
  next_.on_event(opened);
}

void FreeformCalls::arguments(Bytes piece) {
  if (state_ == State::head) piece = head(piece);
  if (state_ == State::text) piece = text(piece);
  if (state_ == State::after) after(piece);
  if (state_ == State::whole) emit(piece);
}

// Takes what belongs to the head, and gives the rest.
Bytes FreeformCalls::head(Bytes piece) {
  for (size_t i = 0; i < piece.size(); ++i) {
    const char c = piece[i];
    if (c == '}' && matched_ == kName) {  // {}: no text
      state_ = State::after;
      kept_.clear();
      return piece.substr(i);
    }
    const bool fits = c == kHead[matched_] || (is_blank(c) && takes_blank(matched_));
    if (!fits || kept_.size() == limits::freeform_head_max) {
      state_ = State::whole;
      emit(kept_);
      kept_.clear();
      return piece.substr(i);
    }
    if (c == kHead[matched_]) ++matched_;
    kept_ += c;
    if (matched_ < kHead.size()) continue;
    state_ = State::text;
    kept_.clear();
    return piece.substr(i + 1);
  }
  return {};
}

// Takes what belongs to the text, and gives what is behind its closing quote.
Bytes FreeformCalls::text(Bytes piece) {
  std::string joined;
  if (!kept_.empty()) {
    joined = kept_;
    joined += piece;
    kept_.clear();
  }
  const Bytes all = joined.empty() ? piece : Bytes(joined);
  size_t end = 0;
  while (end < all.size() && all[end] != '"') {
    const size_t size = all[end] == '\\' ? escape_size(all.substr(end)) : 1;
    if (size > all.size() - end) break;
    end += size;
  }
  unescaped(all.substr(0, end));
  if (end == all.size()) return {};
  if (all[end] != '"') {
    kept_ = all.substr(end);
    return {};
  }
  state_ = State::after;
  return piece.substr(piece.size() - (all.size() - end - 1));
}

void FreeformCalls::after(Bytes piece) {
  for (char c : piece) others_ = others_ || (!is_blank(c) && c != '}');
}

void FreeformCalls::close() {
  // Cut within the head: it is all that the model has said.
  if (state_ == State::head) emit(kept_);
  if (others_) drops_.add("arguments of a freeform call beside input");
  freeform_ = false;
}

void FreeformCalls::unescaped(Bytes escaped) {
  if (escaped.find('\\') == Bytes::npos) return emit(escaped);
  std::string text(escaped.size(), '\0');
  const std::optional<size_t> size = json::unescape(escaped, text.data());
  // A broken escape is the model's.
  emit(size ? Bytes(text.data(), *size) : escaped);
}

void FreeformCalls::emit(Bytes text) {
  if (!text.empty()) next_.on_event(event::ArgsDelta{.index = index_, .arguments = text});
}

}  // namespace aigw::chat::freeform
