// Names and values: the specification of OpenInference (semantic_conventions.md, configuration.md).
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "base/limits.h"
#include "capture/capture.h"
#include "crypto/base64.h"
#include "http/media_type.h"
#include "json/text.h"

namespace aigw::capture {
namespace {

using endpoint::EndpointKind;
using observe::ContentOptions;
using observe::kHidden;
using observe::SpanAttributes;

// A name that grows and shrinks at its end. Its parts are this file's and indexes, so that it has a longest.
class Key {
 public:
  explicit Key(Bytes start) { append(start); }
  Key(const Key& other) { append(other); }
  Key& operator=(const Key&) = delete;

  Key with(Bytes more) const {
    Key longer(*this);
    longer.append(".");
    longer.append(more);
    return longer;
  }
  Key with(size_t index) const {
    char digits[20];
    const std::to_chars_result written = std::to_chars(digits, digits + sizeof digits, index);
    return with(Bytes(digits, static_cast<size_t>(written.ptr - digits)));
  }
  operator Bytes() const { return {text_, size_}; }

 private:
  void append(Bytes more) {
    AIGW_CHECK(more.size() <= sizeof text_ - size_);
    more.copy(text_ + size_, more.size());
    size_ += more.size();
  }

  char text_[160];
  size_t size_ = 0;
};

// What of one side is hidden.
struct Hidden {
  bool text;
  bool images;
  size_t base64_max;
};

void show_part(const Part& part, const Hidden& hidden, const Key& key, SpanAttributes& to) {
  if (part.kind == Part::Kind::text) {
    to.text(key.with("message_content.type"), "text");
    to.text(key.with("message_content.text"), hidden.text ? Bytes(kHidden) : part.text);
    return;
  }
  if (part.kind != Part::Kind::image) return;
  to.text(key.with("message_content.type"), "image");
  if (hidden.images || part.text.empty()) return;
  const bool is_base64 = part.text.starts_with("data:image/") && part.text.find("base64") != Bytes::npos;
  const bool too_long = is_base64 && part.text.size() > hidden.base64_max;
  to.text(key.with("message_content.image.image.url"), too_long ? Bytes(kHidden) : part.text);
}

void show_message(const Message& message, const Hidden& hidden, const Key& key, SpanAttributes& to) {
  to.text_unless_empty(key.with("message.role"), message.role);
  to.text_unless_empty(key.with("message.name"), message.name);
  to.text_unless_empty(key.with("message.tool_call_id"), message.call_id);
  const Key contents = key.with("message.contents");
  for (size_t i = 0; i < message.parts.size(); ++i) {
    const Part& part = message.parts[i];
    if (!message.plain) {
      show_part(part, hidden, contents.with(i), to);
    } else if (part.kind == Part::Kind::text && !part.text.empty()) {
      to.text(key.with("message.content"), hidden.text ? Bytes(kHidden) : part.text);
    }
  }
  const Key calls = key.with("message.tool_calls");
  for (size_t i = 0; i < message.calls.size(); ++i) {
    const ToolCall& call = message.calls[i];
    const Key one = calls.with(i);
    to.text_unless_empty(one.with("tool_call.id"), call.id);
    to.text_unless_empty(one.with("tool_call.function.name"), call.name);
    to.text_unless_empty(one.with("tool_call.function.arguments"), call.arguments);
  }
}

void show_texts(const std::vector<Bytes>& texts, Bytes list, Bytes leaf, bool hidden, SpanAttributes& to) {
  const Key key(list);
  for (size_t i = 0; i < texts.size(); ++i) {
    to.text(key.with(i).with(leaf), hidden ? Bytes(kHidden) : texts[i]);
  }
}

void show_inputs(const Document& request, const Said& said, const ContentOptions& options, SpanAttributes& to) {
  const bool hidden = options.hide_inputs;
  if (request.endpoint == EndpointKind::embeddings) {
    show_texts(said.inputs, "embedding.embeddings", "embedding.text", hidden || options.hide_embeddings_text, to);
  } else if (request.endpoint == EndpointKind::completions) {
    show_texts(said.inputs, "llm.prompts", "prompt.text", hidden || options.hide_prompts, to);
  } else if (request.endpoint == EndpointKind::rerank) {
    to.text_unless_empty("reranker.query", hidden ? Bytes(kHidden) : request.root["query"].text());
    if (request.root["top_n"].is_number()) to.count("reranker.top_k", json::to_uint64(request.root["top_n"].raw()));
    if (!hidden) show_texts(said.inputs, "reranker.input_documents", "document.content", false, to);
  }
}

void show_input_messages(const Said& said, const ContentOptions& options, SpanAttributes& to) {
  if (options.hide_inputs || options.hide_input_messages) return;
  const Hidden hidden{options.hide_input_text, options.hide_input_images, options.base64_image_max};
  const Key key("llm.input_messages");
  size_t index = 0;
  if (said.system) show_message(*said.system, hidden, key.with(index++), to);
  for (const Message& message : said.messages) show_message(message, hidden, key.with(index++), to);
}

void show_tools(const Said& said, SpanAttributes& to) {
  const Key key("llm.tools");
  for (size_t i = 0; i < said.tools.size(); ++i) to.text(key.with(i).with("tool.json_schema"), said.tools[i]);
}

// A vector as numbers: a list, or 32-bit floats in base64, the little end first.
std::vector<double> read_vector(const json::Value& embedding) {
  std::vector<double> numbers;
  if (embedding.is_string()) {
    std::string bytes;
    if (!crypto::append_from_base64(bytes, embedding.text(), crypto::Padding::optional)) return numbers;
    for (size_t at = 0; at + sizeof(float) <= bytes.size(); at += sizeof(float)) {
      float one;
      std::memcpy(&one, bytes.data() + at, sizeof one);
      numbers.push_back(static_cast<double>(one));
    }
  }
  for (const json::Value& one : embedding.elements()) numbers.push_back(number_of(one));
  return numbers;
}

void show_vectors(const Document& answer, const ContentOptions& options, SpanAttributes& to) {
  const Key key("embedding.embeddings");
  size_t index = 0;
  for (const json::Value& one : answer.root["data"].elements()) {
    const Key name = key.with(index++).with("embedding.vector");
    if (options.hide_embeddings_vectors) {
      to.text(name, kHidden);
    } else if (const std::vector<double> vector = read_vector(one["embedding"]); !vector.empty()) {
      to.numbers(name, vector);
    }
  }
}

void show_scores(const Document& answer, SpanAttributes& to) {
  const Key key("reranker.output_documents");
  size_t index = 0;
  for (const json::Value& one : answer.root["results"].elements()) {
    to.number(key.with(index++).with("document.score"), number_of(one["relevance_score"]));
  }
}

void show_choices(const std::vector<Message>& messages, const ContentOptions& options, SpanAttributes& to) {
  std::vector<Bytes> texts;
  for (const Message& message : messages) texts.push_back(message.parts.empty() ? Bytes() : message.parts[0].text);
  show_texts(texts, "llm.choices", "completion.text", options.hide_choices, to);
}

void show_output_messages(const std::vector<Message>& messages, const ContentOptions& options, SpanAttributes& to) {
  if (options.hide_output_messages) return;
  const Hidden hidden{options.hide_output_text, false, options.base64_image_max};
  const Key key("llm.output_messages");
  for (size_t i = 0; i < messages.size(); ++i) show_message(messages[i], hidden, key.with(i), to);
}

// Counts are no content.
void show_tokenized(const Document& answer, SpanAttributes& to) {
  const json::Value& root = answer.root;
  const auto count = [&](Bytes key, const json::Value& value) {
    if (value.is_number()) to.count(key, json::to_uint64(value.raw()));
  };
  if (answer.endpoint != EndpointKind::tokenize) return;
  count("tokenize.token_count", root["count"]);
  count("tokenize.max_model_len", root["max_model_len"]);
  if (root["tokens"].is_array()) to.count("tokenize.tokens_returned", root["tokens"].elements().size());
}

}  // namespace

void show_request_as_openinference(const Document& request, const ContentOptions& options, Arena& arena,
                                   SpanAttributes& to) {
  const bool form = !request.root.exists() && !request.text.starts_with('{');  // of multipart/form-data
  if (options.hide_inputs) {
    to.text("input.value", kHidden);
  } else if (!form) {
    to.text("input.value", request.text);
    to.text("input.mime_type", "application/json");
    if (request.size > limits::span_content_max) to.count("aigw.input.size", request.size);
  }
  if (!request.root.is_object()) return;
  if (!options.hide_invocation_parameters) {
    const bool embedding = request.endpoint == EndpointKind::embeddings;
    to.text(embedding ? "embedding.invocation_parameters" : "llm.invocation_parameters",
            parameters_of(request.endpoint, request.root));
  }
  const Said said = read_request(request.endpoint, request.root, arena);
  show_input_messages(said, options, to);
  if (!options.hide_inputs) show_tools(said, to);
  show_inputs(request, said, options, to);
}

void show_answer_as_openinference(const Document& answer, const ContentOptions& options, Arena& arena,
                                  SpanAttributes& to) {
  show_tokenized(answer, to);
  const bool json = answer.root.exists() || http::is_json(answer.type);
  const bool text = json || answer.type.starts_with("text/");
  if (answer.type.starts_with("audio/")) to.count("output.audio_bytes", answer.size);
  if (options.hide_outputs) return to.text("output.value", kHidden);
  if (text) to.text_unless_empty("output.value", answer.text);
  to.text_unless_empty("output.mime_type", json ? Bytes("application/json") : http::essence(answer.type));
  if (answer.size > limits::span_content_max) to.count("aigw.output.size", answer.size);
  if (!answer.root.is_object()) return;
  if (answer.endpoint == EndpointKind::embeddings) return show_vectors(answer, options, to);
  if (answer.endpoint == EndpointKind::rerank) return show_scores(answer, to);
  const std::vector<Message> messages = read_answer(answer.endpoint, answer.root, arena);
  if (answer.endpoint == EndpointKind::completions) return show_choices(messages, options, to);
  show_output_messages(messages, options, to);
}

}  // namespace aigw::capture
