#include "runtime/otel_exporter.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "base/limits.h"

namespace aigw::runtime {
namespace {

// A collector that takes everything.
class Collector final : public OtlpChannel {
 public:
  explicit Collector(std::vector<size_t>& sizes) : sizes_(sizes) {}
  bool send(Signal, const OtelExport&, const std::string& body, std::chrono::milliseconds) override {
    sizes_.push_back(body.size());
    return true;
  }
  void interrupt() override {}

 private:
  std::vector<size_t>& sizes_;
};

class OtelExporterTest : public testing::Test {
 protected:
  OtelExporterTest() {
    trace_.trace_id.fill(1);
    trace_.span_id.fill(2);
    request_.trace = &trace_;
    options_.traces.to = ExportTo::otlp;
    options_.traces.grpc = true;
    options_.schedule_delay = options_.metrics_interval = std::chrono::hours(1);
    bare_ = observe::encode_span(request_, options_.spans, 1).bytes.size();
  }

  // Its thread sends what waits when it ends.
  std::unique_ptr<OtelExporter> exporter() {
    return std::make_unique<OtelExporter>(
        options_, block_, [this](Bytes, uint64_t count) { dropped_ += count; }, std::make_unique<Collector>(sent_));
  }
  // A span that keeps so many bytes in all.
  void tell(OtelExporter& exporter, size_t size) {
    observe::Content content;
    content.request.assign((size - bare_) / 2, ' ');
    content.answer.assign(size - bare_ - content.request.size(), ' ');
    request_.content = &content;
    exporter.span(request_);
    request_.content = nullptr;
  }
  // A span that is so long when it is sent.
  void tell_long(OtelExporter& exporter, size_t size) {
    // The text is in a value in an attribute, each of them with its length.
    std::string text(size - bare_ - 40, 'x');
    const auto length = [&] {
      const observe::Attribute attribute{"a", text};
      request_.span_attributes = {&attribute, 1};
      return observe::encode_span(request_, options_.spans, 1).bytes.size();
    };
    text.append(size - length(), 'x');
    ASSERT_EQ(length(), size);
    const observe::Attribute attribute{"a", text};
    request_.span_attributes = {&attribute, 1};
    exporter.span(request_);
    request_.span_attributes = {};
  }

  static constexpr size_t kBytes = 1 << 20;
  const std::unique_ptr<char[]> memory_{new char[kBytes]()};
  observe::Block block_{memory_.get(), kBytes, 1};
  OtelOptions options_;
  observe::TraceContext trace_;
  observe::RequestRecord request_;
  size_t bare_ = 0;
  uint64_t dropped_ = 0;
  std::vector<size_t> sent_;
};

TEST_F(OtelExporterTest, SoManyBytesWaitAndNotOneMore) {
  constexpr size_t kLarge = 2 * limits::span_content_max;
  for (const size_t more : {0, 1}) {
    dropped_ = 0;
    const std::unique_ptr<OtelExporter> exporter = this->exporter();
    size_t left = limits::spans_waiting_max;
    for (; left > kLarge; left -= kLarge) tell(*exporter, kLarge);
    ASSERT_EQ(dropped_, 0u);
    tell(*exporter, left + more);
    EXPECT_EQ(dropped_, more);
  }
}

TEST_F(OtelExporterTest, SoManySpansWaitAndNotOneMore) {
  options_.batch_max = SIZE_MAX;  // none goes before the end
  const std::unique_ptr<OtelExporter> exporter = this->exporter();
  for (size_t i = 0; i < limits::spans_queued_max; ++i) exporter->span(request_);
  EXPECT_EQ(dropped_, 0u);
  exporter->span(request_);
  EXPECT_EQ(dropped_, 1u);
}

TEST_F(OtelExporterTest, ARequestToTheCollectorCarriesSoManySpans) {
  for (const size_t more : {0, 1}) {
    sent_.clear();
    {
      const std::unique_ptr<OtelExporter> exporter = this->exporter();
      for (size_t i = 0; i < limits::spans_of_batch_max + more; ++i) exporter->span(request_);
    }
    EXPECT_EQ(sent_.size(), 1 + more);
  }
}

TEST_F(OtelExporterTest, ARequestToTheCollectorCarriesSoManyBytesOfSpans) {
  for (const size_t more : {0, 1}) {
    sent_.clear();
    {
      const std::unique_ptr<OtelExporter> exporter = this->exporter();
      tell_long(*exporter, limits::span_batch_max / 2);
      tell_long(*exporter, limits::span_batch_max / 2 + more);
    }
    EXPECT_EQ(sent_.size(), 1 + more);
  }
  EXPECT_EQ(dropped_, 0u);
}

TEST_F(OtelExporterTest, ALongerSpanGoesAlone) {
  {
    const std::unique_ptr<OtelExporter> exporter = this->exporter();
    tell_long(*exporter, limits::span_batch_max + 1);
    tell_long(*exporter, 100 + bare_);
  }
  EXPECT_EQ(sent_.size(), 2u);
}

}  // namespace
}  // namespace aigw::runtime
