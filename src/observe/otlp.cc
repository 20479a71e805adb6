#include "observe/otlp.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/limits.h"
#include "observe/exemplar.h"
#include "observe/family.h"
#include "observe/labels.h"
#include "observe/protobuf.h"
#include "observe/span_attributes.h"

namespace aigw::observe {
namespace {

constexpr Bytes kScope = "envoyproxy/ai-gateway";
constexpr uint64_t kDelta = 1, kCumulative = 2;
constexpr size_t kFieldHeadMax = 20;  // number and size of a field

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
    {"models", "ListModels", "CHAIN", "", "list_models"},
};

const Operation& operation_of(Bytes name) {
  for (const Operation& one : kOperations) {
    if (one.name == name) return one;
  }
  return kOperations[0];
}

void text(Protobuf& out, uint32_t field, Bytes key, Bytes value) {
  std::string repaired;
  out.text_pair(field, key, as_utf8(value, repaired));
}

void tokens_above_zero(SpanAttributes& to, Bytes key, const std::optional<uint64_t>& value) {
  if (value && *value > 0) to.count(key, *value);
}

Bytes model_of(const RequestRecord& request) {
  return request.response_model.empty() ? request.model : request.response_model;
}

void openinference(const RequestRecord& request, const Operation& operation, SpanAttributes& to) {
  to.text_unless_empty("openinference.span.kind", operation.kind);
  to.text_unless_empty("llm.system", operation.system);
  const bool embedding = operation.kind == "EMBEDDING", reranker = operation.kind == "RERANKER";
  to.text_unless_empty(embedding  ? Bytes("embedding.model_name")
                       : reranker ? Bytes("reranker.model_name")
                                  : Bytes("llm.model_name"),
                       model_of(request));
  to.count("llm.token_count.prompt", request.usage.input);
  to.count("llm.token_count.completion", request.usage.output);
  std::optional<uint64_t> total = request.usage.total;
  if (!total && request.usage.input) total = *request.usage.input + request.usage.output.value_or(0);
  to.count("llm.token_count.total", total);
  to.count("llm.token_count.prompt_details.cache_read", request.usage.cached_input);
  to.count("llm.token_count.prompt_details.cache_creation", request.usage.cache_creation_input);
  to.count("llm.token_count.completion_details.reasoning", request.usage.reasoning);
}

// 502 and 503 are counted with 500, as the peer does.
std::string error_type(uint32_t status) {
  if (status == 502 || status == 503) return "500";
  return status >= 400 && status < 600 ? std::to_string(status) : "_OTHER";
}

void gen_ai(const RequestRecord& request, const Operation& operation, bool failed, SpanAttributes& to) {
  to.text_unless_empty("gen_ai.operation.name", operation.gen_ai);
  to.text_unless_empty("gen_ai.provider.name", request.provider);
  to.text_unless_empty("gen_ai.request.model", request.model);
  to.text_unless_empty("gen_ai.response.model", request.response_model);
  tokens_above_zero(to, "gen_ai.usage.input_tokens", request.usage.input);
  tokens_above_zero(to, "gen_ai.usage.output_tokens", request.usage.output);
  tokens_above_zero(to, "gen_ai.usage.cache_read.input_tokens", request.usage.cached_input);
  tokens_above_zero(to, "gen_ai.usage.cache_creation.input_tokens", request.usage.cache_creation_input);
  tokens_above_zero(to, "gen_ai.usage.reasoning.output_tokens", request.usage.reasoning);
  if (failed) to.text_unless_empty("error.type", request.fault.empty() ? error_type(request.status) : request.fault);
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

// As the peer says it: the status and, where spans show answers, what stood in the body. Of an answer that began well
// that would be the conversation, so it is what the gateway has to say.
std::string describe_failure(const RequestRecord& request, const SpanOptions& options) {
  if (request.status < 300) return std::string(request.error);
  std::string text = "Error code: " + std::to_string(request.status);
  const Content* content = request.content;
  if (content == nullptr || !options.shows_answers() || content->answer.empty() || !content->answer_coding.empty()) {
    return text;
  }
  std::string repaired;
  text.append(" - ").append(as_utf8(Bytes(content->answer).substr(0, limits::error_text_max), repaired));
  return text;
}

}  // namespace

EncodedSpan encode_span(const RequestRecord& request, const SpanOptions& options, uint64_t end_ns) {
  const Operation& operation = operation_of(request.operation);
  const bool inference = options.semconv == Semconv::openinference;
  const bool failed = request.outcome != RequestOutcome::answered;
  const uint64_t start_ns = end_ns - std::min(end_ns, request.duration_ns);
  EncodedSpan encoded;
  std::string& bytes = encoded.bytes;
  bytes.reserve(1024);
  Protobuf span(bytes);
  span.bytes(1, {reinterpret_cast<const char*>(request.trace->trace_id.data()), 16});
  span.bytes(2, {reinterpret_cast<const char*>(request.trace->span_id.data()), 8});
  if (request.trace->parent_id != decltype(request.trace->parent_id){}) {
    span.bytes(4, {reinterpret_cast<const char*>(request.trace->parent_id.data()), 8});
  }
  std::string name(inference ? operation.span : operation.gen_ai);
  if (!inference && !request.model.empty()) name.append(" ").append(request.model);
  std::string repaired;
  span.bytes(5, as_utf8(name, repaired));
  span.varint(6, inference ? kInternal : kClient);
  span.fixed64(7, start_ns);
  span.fixed64(8, end_ns);
  SpanAttributes to(bytes, options.limits);
  if (inference) {
    openinference(request, operation, to);
  } else {
    gen_ai(request, operation, failed, to);
  }
  to.text_unless_empty("aigw.request_id", request.request_id);
  to.text_unless_empty("aigw.backend", request.backend);
  to.count("aigw.attempts", request.attempts);
  for (const Attribute& one : request.span_attributes) to.text_unless_empty(one.name, one.value);
  if (request.streaming && request.first_byte_ns != 0 && inference) {
    event(span, start_ns + request.first_byte_ns, "First Token Stream Event");
  }
  const std::string description = failed ? describe_failure(request, options) : std::string();
  if (failed && inference) event(span, end_ns, "exception", exception_type(request.status), description);
  span.message(15, [&](Protobuf& status) {
    if (failed) status.bytes(2, description);
    status.varint(3, failed ? kError : kOk);
  });
  encoded.attributes = to.written();
  encoded.dropped = to.dropped();
  if (encoded.dropped > 0) finish_span(bytes, encoded.dropped);
  return encoded;
}

void finish_span(std::string& span, uint32_t dropped) { Protobuf(span).varint(10, dropped); }

std::string encode_traces(const Resource& from, std::span<const std::string> spans) {
  // Put together from the end of the nesting, so that the spans, which may be many, are copied once.
  std::string head, all;
  Protobuf scoped(head);
  scope(scoped);
  size_t size = head.size();
  for (const std::string& span : spans) size += Protobuf::bytes_size(span.size());
  Protobuf resourced(all);
  resource(resourced, from);
  std::string bytes;
  bytes.reserve(2 * kFieldHeadMax + all.size() + size);
  Protobuf out(bytes);
  out.begin(1, all.size() + Protobuf::bytes_size(size));
  bytes += all;
  out.begin(2, size);
  bytes += head;
  for (const std::string& span : spans) out.bytes(2, span);
  return bytes;
}

namespace {

constexpr double kNanosecondsPerSecond = 1e9;
constexpr uint64_t kNanosecondsPerMillisecond = 1'000'000;

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

// Reads the values of series, all at one moment for each.
std::vector<uint64_t> values_of(const FamilyTraits& family, const Block& block, const Series& series) {
  std::vector<uint64_t> values(family.values());
  for (uint32_t i = 0; i < family.values(); ++i) values[i] = block.read(series, i);
  return values;
}

const FamilyTraits* known_family(const Series& series) {
  const FamilyTraits* family = find_family(Block::family_of(series));
  return family != nullptr && family->values() == series.values ? family : nullptr;
}

}  // namespace

// Writes one export.
class MetricsWriter {
 public:
  MetricsWriter(Sent& sent, const Block& block, uint64_t start_ns, uint64_t now_ns)
      : sent_(sent), block_(block), start_ns_(start_ns), now_ns_(now_ns) {}

