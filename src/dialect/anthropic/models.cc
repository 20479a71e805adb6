#include "dialect/anthropic/models.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "json/writer.h"

namespace aigw::dialect::anthropic {
namespace {

// What four digits of a year can say: 0000-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
constexpr int64_t kEarliest = -62'167'219'200;
constexpr int64_t kLatest = 253'402'300'799;

// As 2026-10-21T00:00:00Z.
std::string rfc3339(int64_t seconds) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(std::clamp(seconds, kEarliest, kLatest))};
  const sys_days day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

}  // namespace

std::string models_body(std::span<const ListedModel> models, bool more) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  writer.member_array("data");
  for (const ListedModel& model : models) {
    writer.begin_object();
    writer.member("id", model.id);
    writer.member("type", "model");
    writer.member("display_name", model.display_name.empty() ? model.id : model.display_name);
    writer.member("created_at", rfc3339(model.created));
    writer.end_object();
  }
  writer.end_array();
  writer.member_boolean("has_more", more);
  if (!models.empty()) {
    writer.member("first_id", models.front().id);
    writer.member("last_id", models.back().id);
  }
  writer.end_object();
  writer.finish();
  return body;
}

}  // namespace aigw::dialect::anthropic
