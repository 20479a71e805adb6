#include "runtime/otel_options.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "version/version.h"

namespace aigw::runtime {
namespace {

constexpr const char* kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

template <class Take>
void for_each_of_list(Bytes list, Take&& take) {
  while (!list.empty()) {
    Bytes one = list.substr(0, list.find(','));
    list.remove_prefix(std::min(one.size() + 1, list.size()));
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    if (!one.empty()) take(one);
  }
}

std::string percent_decoded(Bytes text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const bool escape = text[i] == '%' && i + 2 < text.size() &&
                        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr ==
                            text.data() + i + 3;
    out += escape ? static_cast<char>(value) : text[i];
    if (escape) i += 2;
  }
  return out;
}

// "key=value,key=value", the values percent-encoded.
std::vector<std::pair<std::string, std::string>> read_pairs(Bytes list) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for_each_of_list(list, [&](Bytes pair) {
    const size_t equals = pair.find('=');
    if (equals == Bytes::npos || equals == 0) return;
    Bytes key = pair.substr(0, equals), value = pair.substr(equals + 1);
    while (key.ends_with(' ')) key.remove_suffix(1);
    while (value.starts_with(' ')) value.remove_prefix(1);
    pairs.emplace_back(std::string(key), percent_decoded(value));
  });
  return pairs;
}

class Reader {
 public:
  Reader(const Environment& environment, bool speaks_grpc, OtelOptions& options)
      : environment_(environment), speaks_grpc_(speaks_grpc), options_(options) {}

  // `signal` is TRACES or METRICS, `path` where it goes below the common endpoint.
  OtelExport signal(const std::string& signal, const char* path, bool wants_endpoint) {
    OtelExport one;
    const std::string exporter = environment_(("OTEL_" + signal + "_EXPORTER").c_str());
    const std::string own = environment_(("OTEL_EXPORTER_OTLP_" + signal + "_ENDPOINT").c_str());
    const std::string common = environment_(kEndpoint);
    if (environment_("OTEL_SDK_DISABLED") == "true" || exporter == "none" || exporter == "prometheus") return one;
    if (exporter == "console") {
      one.to = ExportTo::console;
      return one;
    }
    const bool has_endpoint = !own.empty() || !common.empty();
    if (!has_endpoint && (wants_endpoint || exporter.empty())) return one;
    if (!exporter.empty() && exporter != "otlp") {
      warn("OTEL_" + signal + "_EXPORTER: there is no exporter " + exporter);
      return one;
    }
    const std::string protocol = either(signal, "PROTOCOL");
    one.grpc = protocol == "grpc";
    if (!one.grpc && !protocol.empty() && protocol != "http/protobuf") {
      warn("OTEL_EXPORTER_OTLP_PROTOCOL: there is no " + protocol + ", only http/protobuf and grpc; " + signal +
           " go nowhere");
      return {};
    }
    if (one.grpc && !speaks_grpc_) {
      warn("OTEL_EXPORTER_OTLP_PROTOCOL: the module speaks http/protobuf only, grpc is for the ext_proc server; " +
           signal + " go nowhere");
      return {};
    }
    one.to = ExportTo::otlp;
    if (one.grpc) {
      one.url = !own.empty() ? own : common.empty() ? "http://localhost:4317" : common;
      // A target without a scheme is reached over TLS unless it is said to be insecure.
      if (one.url.find("://") == std::string::npos) {
        one.url.insert(0, either(signal, "INSECURE") == "true" ? "http://" : "https://");
      }
    } else if (one.url = own; own.empty()) {
      one.url = common.empty() ? "http://localhost:4318" : common;
      if (!one.url.ends_with('/')) one.url += '/';
      one.url += path;
    }
    one.tls = {either(signal, "CERTIFICATE"), either(signal, "CLIENT_CERTIFICATE"), either(signal, "CLIENT_KEY")};
    one.headers = read_pairs(either(signal, "HEADERS"));
    number(either(signal, "TIMEOUT"), one.timeout);
    const std::string compression = either(signal, "COMPRESSION");
    one.gzip = compression == "gzip";
    if (!one.gzip && !compression.empty() && compression != "none") {
      warn("OTEL_EXPORTER_OTLP_COMPRESSION: there is no " + compression + ", only gzip and none; " + signal +
           " go uncompressed");
    }
    return one;
  }

