// A rule is applied in one walk along its path over the body's text; what has to be written is noted as patches.
#include <algorithm>

#include "base/limits.h"
#include "json/patch.h"
#include "json/text.h"
#include "policy/edit/rule.h"

namespace aigw::policy::edit {
namespace {

// A value, and for a member also its name with the quotes.
struct Place {
  size_t name_begin = 0, begin = 0, end = 0;
};

// Steps over JSON text. It is valid where a client's or a translation's body comes, and whatever else comes ends the
// walk.
class Walker {
 public:
  explicit Walker(Bytes text) : text_(text) {}

  char at(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

  size_t skip_blanks(size_t i) const {
    while (i < text_.size() && Bytes(" \t\r\n").find(text_[i]) != Bytes::npos) ++i;
    return i;
  }

  // Behind the value that begins at `i`; 0 where there is none.
  size_t skip_value(size_t i) const {
    if (at(i) == '"') return skip_string(i);
    if (at(i) != '{' && at(i) != '[') {
      const size_t end = std::min(text_.find_first_of(",]} \t\r\n", i), text_.size());
      return end > i ? end : 0;
    }
    size_t depth = 0;
    while (i < text_.size()) {
      const char c = text_[i];
      if (c == '"') {
        i = skip_string(i);
        if (i == 0) return 0;
        continue;
      }
      ++i;
      if (c == '{' || c == '[') ++depth;
      if ((c == '}' || c == ']') && --depth == 0) return i;
    }
    return 0;
  }

  // The members or elements of the container at `i`. False where it is not well formed.
  bool list(size_t i, std::vector<Place>& places) const {
    const bool is_object = at(i) == '{';
    const char close = is_object ? '}' : ']';
    i = skip_blanks(i + 1);
    while (at(i) != close) {
      Place place;
      place.name_begin = i;
      if (is_object) {
        i = skip_blanks(skip_string(i));
        if (at(i) != ':') return false;
        i = skip_blanks(i + 1);
      }
      place.begin = i;
      place.end = skip_value(i);
      if (place.end == 0) return false;
      places.push_back(place);
      i = skip_blanks(place.end);
      if (at(i) == ',') {
        i = skip_blanks(i + 1);
      } else if (at(i) != close) {
        return false;
      }
    }
    return true;
  }

  bool has_name(const Place& member, Bytes name) const {
    const Bytes raw = text_.substr(member.name_begin + 1, skip_string(member.name_begin) - member.name_begin - 2);
    if (raw.find('\\') == Bytes::npos) return raw == name;
    std::string unescaped(raw.size(), '\0');
    const std::optional<size_t> size = json::unescape(raw, unescaped.data());
    return size && Bytes(unescaped).substr(0, *size) == name;
  }

 private:
  size_t skip_string(size_t i) const {
    if (at(i) != '"') return 0;
    for (++i; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == '"') {
        return i + 1;
      }
    }
    return 0;
  }

  Bytes text_;
};

struct Edit {
  size_t begin, end;
  std::string text;
};

class Application {
 public:
  Application(const Rule& rule, Bytes body) : rule_(rule), body_(body), walker_(body) {}

  bool collect() {
    const size_t begin = walker_.skip_blanks(0);
    const size_t end = walker_.skip_value(begin);
    return end != 0 && collect({0, begin, end}, 0);
  }

  std::string result() const {
    json::PatchList patches;
    for (const Edit& edit : edits_) patches.add(edit.begin, edit.end, edit.text);
    json::Patcher patcher(patches);
    std::string out;
    out.reserve(body_.size() + 256);
    const auto append = [&](Bytes piece) { out.append(piece); };
    patcher.feed(body_, append);
    patcher.finish(append);
    return out;
  }

  bool has_edits() const { return !edits_.empty(); }

 private:
  bool removes() const { return rule_.value.empty(); }

  bool collect(const Place& place, size_t depth) {
    if (depth == rule_.path.size()) {
      edits_.push_back({place.begin, place.end, rule_.value});
      return true;
    }
    const char first = walker_.at(place.begin);
    if (first == 'n' && !removes()) {  // null gives way to what is put below it
      edits_.push_back({place.begin, place.end, built(depth)});
      return true;
    }
    // What is not there is away already.
    if (first != '{' && first != '[') return removes();
    std::vector<Place> places;
    if (!walker_.list(place.begin, places)) return false;
    const Step& step = rule_.path[depth];
    std::vector<bool> chosen(places.size());
    if (first == '{') {
      for (size_t i = 0; i < places.size(); ++i) chosen[i] = walker_.has_name(places[i], step.name);
    } else if (step.index && *step.index < places.size()) {
      chosen[*step.index] = true;
    } else if (step.appends && removes() && !places.empty()) {
      chosen.back() = true;
    }
    if (std::find(chosen.begin(), chosen.end(), true) == chosen.end()) return absent(place, places, depth);
    if (removes() && depth + 1 == rule_.path.size()) {
      remove(places, chosen);
      return true;
    }
    for (size_t i = 0; i < places.size(); ++i) {
      if (chosen[i] && !collect(places[i], depth + 1)) return false;
    }
    return true;
  }

  // Nothing stands at that step of the path.
  bool absent(const Place& container, const std::vector<Place>& places, size_t depth) {
    if (removes()) return true;
    const Step& step = rule_.path[depth];
    std::string text = places.empty() ? "" : ",";
    if (walker_.at(container.begin) == '{') {
      json::append_quoted(text, step.name);
      text += ':';
    } else if (!step.appends && step.index != places.size()) {
      return false;  // no element of that number, nor the next one
    }
    text += built(depth + 1);
    const size_t at = places.empty() ? container.end - 1 : places.back().end;
    edits_.push_back({at, at, std::move(text)});
    return true;
  }

  // The value inside what is missing around it, from `depth` on.
  std::string built(size_t depth) const {
    std::string open, close;
    for (; depth < rule_.path.size(); ++depth) {
      const Step& step = rule_.path[depth];
      const bool is_array = step.appends || step.index == size_t{0};
      open += is_array ? '[' : '{';
      close.insert(close.begin(), is_array ? ']' : '}');
      if (is_array) continue;
      json::append_quoted(open, step.name);
      open += ':';
    }
    return open + rule_.value + close;
  }

  // Each with the comma that goes with it.
  void remove(const std::vector<Place>& places, const std::vector<bool>& chosen) {
    bool kept_before = false;
    for (size_t i = 0; i < places.size(); ++i) {
      if (!chosen[i]) {
        kept_before = true;
      } else if (kept_before) {
        edits_.push_back({places[i - 1].end, places[i].end, {}});
      } else {
        const size_t end = i + 1 < places.size() ? places[i + 1].name_begin : places[i].end;
        edits_.push_back({places[i].name_begin, end, {}});
      }
    }
  }

  const Rule& rule_;
  Bytes body_;
  Walker walker_;
  std::vector<Edit> edits_;
};

}  // namespace

size_t apply(const std::vector<Rule>& rules, std::string& body) {
  size_t failed = 0;
  for (const Rule& rule : rules) {
    Application application(rule, body);
    if (!application.collect()) {
      ++failed;
    } else if (application.has_edits()) {
      body = application.result();
    }
  }
  return failed;
}

}  // namespace aigw::policy::edit
