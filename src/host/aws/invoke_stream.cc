#include "host/aws/invoke_stream.h"

#include <optional>

#include "crypto/base64.h"
#include "json/scanner.h"
#include "json/text.h"

namespace aigw::host::aws {
namespace {

enum Watch : size_t { kBytes, kMessage };

// Calls use(text) with the member of that watch, unescaped; nothing where `payload` has none.
template <class Use>
bool with_member(Bytes payload, Watch watch, Use&& use) {
  static const json::WatchList watches({"bytes", "message"});
  json::Scanner scanner(watches);
  if (!scanner.feed(payload) || !scanner.finish()) return false;
  const json::Found& found = scanner.found(watch);
  if (found.kind != json::Kind::string) return false;
  const Bytes raw = payload.substr(found.begin + 1, found.end - found.begin - 2);
  if (raw.find('\\') == Bytes::npos) {
    use(raw);
    return true;
  }
  std::string text(raw.size(), '\0');
  const std::optional<size_t> size = json::unescape(raw, text.data());
  if (!size) return false;
  use(Bytes(text).substr(0, *size));
  return true;
}

}  // namespace

void InvokeStream::feed(Bytes piece) {
  if (failed_) return;
  if (const Result<void> fed = frames_.feed(piece, *this); !fed) fail({}, fed.error().message, fed.error().limit);
}

void InvokeStream::finish() {
  if (failed_) return;
  if (const Result<void> finished = frames_.finish(); !finished) {
    fail({}, finished.error().message, finished.error().limit);
  }
}

void InvokeStream::fail(Bytes type, Bytes message, Limit limit) {
  if (failed_) return;
  failed_ = true;
  sink_.on_failure(type, message, limit);
}

void InvokeStream::on_message(const wire::EventMessage& message) {
  if (failed_) return;
  if (message.message_type == "error") return fail(message.error_code, message.error_message);
  if (message.message_type == "exception") {
    const bool told = with_member(message.payload, kMessage, [&](Bytes text) {
      fail(message.exception_type, text);
    });
    if (!told) fail(message.exception_type, message.payload);
    return;
  }
  event_.clear();
  bool decoded = false;
  // A message without bytes, or with what is no base64, is none of the model's.
  with_member(message.payload, kBytes,
              [&](Bytes text) { decoded = crypto::append_from_base64(event_, text); });
  if (decoded) sink_.on_event(event_);
}

}  // namespace aigw::host::aws