  void batches() {
    std::chrono::milliseconds queue{options_.queue_max}, batch{options_.batch_max};
    number(environment_("OTEL_BSP_MAX_QUEUE_SIZE"), queue);
    number(environment_("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"), batch);
    options_.queue_max = static_cast<size_t>(queue.count());
    options_.batch_max = std::min(static_cast<size_t>(batch.count()), options_.queue_max);
    number(environment_("OTEL_BSP_SCHEDULE_DELAY"), options_.schedule_delay);
    number(environment_("OTEL_METRIC_EXPORT_INTERVAL"), options_.metrics_interval);
  }

  void sampler() {
    std::string name = environment_("OTEL_TRACES_SAMPLER");
    observe::TraceOptions& tracing = options_.tracing;
    tracing.parent_decides = name.empty() || name.starts_with("parentbased_");
    if (name.starts_with("parentbased_")) name = name.substr(12);
    if (name == "always_off") tracing.sampler = observe::Sampler::always_off;
    if (name == "traceidratio") {
      tracing.sampler = observe::Sampler::ratio;
      const std::string ratio = environment_("OTEL_TRACES_SAMPLER_ARG");
      if (!ratio.empty()) tracing.ratio = std::strtod(ratio.c_str(), nullptr);
    }
    if (!name.empty() && name != "always_on" && name != "always_off" && name != "traceidratio") {
      warn("OTEL_TRACES_SAMPLER: unknown, every span is recorded: " + name);
    }
  }

  void propagators() {
    const std::string names = environment_("OTEL_PROPAGATORS");
    if (names.empty()) return;
    observe::Propagators& forms = options_.tracing.propagators;
    forms.tracecontext = false;
    for_each_of_list(names, [&](Bytes name) {
      if (name == "tracecontext") {
        forms.tracecontext = true;
      } else if (name == "b3") {
        forms.b3 = true;
      } else if (name == "b3multi") {
        forms.b3multi = true;
      } else if (name == "jaeger") {
        forms.jaeger = true;
      } else if (name == "xray") {
        forms.xray = true;
      } else if (name == "ottrace") {
        forms.ottrace = true;
      } else if (name != "baggage" && name != "none") {  // baggage passes by itself
        warn("OTEL_PROPAGATORS: this build does not know " + std::string(name));
      }
    });
  }

  void temporality() {
    const std::string wanted = environment_("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE");
    // What takes little memory is, of counters and histograms that are counted as it happens, deltas.
    if (wanted == "delta" || wanted == "lowmemory") {
      options_.temporality = observe::Temporality::delta;
    } else if (!wanted.empty() && wanted != "cumulative") {
      warn("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: there is no " + wanted + ", it is cumulative");
    }
  }

