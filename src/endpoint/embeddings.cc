#include "endpoint/embeddings.h"

#include <algorithm>
#include <array>

#include "dialect/openai_chat/decode_request.h"
#include "json/reader.h"

namespace aigw::endpoint {
namespace {

constexpr std::array<Bytes, 9> kKnown = {"model",     "input",       "messages",
                                         "dimensions", "task_type",   "title",
                                         "auto_truncate", "encoding_format", "stream"};

class Decoder {
 public:
  Decoder(const json::Value& root, Arena& arena, chat::Drops& drops)
      : root_(root), drops_(drops), reader_(root), inputs_(arena) {}

  Result<EmbeddingsRequest> decode() {
    const json::Value& input = root_["input"];
    if (!root_["messages"].exists_and_not_null()) {
      if (!input.exists_and_not_null()) reader_.missing(root_, "input");
      read_input(input);
    }
    to_.inputs = inputs_.items();
    to_.dimensions = reader_.count(root_["dimensions"]);
    if (to_.dimensions == 0u) to_.dimensions.reset();
    to_.task_type = reader_.string(root_["task_type"]);
    to_.title = reader_.string(root_["title"]);
    to_.auto_truncate = reader_.boolean(root_["auto_truncate"]);
    const Bytes format = reader_.string(root_["encoding_format"]);
    if (!format.empty() && format != "float") drops_.add("encoding_format");
    for (const json::Value& member : root_.members()) {
      const bool known = std::find(kKnown.begin(), kKnown.end(), member.name()) != kKnown.end();
      if (!known && member.exists_and_not_null()) drops_.add(member.name());
    }
    AIGW_TRY(reader_.result());
    return to_;
  }

 private:
  void read_input(const json::Value& input) {
    if (!input.is_array()) return read_one(input);
    for (const json::Value& one : input.elements()) read_one(one);
  }

  void read_one(const json::Value& input) {
    if (input.is_string()) {
      inputs_.push_back({input.text(), input.escaped_text(), {}, {}});
    } else if (input.is_number() || input.is_array()) {
      to_.with_tokens = true;
    } else if (input.is_object()) {
      read_object(input);
    } else if (input.exists_and_not_null() && reader_.ok()) {
      reader_.fail(input, "must be a string, an object, or a list of them or of tokens");
    }
  }

  // {content, task_type?, title?}: a title belongs to a document that is to be found.
  void read_object(const json::Value& object) {
    to_.with_objects = true;
    EmbeddingInput input;
    input.task_type = reader_.string(object["task_type"]);
    const Bytes title = reader_.string(object["title"]);
    if (input.task_type == "RETRIEVAL_DOCUMENT") {
      input.title = title;
    } else if (!title.empty()) {
      drops_.add("input[].title");
    }
    if (!input.task_type.empty() || !input.title.empty()) to_.with_own_members = true;
    const json::Value& content = object["content"];
    if (!content.exists_and_not_null()) reader_.missing(object, "content");
    const auto add = [&](const json::Value& text) {
      input.text = reader_.string(text);
      input.escaped = text.escaped_text();
      inputs_.push_back(input);
    };
    if (!content.is_array()) return add(content);
    for (const json::Value& text : content.elements()) add(text);
  }

  const json::Value& root_;
  chat::Drops& drops_;
  json::Reader reader_;
  ArenaVector<EmbeddingInput> inputs_;
  EmbeddingsRequest to_;
};

}  // namespace

Result<EmbeddingsRequest> decode_embeddings(const json::Value& root, Arena& arena,
                                            chat::Drops& drops) {
  Result<EmbeddingsRequest> request = Decoder(root, arena, drops).decode();
  if (!request) {
    return Failure{request.error().kind, "invalid request body: " + request.error().message, request.error().limit};
  }
  if (!root["messages"].exists_and_not_null()) return request;
  Result<chat::Conversation> said = dialect::openai_chat::decode_request(root, arena, drops);
  if (!said) return std::move(said).error();
  request->with_messages = true;
  request->messages = said->messages;
  return request;
}

EmbeddingsWriter::EmbeddingsWriter(std::string& out) : writer_(out) {
  writer_.begin_object();
  writer_.member("object", "list");
  writer_.member_array("data");
}

Result<void> EmbeddingsWriter::add(const json::Value& vector, bool truncated) {
  if (!vector.is_array()) {
    return Failure{FailureKind::bad_upstream, "an embedding is missing"};
  }
  writer_.begin_object();
  writer_.member("object", "embedding");
  writer_.member_array("embedding");
  for (const json::Value& number : vector.elements()) {
    if (!number.is_number()) {
      return Failure{FailureKind::bad_upstream,
                     "an embedding is not of numbers"};
    }
    writer_.raw(number.raw());
  }
  writer_.end_array();
  writer_.member_number("index", count_++);
  if (truncated) writer_.member_boolean("truncated", true);
  writer_.end_object();
  return {};
}

void EmbeddingsWriter::finish(Bytes model, std::optional<uint64_t> tokens) {
  writer_.end_array();
  writer_.member("model", model);
  writer_.member_object("usage");
  writer_.member_number("prompt_tokens", tokens.value_or(0));
  writer_.member_number("total_tokens", tokens.value_or(0));
  writer_.end_object();
  writer_.end_object();
  writer_.finish();
}

}  // namespace aigw::endpoint