  void metric(Protobuf& out, const FamilyTraits& family, const std::vector<const Series*>& all) const {
    out.message(2, [&](Protobuf& one) {
      one.bytes(1, family.name);
      one.bytes(2, family.help);
      one.bytes(3, unit_of(family));
      one.message(family.is_histogram() ? 9 : 7, [&](Protobuf& data) {
        for (const Series* series : all) {
          const std::vector<uint64_t> values = news_of(*series);
          data.message(1, [&](Protobuf& point) {
            family.is_histogram() ? histogram(point, family, *series, values) : sum(point, values);
            for_each_label(Block::labels_of(*series), [&](Bytes key, Bytes value) {
              text(point, family.is_histogram() ? 9 : 7, key, value);
            });
          });
        }
        data.varint(2, sent_.temporality_ == Temporality::delta ? kDelta : kCumulative);
        if (!family.is_histogram()) data.varint(3, 1);  // monotonic
      });
    });
  }

 private:
  std::vector<uint64_t> news_of(const Series& series) const {
    std::vector<uint64_t> values = sent_.now_.at(&series);
    const auto before = sent_.before_.find(&series);
    if (before == sent_.before_.end()) return values;
    for (size_t i = 0; i < values.size(); ++i) values[i] -= before->second[i];
    return values;
  }

