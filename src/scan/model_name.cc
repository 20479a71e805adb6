#include "scan/model_name.h"

#include <string>

#include "base/limits.h"
#include "json/text.h"

namespace aigw::scan {

Result<void> check_model_name(Bytes name) {
  const auto malformed = [](const std::string& message, Limit limit = Limit::none) {
    return Failure{FailureKind::malformed_request, "invalid request body: " + message, limit};
  };
  if (name.empty()) return malformed("model field is required");
  if (name.size() > limits::model_name_max) {
    return malformed("model is longer than " + std::to_string(limits::model_name_max) + " bytes", Limit::model_name);
  }
  for (char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return malformed("model holds a control character");
    }
  }
  if (!json::is_utf8(name)) return malformed("model is not UTF-8");
  return {};
}

}  // namespace aigw::scan
