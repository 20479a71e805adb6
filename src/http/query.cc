#include "http/query.h"

#include <algorithm>
#include <charconv>

namespace aigw::http {

std::optional<Bytes> query_parameter(Bytes path, Bytes name) {
  const size_t question = path.find('?');
  if (question == Bytes::npos) return std::nullopt;
  Bytes query = path.substr(question + 1);
  while (!query.empty()) {
    const Bytes pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name) return pair.substr(std::min(equals + 1, pair.size()));
  }
  return std::nullopt;
}

std::string percent_decoded(Bytes escaped) {
  std::string text;
  for (size_t i = 0; i < escaped.size(); ++i) {
    unsigned value = 0;
    const char* digits = escaped.data() + i + 1;
    const bool escape = escaped[i] == '%' && i + 2 < escaped.size() &&
                        std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2;
    text += escape ? static_cast<char>(value) : escaped[i];
    if (escape) i += 2;
  }
  return text;
}

}  // namespace aigw::http
