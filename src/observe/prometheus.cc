#include "observe/prometheus.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <vector>

#include "observe/exemplar.h"
#include "observe/family.h"
#include "observe/labels.h"
#include "observe/span_attributes.h"

namespace aigw::observe {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

// Of every series of the peer's exporter.
constexpr Bytes kScope =
    R"(otel_scope_name="envoyproxy/ai-gateway",otel_scope_schema_url="",otel_scope_version="")";

void append_count(std::string& out, uint64_t count) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, count).ptr);
}

double shown(const FamilyTraits& family, uint64_t value) {
  return static_cast<double>(value) /
         (family.unit == Unit::nanoseconds ? kNanosecondsPerSecond : 1.0);
}

bool is_gen_ai(const FamilyTraits& family) { return family.name.starts_with("gen_ai."); }

std::string label_text(const FamilyTraits& family, Bytes labels) {
  std::string text;
  for_each_label(labels, [&](Bytes name, Bytes value) {
    if (!text.empty()) text += ',';
    append_label(text, name, value);
  });
  if (is_gen_ai(family)) {
    if (!text.empty()) text += ',';
    text += kScope;
  }
  return text;
}

class Exposition {
 public:
  Exposition(const Block& block, TextFormat format, std::string& out)
      : block_(block), format_(format), out_(out) {}

  // Series by their labels as text.
  using BySeries = std::map<std::string, const Series*>;

  void family(const FamilyTraits& family, const BySeries& all) {
    head(family);
    for (const auto& [labels, series] : all) {
      if (family.is_histogram()) {
        histogram(family, labels, *series);
      } else {
        sample(family.prometheus, labels);
        append_number(out_, shown(family, block_.read(*series, 0)));
        out_ += '\n';
      }
    }
  }

 private:
  void head(const FamilyTraits& family) {
    Bytes name = family.prometheus;
    // OpenMetrics names a counter's family without the ending of its sample.
    if (format_ == TextFormat::openmetrics && name.ends_with("_total")) name.remove_suffix(6);
    out_.append("# HELP ").append(name).append(" ").append(family.help).append("\n");
    out_.append("# TYPE ").append(name).append(family.is_histogram() ? " histogram\n" : " counter\n");
  }

  void sample(Bytes name, Bytes labels) {
    out_ += name;
    if (!labels.empty()) out_.append("{").append(labels).append("}");
    out_ += ' ';
  }

  void histogram(const FamilyTraits& family, const std::string& labels, const Series& series) {
    const std::string bucket = std::string(family.prometheus) + "_bucket";
    const std::string before = labels.empty() ? "" : labels + ',';
    uint64_t count = 0;
    for (uint32_t i = 0; i <= family.bounds.size(); ++i) {
      count += block_.read(series, i);
      std::string all = before + "le=\"";
      append_number(all, i < family.bounds.size() ? family.bounds[i] : INFINITY);
      all += '"';
      sample(bucket, all);
      append_count(out_, count);
      if (format_ == TextFormat::openmetrics) exemplar(family, series, i);
      out_ += '\n';
    }
    sample(std::string(family.prometheus) + "_sum", labels);
    append_number(out_, shown(family, block_.read(series, family.values() - 1)));
    out_ += '\n';
    sample(std::string(family.prometheus) + "_count", labels);
    append_count(out_, count);
    out_ += '\n';
  }

  void exemplar(const FamilyTraits& family, const Series& series, uint32_t bucket) {
    Block::ReadExemplar found;
    if (!block_.read_exemplar(series, bucket, found)) return;
    out_ += " # {";
    const ExemplarIds ids = read_exemplar_labels(found.labels);
    bool first = true;
    const auto id = [&](Bytes name, Bytes value) {
      if (value.empty()) return;
      if (!first) out_ += ',';
      first = false;
      append_label(out_, name, value);
    };
    id("request_id", ids.request_id);
    id("trace_id", ids.trace_id);
    id("span_id", ids.span_id);
    out_ += "} ";
    append_number(out_, shown(family, found.value));
    out_ += ' ';
    append_number(out_, static_cast<double>(found.unix_milliseconds) / 1000);
  }

  const Block& block_;
  const TextFormat format_;
  std::string& out_;
};

}  // namespace

Bytes content_type_of(TextFormat format) {
  return format == TextFormat::openmetrics
             ? Bytes("application/openmetrics-text; version=1.0.0; charset=utf-8")
             : Bytes("text/plain; version=0.0.4; charset=utf-8");
}

TextFormat wanted_format(Bytes accept) {
  return accept.find("application/openmetrics-text") == Bytes::npos ? TextFormat::prometheus
                                                                    : TextFormat::openmetrics;
}

void append_number(std::string& out, double number) {
  if (std::isinf(number)) {
    out += number < 0 ? "-Inf" : "+Inf";
    return;
  }
  // As Go does it, and so the peer: an exponent from 1e+06 on.
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number, std::chars_format::general).ptr);
}

void append_label(std::string& out, Bytes name, Bytes value) {
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    out += letter || (i > 0 && c >= '0' && c <= '9') ? c : '_';
  }
  out += "=\"";
  std::string repaired;
  for (const char c : as_utf8(value, repaired)) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

std::string expose(const Block& block, TextFormat format) {
  std::vector<Exposition::BySeries> families(kFamilies);
  block.for_each([&](const Series& series) {
    const FamilyTraits* family = find_family(Block::family_of(series));
    // What another build counts and this one does not know, or counts in other buckets.
    if (family == nullptr || family->values() != series.values) return;
    families[static_cast<size_t>(family->family)].emplace(
        label_text(*family, Block::labels_of(series)), &series);
  });
  std::string out;
  Exposition exposition(block, format, out);
  for (size_t i = 0; i < kFamilies; ++i) {
    if (!families[i].empty()) exposition.family(traits_of(static_cast<Family>(i)), families[i]);
  }
  return out;
}

void append_gauge(std::string& out, Bytes name, Bytes help, Bytes labels, double value) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" gauge\n").append(name);
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out += ' ';
  append_number(out, value);
  out += '\n';
}

void append_target(std::string& out, TextFormat format, Bytes labels) {
  const Bytes name = format == TextFormat::openmetrics ? "target" : "target_info";
  out.append("# HELP ").append(name).append(" Target metadata\n");
  out.append("# TYPE ").append(name).append(format == TextFormat::openmetrics ? " info\n" : " gauge\n");
  out.append("target_info{").append(labels).append("} 1\n");
}

void finish_exposition(std::string& out, TextFormat format) {
  if (format == TextFormat::openmetrics) out += "# EOF\n";
}

}  // namespace aigw::observe
