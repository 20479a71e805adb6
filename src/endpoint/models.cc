#include "endpoint/models.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "dialect/anthropic/models.h"
#include "http/query.h"
#include "json/text.h"

namespace aigw::endpoint {
namespace {

constexpr size_t kPageMax = 1000;

Failure wrong_query(std::string message) {
  return {FailureKind::malformed_request, "invalid query: " + std::move(message)};
}

Result<size_t> read_limit(Bytes path) {
  const std::optional<Bytes> text = http::query_parameter(path, "limit");
  if (!text) return SIZE_MAX;
  size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit == 0 || limit > kPageMax) {
    return wrong_query("limit must be a number from 1 to 1000");
  }
  return limit;
}

Result<std::string> anthropic_models(std::span<const config::Model> models, Bytes path) {
  const Result<size_t> limit = read_limit(path);
  if (!limit) return limit.error();
  const std::optional<Bytes> after = http::query_parameter(path, "after_id");
  const std::optional<Bytes> before = http::query_parameter(path, "before_id");
  if (after && before) return wrong_query("after_id and before_id exclude each other");
  // The page is [begin, end) of what may still be shown.
  size_t begin = 0;
  size_t end = models.size();
  if (after || before) {
    const std::string id = http::percent_decoded(after ? *after : *before);
    const auto found = std::find_if(models.begin(), models.end(),
                                    [&](const config::Model& model) { return model.id == id; });
    if (found == models.end()) {
      return wrong_query(std::string(after ? "after_id" : "before_id") + " names no model");
    }
    const auto place = static_cast<size_t>(found - models.begin());
    after ? begin = place + 1 : end = place;
  }
  const bool more = end - begin > *limit;
  if (more) before ? begin = end - *limit : end = begin + *limit;
  std::vector<dialect::anthropic::ListedModel> listed;
  for (const config::Model& model : models.subspan(begin, end - begin)) {
    listed.push_back({.id = model.id, .created = model.created_at});
  }
  return dialect::anthropic::models_body(listed, more);
}

}  // namespace

Result<std::string> models_body(const config::Config& config, Bytes authority, Dialect dialect, Bytes path) {
  if (dialect == Dialect::anthropic) return anthropic_models(config.models_for_host(authority), path);
  std::string body = R"({"data":[)";
  bool first = true;
  for (const config::Model& model : config.models_for_host(authority)) {
    body += first ? R"({"id":)" : R"(,{"id":)";
    first = false;
    json::append_quoted(body, model.id);
    body += R"(,"created":)";
    body += std::to_string(model.created_at);
    body += R"(,"object":"model","owned_by":)";
    json::append_quoted(body, model.owned_by);
    body += '}';
  }
  body += R"(],"object":"list"})";
  return body;
}

}  // namespace aigw::endpoint