  // What spans show, and how much of it.
  void content() {
    observe::ContentOptions& content = options_.spans.content;
    const auto is_true = [this](const char* name) {
      std::string value = environment_(name);
      for (char& c : value) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
      return value == "true" || value == "1";
    };
    content.hide_inputs = is_true("OPENINFERENCE_HIDE_INPUTS");
    content.hide_outputs = is_true("OPENINFERENCE_HIDE_OUTPUTS");
    content.hide_input_messages = is_true("OPENINFERENCE_HIDE_INPUT_MESSAGES");
    content.hide_output_messages = is_true("OPENINFERENCE_HIDE_OUTPUT_MESSAGES");
    content.hide_input_text = is_true("OPENINFERENCE_HIDE_INPUT_TEXT");
    content.hide_output_text = is_true("OPENINFERENCE_HIDE_OUTPUT_TEXT");
    content.hide_input_images = is_true("OPENINFERENCE_HIDE_INPUT_IMAGES");
    content.hide_invocation_parameters = is_true("OPENINFERENCE_HIDE_LLM_INVOCATION_PARAMETERS");
    content.hide_embeddings_text = is_true("OPENINFERENCE_HIDE_EMBEDDINGS_TEXT");
    content.hide_embeddings_vectors = is_true("OPENINFERENCE_HIDE_EMBEDDINGS_VECTORS");
    content.hide_prompts = is_true("OPENINFERENCE_HIDE_PROMPTS");
    content.hide_choices = is_true("OPENINFERENCE_HIDE_CHOICES");
    size(environment_("OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH"), content.base64_image_max);
    content.capture_messages = is_true("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT");

    observe::SpanLimits& limits = options_.spans.limits;
    // A message takes some attributes, and a conversation has many.
    const bool lists_messages =
        options_.spans.semconv == observe::Semconv::openinference && !(content.hide_inputs && content.hide_outputs);
    if (lists_messages) limits.attributes = SIZE_MAX;
    size(environment_("OTEL_ATTRIBUTE_COUNT_LIMIT"), limits.attributes);
    size(environment_("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"), limits.attributes);
    size(environment_("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"), limits.value_characters);
    size(environment_("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"), limits.value_characters);
    options_.tracing.keeps_content = options_.spans.keeps_content();
  }

  void resource() {
    auto& attributes = options_.resource.attributes;
    std::string service = environment_("OTEL_SERVICE_NAME");
    for (auto& [key, value] : read_pairs(environment_("OTEL_RESOURCE_ATTRIBUTES"))) {
      if (key == "service.name") {
        if (service.empty()) service = value;
      } else {
        attributes.emplace_back(key, value);
      }
    }
    attributes.emplace_back("service.name", service.empty() ? "ai-gateway" : service);
    attributes.emplace_back("telemetry.sdk.language", "cpp");
    attributes.emplace_back("telemetry.sdk.name", "aigw");
    attributes.emplace_back("telemetry.sdk.version", version::release());
    const bool is_given = std::any_of(attributes.begin(), attributes.end(),
                                      [](const auto& one) { return one.first == "service.version"; });
    if (!is_given) attributes.emplace_back("service.version", version::semantic());
  }

 private:
  void warn(std::string text) { options_.warnings.push_back(std::move(text)); }

  std::string either(const std::string& signal, const char* what) {
    const std::string own = environment_(("OTEL_EXPORTER_OTLP_" + signal + '_' + what).c_str());
    return own.empty() ? environment_((std::string("OTEL_EXPORTER_OTLP_") + what).c_str()) : own;
  }

  // Left alone where the text is no number.
  static void size(const std::string& text, size_t& into) {
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) into = value;
  }

  // Left alone where the text is no number above 0.
  static void number(const std::string& text, std::chrono::milliseconds& into) {
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size() && value > 0) {
      into = std::chrono::milliseconds(value);
    }
  }

  const Environment& environment_;
  const bool speaks_grpc_;
  OtelOptions& options_;
};

}  // namespace

Result<OtelOptions> read_otel_options(const Environment& environment, bool speaks_grpc) {
  OtelOptions options;
  const std::string semconv = environment("AI_GATEWAY_TRACING_SEMCONV");
  if (semconv == "gen_ai") {
    options.spans.semconv = observe::Semconv::gen_ai;
  } else if (!semconv.empty() && semconv != "openinference") {
    return Failure{FailureKind::internal,
                   "AI_GATEWAY_TRACING_SEMCONV has to be openinference or gen_ai, not " + semconv};
  }
  Reader reader(environment, speaks_grpc, options);
  options.traces = reader.signal("TRACES", "v1/traces", false);
  options.metrics = reader.signal("METRICS", "v1/metrics", true);
  reader.batches();
  reader.sampler();
  reader.propagators();
  reader.temporality();
  reader.content();
  reader.resource();
  return options;
}

}  // namespace aigw::runtime
