#include "runtime/event_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/limits.h"
#include "observe/feed.h"

namespace aigw::runtime {
namespace {

using observe::label;
using observe::Labels;

TEST(EventText, AReasonIsShownWholeUnlessItIsVeryLong) {
  const std::string sentence(limits::event_error_max, 'x');
  observe::RequestRecord request;
  request.error = sentence;
  EXPECT_EQ(label(request_event(request, 0).bytes(), "error"), sentence);
  const std::string longer = sentence + "y";
  request.error = longer;
  EXPECT_EQ(label(request_event(request, 0).bytes(), "error"), sentence + "…");
  request.error = {};
  EXPECT_EQ(observe::event_as_json(request_event(request, 0).bytes()).find("error"), std::string::npos);
}

TEST(EventText, ValuesAndNamesAreCut) {
  const std::string value(limits::event_value_max, 'v'), name(limits::event_name_max, 'n'),
      shown(limits::event_attribute_max, 'a');
  for (const char* more : {"", "x"}) {
    const std::string model = value + more, key = name + more, attribute = shown + more;
    observe::RequestRecord request;
    request.model = model;
    const observe::Cost cost{key, 7};
    request.costs = {&cost, 1};
    const observe::Attribute one{key, attribute};
    request.attributes = {&one, 1};
    const Labels event = request_event(request, 0);
    EXPECT_EQ(label(event.bytes(), "model"), value);
    EXPECT_EQ(label(event.bytes(), "#cost." + name), "7");
    EXPECT_EQ(label(event.bytes(), name), shown);
  }
}

TEST(EventText, ListsAreCut) {
  std::vector<std::string> names;
  for (size_t i = 0; i <= limits::event_list_max; ++i) names.push_back("n" + std::to_string(i));
  std::vector<observe::Cost> costs;
  std::vector<observe::Attribute> attributes;
  for (const std::string& name : names) {
    costs.push_back({name, 1});
    attributes.push_back({name, "v"});
  }
  observe::RequestRecord request;
  request.costs = costs;
  request.attributes = attributes;
  const Labels event = request_event(request, 0);
  for (size_t i = 0; i <= limits::event_list_max; ++i) {
    const bool fits = i < limits::event_list_max;
    EXPECT_EQ(label(event.bytes(), "#cost." + names[i]), fits ? "1" : "");
    EXPECT_EQ(label(event.bytes(), names[i]), fits ? "v" : "");
  }
}

TEST(EventText, TheLongestRequestFitsIntoASlot) {
  const std::string text(10'000, 'x');
  const std::vector<observe::Cost> costs(20, {text, UINT64_MAX});
  const std::vector<observe::Attribute> attributes(20, {text, text});
  observe::RequestRecord request;
  for (Bytes* member : {&request.endpoint, &request.request_id, &request.model, &request.backend, &request.provider,
                        &request.response_model, &request.route, &request.error}) {
    *member = text;
  }
  request.streaming = true;
  request.status = request.attempts = UINT32_MAX;
  request.duration_ns = request.first_byte_ns = UINT64_MAX;
  request.usage.input = request.usage.output = request.usage.total = UINT64_MAX;
  request.costs = costs;
  request.attributes = attributes;
  const Labels event = request_event(request, 0);
  EXPECT_LE(event.bytes().size(), limits::event_max);
  EXPECT_GE(label(event.bytes(), "error").size(), 100u);
}

}  // namespace
}  // namespace aigw::runtime
