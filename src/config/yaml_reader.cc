// YAML through yaml-cpp's events, because its own tree drops the second of two equal keys without a
// word.
//
// An alias is replaced by a copy of what it names, so a short text can stand for a huge tree: the
// copies (kept for an anchor, made for an alias) have limits of their own.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <utility>

#include "base/limits.h"
#include "config/tree.h"

namespace aigw::config {
namespace {

// Leaves yaml-cpp's parser; caught in parse_yaml.
struct Refused {
  Problem problem;
};

Place to_place(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

bool one_of(Bytes text, std::initializer_list<Bytes> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool all_of(Bytes text, const char* characters) {
  return !text.empty() && text.find_first_not_of(characters) == Bytes::npos;
}

constexpr const char* kDigits = "0123456789";

// The numbers of the core schema.
bool is_number(Bytes text) {
  if (text.starts_with("0x")) return all_of(text.substr(2), "0123456789abcdefABCDEF");
  if (text.starts_with("0o")) return all_of(text.substr(2), "01234567");
  if (one_of(text, {".nan", ".NaN", ".NAN"})) return true;
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (one_of(text, {".inf", ".Inf", ".INF"})) return true;
  const size_t e = text.find_first_of("eE");
  if (e != Bytes::npos) {
    Bytes exponent = text.substr(e + 1);
    if (exponent.starts_with('+') || exponent.starts_with('-')) exponent.remove_prefix(1);
    if (!all_of(exponent, kDigits)) return false;
    text = text.substr(0, e);
  }
  const size_t dot = text.find('.');
  if (dot == Bytes::npos) return all_of(text, kDigits);
  const Bytes before = text.substr(0, dot), after = text.substr(dot + 1);
  return before.size() + after.size() > 0 && (before.empty() || all_of(before, kDigits)) &&
         (after.empty() || all_of(after, kDigits));
}

struct Extent {
  size_t nodes = 1;
  size_t bytes = 0;
  size_t height = 1;
};

Extent extent_of(const Node& node) {
  Extent all{1, node.text.size() + node.key.size(), 1};
  for (const Node& child : node.children) {
    const Extent one = extent_of(child);
    all.nodes += one.nodes;
    all.bytes += one.bytes;
    all.height = std::max(all.height, one.height + 1);
  }
  return all;
}

class Builder : public YAML::EventHandler {
 public:
  explicit Builder(size_t nodes_max) : nodes_max_(nodes_max) {}

  Node root;
  std::vector<Problem> problems;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(to_place(mark), "the text holds more than one document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = to_place(mark);
    finish(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      refuse(to_place(mark), "an alias stands inside of what it refers to");
    }
    const Extent extent = extent_of(found->second);
    if (stack_.size() + extent.height > limits::config_depth_max) {
      refuse(to_place(mark), "nested too deeply");
    }
    charge_copy(to_place(mark), extent);
    Node copy = found->second;
    copy.key.clear();
    place(std::move(copy));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.place = to_place(mark);
    node.text = value;
    if (value.find('\0') != std::string::npos) {
      refuse(node.place, "a string may not hold a NUL");
    }
    node.kind = kind_of(tag, value, node.place);
    if (node.kind == Node::Kind::boolean) node.boolean = (value[0] | 0x20) == 't';
    if (node.kind == Node::Kind::boolean || node.kind == Node::Kind::null) node.text.clear();
    finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::sequence, mark, tag, "tag:yaml.org,2002:seq", anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark, tag, "tag:yaml.org,2002:map", anchor);
  }
  void OnMapEnd() override {
    report_duplicate_keys(stack_.back().node, problems);
    close();
  }

 private:
  struct Frame {
    Node node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;  // of a map: the value of `key` is next
    std::string key;
    Place key_place;
  };

  [[noreturn]] static void refuse(Place place, std::string message) {
    throw Refused{{place, std::move(message)}};
  }

  void charge_copy(Place place, const Extent& extent) {
    copied_bytes_ += extent.bytes;
    copied_nodes_ += extent.nodes;
    if (copied_bytes_ > limits::config_document_max ||
        copied_nodes_ > limits::config_alias_nodes_max) {
      refuse(place, "anchors and aliases stand for too much");
    }
  }

  Node::Kind kind_of(const std::string& tag, const std::string& value, Place place) {
    const bool plain = tag == "?" || tag.empty();
    const bool boolean = one_of(value, {"true", "True", "TRUE", "false", "False", "FALSE"});
    if (plain && boolean) return Node::Kind::boolean;
    if (plain && is_number(value)) return Node::Kind::number;
    if (plain || tag == "!" || tag == "tag:yaml.org,2002:str") return Node::Kind::string;
    if (tag == "tag:yaml.org,2002:bool" && boolean) return Node::Kind::boolean;
    if (one_of(tag, {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}) && is_number(value)) {
      return Node::Kind::number;
    }
    if (tag == "tag:yaml.org,2002:null" && one_of(value, {"", "~", "null", "Null", "NULL"})) {
      return Node::Kind::null;
    }
    problems.push_back({place, "the tag does not fit the value, or is not of YAML's core schema"});
    return Node::Kind::string;
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, Bytes expected_tag,
            YAML::anchor_t anchor) {
    const Place place = to_place(mark);
    if (stack_.size() >= limits::config_depth_max) refuse(place, "nested too deeply");
    if (!tag.empty() && tag != "?" && tag != "!" && tag != expected_tag) {
      problems.push_back({place, "the tag is not of YAML's core schema"});
    }
    Frame& frame = stack_.emplace_back();
    frame.node.kind = kind;
    frame.node.place = place;
    frame.anchor = anchor;
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    finish(std::move(frame.node), frame.anchor);
  }

  void finish(Node node, YAML::anchor_t anchor) {
    if (++nodes_ > nodes_max_) refuse(node.place, "too many values");
    if (anchor != 0) {
      charge_copy(node.place, extent_of(node));
      anchors_[anchor] = node;
    }
    place(std::move(node));
  }

  // Puts a complete node where it belongs: the root, the next item, the next key or its value.
  void place(Node node) {
    if (stack_.empty()) {
      root = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.kind == Node::Kind::map) {
      if (!frame.has_key) return take_key(frame, std::move(node));
      frame.has_key = false;
      node.key = std::move(frame.key);
      node.key_place = frame.key_place;
      // yaml-cpp gives a value that is not written the place of whatever follows.
      if (node.kind == Node::Kind::null) node.place = node.key_place;
    }
    frame.node.children.push_back(std::move(node));
  }

  void take_key(Frame& frame, Node node) {
    if (node.kind == Node::Kind::sequence || node.kind == Node::Kind::map) {
      problems.push_back({node.place, "a key has to be text"});
    } else if (node.text == "<<") {
      problems.push_back({node.place, "merge keys are not part of YAML 1.2"});
    }
    frame.has_key = true;
    frame.key = node.kind == Node::Kind::boolean ? (node.boolean ? "true" : "false")
                                                 : std::move(node.text);
    frame.key_place = node.place;
  }

  size_t nodes_max_;
  int documents_ = 0;
  size_t nodes_ = 0;
  size_t copied_nodes_ = 0;
  size_t copied_bytes_ = 0;
  std::vector<Frame> stack_;
  std::unordered_map<YAML::anchor_t, Node> anchors_;
};

// Lets a stream read from a view.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(Bytes text) {
    char* const begin = const_cast<char*>(text.data());
    setg(begin, begin, begin + text.size());
  }
};

// Some of yaml-cpp's messages end in a piece of the text, which may be part of a secret.
std::string without_text(std::string message) {
  for (const char* opening : {"the referenced anchor is not defined", "unknown escape character",
                              "invalid unicode", "bad YAML version"}) {
    if (message.starts_with(opening)) return opening;
  }
  return message;
}

}  // namespace

Tree parse_yaml(Bytes text, size_t nodes_max) {
  Tree tree;
  Builder builder(nodes_max);
  ViewBuffer buffer(text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    tree.root = std::move(builder.root);
  } catch (const Refused& refused) {
    tree.well_formed = false;
    builder.problems.push_back(refused.problem);
  } catch (const YAML::Exception& error) {
    tree.well_formed = false;
    builder.problems.push_back(
        {error.mark.is_null() ? Place{} : to_place(error.mark),
         "not valid YAML: " + without_text(error.msg)});
  }
  tree.problems = std::move(builder.problems);
  return tree;
}

}  // namespace aigw::config
