#include "observe/otlp.h"

#include <algorithm>
#include <map>

#include "json/text.h"
#include "observe/family.h"
#include "observe/labels.h"
#include "observe/protobuf.h"

namespace aigw::observe {
namespace {

constexpr Bytes kScope = "envoyproxy/ai-gateway";
constexpr uint64_t kCumulative = 2;

// Names of Span.SpanKind and Status.StatusCode.
constexpr uint64_t kInternal = 1, kClient = 3;
constexpr uint64_t kOk = 1, kError = 2;

// What a request is called in the two conventions (peer's facts, 6.5 and 6.6).
struct Operation {
  Bytes name;           // as in gen_ai.operation.name of metrics
  Bytes span;           // OpenInference's span
  Bytes kind;           // openinference.span.kind
  Bytes system;         // llm.system
  Bytes gen_ai;         // gen_ai.operation.name of spans
};
constexpr Operation kOperations[] = {
    {"chat", "ChatCompletion", "LLM", "openai", "chat"},
    {"completion", "Completion", "LLM", "openai", "text_completion"},
    {"embeddings", "CreateEmbeddings", "EMBEDDING", "openai", "embeddings"},
    {"messages", "Message", "LLM", "anthropic", "chat"},
    {"image_generation", "ImagesResponse", "LLM", "openai", "image_generation"},
    {"image_edit", "ImagesResponse", "LLM", "openai", "image_edit"},
    {"responses", "Responses", "LLM", "openai", "chat"},
    {"responses_input_tokens", "ResponsesInputTokens", "TOKEN_COUNTER", "openai", "tokenize"},
    {"speech", "AudioSpeech", "LLM", "openai", "speech"},
    {"transcription", "Transcription", "LLM", "openai", "transcription"},
    {"translation", "Translation", "LLM", "openai", "translation"},
    {"rerank", "Rerank", "RERANKER", "cohere", "rerank"},
    {"tokenize", "Tokenize", "TOKEN_COUNTER", "openai", "tokenize"},
    {"count_tokens", "CountTokens", "TOKEN_COUNTER", "anthropic", "tokenize"},
    {"generate_content", "GenerateContent", "LLM", "google", "generate_content"},
};

const Operation& operation_of(Bytes name) {
  for (const Operation& one : kOperations) {
    if (one.name == name) return one;
  }
  return kOperations[0];
}

// A string field has to be UTF-8: the whole message is refused otherwise.
std::string utf8(Bytes text) {
  std::string out(text);
  if (json::is_utf8(text)) return out;
  for (char& c : out) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return out;
}

void text(Protobuf& out, uint32_t field, Bytes key, Bytes value) {
  if (json::is_utf8(value)) {
    out.text_pair(field, key, value);
  } else {
    out.text_pair(field, key, utf8(value));
  }
}

void count(Protobuf& out, uint32_t field, Bytes key, uint64_t value) {
  out.count_pair(field, key, value);
}

// Into attributes of a Span.
struct Attributes {
  Protobuf& out;
  void text_unless_empty(Bytes key, Bytes value) {
    if (!value.empty()) text(out, 9, key, value);
  }
  void tokens(Bytes key, const std::optional<uint64_t>& value) {
    if (value) count(out, 9, key, *value);
  }
  void tokens_above_zero(Bytes key, const std::optional<uint64_t>& value) {
    if (value && *value > 0) count(out, 9, key, *value);
  }
};

Bytes model_of(const RequestRecord& request) {
  return request.response_model.empty() ? request.model : request.response_model;
}

void openinference(const RequestRecord& request, const Operation& operation, Attributes& to) {
  to.text_unless_empty("openinference.span.kind", operation.kind);
  to.text_unless_empty("llm.system", operation.system);
  const bool embedding = operation.kind == "EMBEDDING", reranker = operation.kind == "RERANKER";
  to.text_unless_empty(embedding  ? Bytes("embedding.model_name")
                       : reranker ? Bytes("reranker.model_name")
                                  : Bytes("llm.model_name"),
                       model_of(request));
  to.tokens("llm.token_count.prompt", request.usage.input);
  to.tokens("llm.token_count.completion", request.usage.output);
  std::optional<uint64_t> total = request.usage.total;
  if (!total && request.usage.input) total = *request.usage.input + request.usage.output.value_or(0);
  to.tokens("llm.token_count.total", total);
  to.tokens("llm.token_count.prompt_details.cache_read", request.usage.cached_input);
  to.tokens("llm.token_count.prompt_details.cache_creation", request.usage.cache_creation_input);
  to.tokens("llm.token_count.completion_details.reasoning", request.usage.reasoning);
}

// 502 and 503 are counted with 500, as the peer does.
std::string error_type(uint32_t status) {
  if (status == 502 || status == 503) return "500";
  return status >= 400 && status < 600 ? std::to_string(status) : "_OTHER";
}

void gen_ai(const RequestRecord& request, const Operation& operation, bool failed, Attributes& to) {
  to.text_unless_empty("gen_ai.operation.name", operation.gen_ai);
  to.text_unless_empty("gen_ai.provider.name", request.provider);
  to.text_unless_empty("gen_ai.request.model", request.model);
  to.text_unless_empty("gen_ai.response.model", request.response_model);
  to.tokens_above_zero("gen_ai.usage.input_tokens", request.usage.input);
  to.tokens_above_zero("gen_ai.usage.output_tokens", request.usage.output);
  to.tokens_above_zero("gen_ai.usage.cache_read.input_tokens", request.usage.cached_input);
  to.tokens_above_zero("gen_ai.usage.cache_creation.input_tokens", request.usage.cache_creation_input);
  to.tokens_above_zero("gen_ai.usage.reasoning.output_tokens", request.usage.reasoning);
  if (failed) to.text_unless_empty("error.type", error_type(request.status));
}

Bytes exception_type(uint32_t status) {
  switch (status) {
    case 400:
      return "BadRequestError";
    case 401:
      return "AuthenticationError";
    case 403:
      return "PermissionDeniedError";
    case 404:
      return "NotFoundError";
    case 429:
      return "RateLimitError";
    case 500:
    case 502:
    case 503:
      return "InternalServerError";
    default:
      return "Error";
  }
}

void event(Protobuf& span, uint64_t time_ns, Bytes name, Bytes type = {}, Bytes message = {}) {
  span.message(11, [&](Protobuf& out) {
    out.fixed64(1, time_ns);
    out.bytes(2, name);
    if (!type.empty()) text(out, 3, "exception.type", type);
    if (!message.empty()) text(out, 3, "exception.message", message);
  });
}

void scope(Protobuf& out) {
  out.message(1, [](Protobuf& one) { one.bytes(1, kScope); });
}

void resource(Protobuf& out, const Resource& from) {
  out.message(1, [&](Protobuf& one) {
    for (const auto& [key, value] : from.attributes) text(one, 1, key, value);
  });
}

}  // namespace

std::string encode_span(const RequestRecord& request, Semconv semconv, uint64_t end_ns) {
  const Operation& operation = operation_of(request.operation);
  const bool inference = semconv == Semconv::openinference;
  const bool failed = request.outcome != RequestOutcome::answered;
  const uint64_t start_ns = end_ns - std::min(end_ns, request.duration_ns);
  std::string bytes;
  bytes.reserve(1024);
  Protobuf span(bytes);
  span.bytes(1, {reinterpret_cast<const char*>(request.trace->trace_id.data()), 16});
  span.bytes(2, {reinterpret_cast<const char*>(request.trace->span_id.data()), 8});
  if (request.trace->parent_id != decltype(request.trace->parent_id){}) {
    span.bytes(4, {reinterpret_cast<const char*>(request.trace->parent_id.data()), 8});
  }
  std::string name(inference ? operation.span : operation.gen_ai);
  if (!inference && !request.model.empty()) name.append(" ").append(request.model);
  span.bytes(5, utf8(name));
  span.varint(6, inference ? kInternal : kClient);
  span.fixed64(7, start_ns);
  span.fixed64(8, end_ns);
  Attributes to{span};
  if (inference) {
    openinference(request, operation, to);
  } else {
    gen_ai(request, operation, failed, to);
  }
  to.text_unless_empty("aigw.request_id", request.request_id);
  to.text_unless_empty("aigw.backend", request.backend);
  count(span, 9, "aigw.attempts", request.attempts);
  for (const Attribute& one : request.span_attributes) to.text_unless_empty(one.name, one.value);
  if (request.streaming && request.first_byte_ns != 0 && inference) {
    event(span, start_ns + request.first_byte_ns, "First Token Stream Event");
  }
  const std::string description =
      failed ? request.status != 0 ? "Error code: " + std::to_string(request.status)
                                   : std::string("the answer did not come to its end")
             : std::string();
  if (failed && inference) event(span, end_ns, "exception", exception_type(request.status), description);
  span.message(15, [&](Protobuf& status) {
    if (failed) status.bytes(2, description);
    status.varint(3, failed ? kError : kOk);
  });
  return bytes;
}

std::string encode_traces(const Resource& from, std::span<const std::string> spans) {
  std::string bytes;
  Protobuf(bytes).message(1, [&](Protobuf& all) {
    resource(all, from);
    all.message(2, [&](Protobuf& scoped) {
      scope(scoped);
      for (const std::string& span : spans) scoped.bytes(2, span);
    });
  });
  return bytes;
}

namespace {

constexpr double kNanosecondsPerSecond = 1e9;

double shown(const FamilyTraits& family, uint64_t value) {
  return static_cast<double>(value) / (family.unit == Unit::nanoseconds ? kNanosecondsPerSecond : 1);
}

Bytes unit_of(const FamilyTraits& family) {
  switch (family.unit) {
    case Unit::one:
      return "1";
    case Unit::tokens:
      return family.is_histogram() ? "token" : "{token}";
    case Unit::nanoseconds:
      break;
  }
  return "s";
}

struct Span {
  uint64_t start_ns;
  uint64_t now_ns;
};

void labels(Protobuf& point, uint32_t field, const Series& series) {
  for_each_label(Block::labels_of(series),
                 [&](Bytes key, Bytes value) { text(point, field, key, value); });
}

void histogram_point(Protobuf& out, const FamilyTraits& family, const Block& block,
                     const Series& series, const Span& span) {
  out.message(1, [&](Protobuf& point) {
    point.fixed64(2, span.start_ns);
    point.fixed64(3, span.now_ns);
    std::string counts, bounds;
    uint64_t all = 0;
    for (uint32_t i = 0; i <= family.bounds.size(); ++i) {
      const uint64_t one = block.read(series, i);
      all += one;
      Protobuf(counts).raw_fixed64(one);
    }
    for (const double bound : family.bounds) {
      uint64_t bits;
      std::memcpy(&bits, &bound, sizeof bits);
      Protobuf(bounds).raw_fixed64(bits);
    }
    point.fixed64(4, all);
    point.number(5, shown(family, block.read(series, family.values() - 1)));
    point.bytes(6, counts);
    point.bytes(7, bounds);
    labels(point, 9, series);
  });
}

void metric(Protobuf& out, const FamilyTraits& family, const Block& block,
            const std::vector<const Series*>& all, const Span& span) {
  out.message(2, [&](Protobuf& one) {
    one.bytes(1, family.name);
    one.bytes(2, family.help);
    one.bytes(3, unit_of(family));
    one.message(family.is_histogram() ? 9 : 7, [&](Protobuf& data) {
      for (const Series* series : all) {
        if (family.is_histogram()) {
          histogram_point(data, family, block, *series, span);
          continue;
        }
        data.message(1, [&](Protobuf& point) {
          point.fixed64(2, span.start_ns);
          point.fixed64(3, span.now_ns);
          point.fixed64(6, block.read(*series, 0));
          labels(point, 7, *series);
        });
      }
      data.varint(2, kCumulative);
      if (!family.is_histogram()) data.varint(3, 1);  // monotonic
    });
  });
}

}  // namespace

std::string encode_metrics(const Resource& from, const Block& block, uint64_t start_ns,
                           uint64_t now_ns) {
  std::vector<std::vector<const Series*>> families(kFamilies);
  bool any = false;
  block.for_each([&](const Series& series) {
    const FamilyTraits* family = find_family(Block::family_of(series));
    if (family == nullptr || family->values() != series.values) return;
    families[static_cast<size_t>(family->family)].push_back(&series);
    any = true;
  });
  std::string bytes;
  if (!any) return bytes;
  const Span span{start_ns, now_ns};
  Protobuf(bytes).message(1, [&](Protobuf& all) {
    resource(all, from);
    all.message(2, [&](Protobuf& scoped) {
      scope(scoped);
      for (size_t i = 0; i < kFamilies; ++i) {
        if (!families[i].empty()) {
          metric(scoped, traits_of(static_cast<Family>(i)), block, families[i], span);
        }
      }
    });
  });
  return bytes;
}

}  // namespace aigw::observe
