#include "config/tree.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "base/limits.h"
#include "base/secret.h"

namespace aigw::config {
namespace {

constexpr Bytes kByteOrderMark = "\xef\xbb\xbf";

// The length of the UTF-8 sequence at the start of `text`, 0 if there is none that is valid.
size_t utf8_length(Bytes text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  const bool too_large = lead == 0xf4 && second >= 0x90;
  return overlong || surrogate || too_large ? 0 : length;
}

// yaml-cpp takes a U+0004 for the end of the text and guesses at UTF-16 where it sees a NUL, so
// neither may reach it.
bool check_text(Bytes text, std::vector<Problem>& problems) {
  Place place{1, 1};
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const size_t length = utf8_length(text);
    if (length == 0) {
      problems.push_back({place, "the text is not UTF-8"});
      return false;
    }
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f) {
      char name[8];
      std::snprintf(name, sizeof name, "U+%04X", byte);
      problems.push_back({place, std::string("the control character ") + name + " is not allowed"});
      return false;
    }
    text.remove_prefix(length);
    place.column += static_cast<int>(length);
    if (byte == '\n') place = {place.line + 1, 1};
  }
  return true;
}

}  // namespace

const char* to_string(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::boolean: return "a boolean";
    case Node::Kind::number: return "a number";
    case Node::Kind::string: return "a string";
    case Node::Kind::sequence: return "a list";
    case Node::Kind::map: return "a map";
  }
  return "";
}

// A text that has been moved from may still have its bytes, where it is short.
Node::~Node() { erase_bytes(text.data(), text.capacity()); }

bool Node::same_value(const Node& other) const {
  return kind == other.kind && boolean == other.boolean && text == other.text && key == other.key &&
         std::equal(children.begin(), children.end(), other.children.begin(), other.children.end(),
                    [](const Node& a, const Node& b) { return a.same_value(b); });
}

void report_duplicate_keys(const Node& map, std::vector<Problem>& problems) {
  std::vector<const Node*> members(map.children.size());
  std::transform(map.children.begin(), map.children.end(), members.begin(),
                 [](const Node& member) { return &member; });
  std::stable_sort(members.begin(), members.end(),
                   [](const Node* a, const Node* b) { return a->key < b->key; });
  for (size_t i = 1; i < members.size(); ++i) {
    if (members[i]->key != members[i - 1]->key) continue;
    problems.push_back({members[i]->key_place,
                        "the key \"" + members[i]->key + "\" is already on line " +
                            std::to_string(members[i - 1]->key_place.line)});
  }
}

Tree parse_tree(Bytes text) {
  Tree refused;
  refused.well_formed = false;
  if (text.size() > limits::config_document_max) {
    refused.problems.push_back({{}, "the document is larger than " +
                                        std::to_string(limits::config_document_max) + " bytes"});
    return refused;
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (!check_text(text, refused.problems)) return refused;

  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == Bytes::npos || text[first] != '{') return parse_yaml(text);
  Tree json = parse_json(text);
  if (json.well_formed) return json;
  Tree yaml = parse_yaml(text);
  return yaml.well_formed ? yaml : json;
}

}  // namespace aigw::config
