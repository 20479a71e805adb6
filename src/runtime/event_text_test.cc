#include "runtime/event_text.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "observe/feed.h"

namespace aigw::runtime {
namespace {

using observe::label;
using observe::Labels;

TEST(EventText, AReasonIsShownWholeUnlessItIsVeryLong) {
  const std::string sentence(240, 'x');
  observe::RequestRecord request;
  request.error = sentence;
  EXPECT_EQ(label(request_event(request, 0).bytes(), "error"), sentence);
  const std::string longer = sentence + "y";
  request.error = longer;
  EXPECT_EQ(label(request_event(request, 0).bytes(), "error"), sentence + "…");
  request.error = {};
  EXPECT_EQ(observe::event_as_json(request_event(request, 0).bytes()).find("error"), std::string::npos);
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
  EXPECT_LE(event.bytes().size(), observe::Feed::kEventMax);
  EXPECT_GE(label(event.bytes(), "error").size(), 100u);
}

}  // namespace
}  // namespace aigw::runtime
