#include "host/aws/endpoint.h"

#include <algorithm>

#include "host/common.h"

namespace aigw::host::aws {
namespace {

constexpr Bytes kService = "bedrock-runtime";
constexpr Bytes kFipsService = "bedrock-runtime-fips";
constexpr Bytes kDomains[] = {".vpce.amazonaws.com", ".amazonaws.com", ".api.aws"};

// Takes the last label off `labels`; what remains is "" after the first one.
Bytes take_last_label(Bytes& labels) {
  size_t dot = labels.rfind('.');
  Bytes label = dot == Bytes::npos ? labels : labels.substr(dot + 1);
  labels = dot == Bytes::npos ? Bytes() : labels.substr(0, dot);
  return label;
}

bool is_region(Bytes label) {
  return !label.empty() && std::all_of(label.begin(), label.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace

std::string path(Bytes model, Bytes action) {
  std::string path = "/model/";
  append_path_segment(path, model);
  path += '/';
  path += action;
  return path;
}

Bytes without_geography(Bytes model) {
  for (Bytes geography : {"us-gov.", "us.", "eu.", "apac.", "uk.", "au.", "jp.", "global."}) {
    if (model.starts_with(geography)) return model.substr(geography.size());
  }
  return model;
}

Bytes anthropic_model(Bytes model) {
  const size_t vendor = model.find("anthropic.");
  return vendor == Bytes::npos ? model : model.substr(vendor);
}

Bytes region_of_host(Bytes host) {
  for (Bytes domain : kDomains) {
    if (!host.ends_with(domain)) continue;
    Bytes labels = host.substr(0, host.size() - domain.size());
    Bytes region = take_last_label(labels);
    Bytes service = take_last_label(labels);
    if (is_region(region) && (service == kService || service == kFipsService)) return region;
  }
  return {};
}

Result<Endpoint> endpoint(Bytes upstream_host, Bytes configured_region) {
  Bytes region = region_of_host(upstream_host);
  if (region.empty()) region = configured_region;
  if (region.empty()) return Failure{FailureKind::internal, "the AWS backend has no region"};
  Endpoint out{std::string(upstream_host), std::string(region)};
  if (out.host.empty()) {
    out.host = kService;
    out.host += '.';
    out.host += region;
    out.host += ".amazonaws.com";
  }
  return out;
}

}  // namespace aigw::host::aws
