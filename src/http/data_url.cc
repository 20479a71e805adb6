#include "http/data_url.h"

namespace aigw::http {

std::optional<DataUrl> read_data_url(Bytes url) {
  if (!is_data_url(url)) return std::nullopt;
  const size_t comma = url.find(',');
  if (comma == Bytes::npos) return std::nullopt;
  const size_t scheme = url.find(':') + 1;
  const Bytes head = url.substr(scheme, comma - scheme);
  if (!head.ends_with(";base64")) return std::nullopt;
  return DataUrl{head.substr(0, head.find(';')), url.substr(comma + 1)};
}

}  // namespace aigw::http
