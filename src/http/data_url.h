// Data URLs (RFC 2397), in which clients carry pictures and documents.
#pragma once

#include <optional>

#include "base/bytes.h"

namespace aigw::http {

// Views into the URL.
struct DataUrl {
  Bytes media_type;  // without parameters; may be empty
  Bytes base64;
};

// Whether `url` is one, in base64 or not.
inline bool is_data_url(Bytes url) { return url.starts_with("data:"); }

// The media type and the base64 of a data URL; nothing for one that is not in base64, and for what
// is none. Whether the base64 is well-formed is not looked at.
std::optional<DataUrl> read_data_url(Bytes url);

}  // namespace aigw::http
