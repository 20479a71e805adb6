#include "endpoint/models.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "dialect/anthropic/models.h"
#include "http/query.h"
#include "json/text.h"

namespace aigw::endpoint {
namespace {

Failure wrong_query(std::string message) {
  return {FailureKind::malformed_request, "invalid query: " + std::move(message)};
}

Result<size_t> read_limit(Bytes path) {
  const std::optional<Bytes> text = http::query_parameter(path, "limit");
  if (!text) return SIZE_MAX;
  size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit == 0 || limit > limits::models_page_max) {
    return wrong_query("limit must be a number from 1 to " + std::to_string(limits::models_page_max));
  }
  return limit;
}

using Listed = std::vector<const config::Model*>;

Listed visible_models(const config::Config& config, const ModelsQuery& query) {
  Listed listed;
  for (const config::Model& model : config.models_for_host(query.authority)) {
    if (query.client == nullptr || query.client->may_use(model.id)) listed.push_back(&model);
  }
  return listed;
}

Result<std::string> anthropic_models(std::span<const config::Model* const> models, Bytes path) {
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
                                    [&](const config::Model* model) { return model->id == id; });
    if (found == models.end()) {
      return wrong_query(std::string(after ? "after_id" : "before_id") + " names no model");
    }
    const auto place = static_cast<size_t>(found - models.begin());
    after ? begin = place + 1 : end = place;
  }
  const bool more = end - begin > *limit;
  if (more) before ? begin = end - *limit : end = begin + *limit;
  std::vector<dialect::anthropic::ListedModel> listed;
  for (const config::Model* model : models.subspan(begin, end - begin)) {
    listed.push_back({.id = model->id, .created = model->created_at});
  }
  return dialect::anthropic::models_body(listed, more);
}

}  // namespace

Result<std::string> models_body(const config::Config& config, const ModelsQuery& query) {
  const Listed models = visible_models(config, query);
  if (query.dialect == Dialect::anthropic) return anthropic_models(models, query.path);
  std::string body = R"({"data":[)";
  bool first = true;
  for (const config::Model* model : models) {
    body += first ? R"({"id":)" : R"(,{"id":)";
    first = false;
    json::append_quoted(body, model->id);
    body += R"(,"created":)";
    body += std::to_string(model->created_at);
    body += R"(,"object":"model","owned_by":)";
    json::append_quoted(body, model->owned_by);
    body += '}';
  }
  body += R"(],"object":"list"})";
  return body;
}

}  // namespace aigw::endpoint