  void times(Protobuf& point) const {
    point.fixed64(2, start_ns_);
    point.fixed64(3, now_ns_);
  }

  void sum(Protobuf& point, const std::vector<uint64_t>& values) const {
    times(point);
    point.fixed64(6, values[0]);
  }

  void histogram(Protobuf& point, const FamilyTraits& family, const Series& series,
                 const std::vector<uint64_t>& values) const {
    times(point);
    std::string counts, bounds;
    uint64_t all = 0;
    for (size_t i = 0; i <= family.bounds.size(); ++i) {
      all += values[i];
      Protobuf(counts).raw_fixed64(values[i]);
    }
    for (const double bound : family.bounds) {
      uint64_t bits;
      std::memcpy(&bits, &bound, sizeof bits);
      Protobuf(bounds).raw_fixed64(bits);
    }
    point.fixed64(4, all);
    point.number(5, shown(family, values.back()));
    point.bytes(6, counts);
    point.bytes(7, bounds);
    for (uint32_t i = 0; i <= family.bounds.size(); ++i) exemplar(point, family, series, i);
  }

  // One from before the time that this export is about belongs to another. Its own is known to the millisecond, so that
  // one of the first millisecond may seem to be from before; and one may come while this is written.
  void exemplar(Protobuf& point, const FamilyTraits& family, const Series& series, uint32_t bucket) const {
    Block::ReadExemplar found;
    if (!block_.read_exemplar(series, bucket, found)) return;
    const uint64_t time_ns = found.unix_milliseconds * kNanosecondsPerMillisecond;
    if (time_ns + kNanosecondsPerMillisecond <= start_ns_) return;
    const ExemplarIds ids = read_exemplar_labels(found.labels);
    std::array<uint8_t, 16> trace_id;
    std::array<uint8_t, 8> span_id;
    point.message(8, [&](Protobuf& one) {
      one.fixed64(2, std::min(std::max(time_ns, start_ns_), now_ns_));
      one.number(3, shown(family, found.value));
      if (read_id(ids.trace_id, trace_id.data(), trace_id.size()) &&
          read_id(ids.span_id, span_id.data(), span_id.size())) {
        one.bytes(4, {reinterpret_cast<const char*>(span_id.data()), span_id.size()});
        one.bytes(5, {reinterpret_cast<const char*>(trace_id.data()), trace_id.size()});
      }
      if (!ids.request_id.empty()) text(one, 7, "aigw.request_id", ids.request_id);
    });
  }

  Sent& sent_;
  const Block& block_;
  const uint64_t start_ns_;
  const uint64_t now_ns_;
};

Sent::Sent(Temporality temporality, const Block& block) : temporality_(temporality) {
  if (temporality_ == Temporality::cumulative) return;
  block.for_each([&](const Series& series) {
    if (const FamilyTraits* family = known_family(series)) before_[&series] = values_of(*family, block, series);
  });
}

void Sent::taken() {
  if (temporality_ == Temporality::cumulative) return;
  before_ = std::move(now_);
  now_.clear();
  until_ns_ = now_ns_;
}

std::string Sent::encode(const Resource& from, const Block& block, uint64_t start_ns, uint64_t now_ns) {
  std::vector<std::vector<const Series*>> families(kFamilies);
  now_.clear();
  now_ns_ = now_ns;
  bool any = false;
  block.for_each([&](const Series& series) {
    const FamilyTraits* family = known_family(series);
    if (family == nullptr) return;
    std::vector<uint64_t>& values = now_[&series] = values_of(*family, block, series);
    // Nothing happened: a delta of nothing is not told.
    const auto before = before_.find(&series);
    if (before != before_.end() && before->second == values) return;
    families[static_cast<size_t>(family->family)].push_back(&series);
    any = true;
  });
  std::string bytes;
  if (!any) return bytes;
  const MetricsWriter writer(*this, block, until_ns_ != 0 ? until_ns_ : start_ns, now_ns);
  Protobuf(bytes).message(1, [&](Protobuf& all) {
    resource(all, from);
    all.message(2, [&](Protobuf& scoped) {
      scope(scoped);
      for (size_t i = 0; i < kFamilies; ++i) {
        if (!families[i].empty()) writer.metric(scoped, traits_of(static_cast<Family>(i)), families[i]);
      }
    });
  });
  return bytes;
}

}  // namespace aigw::observe
