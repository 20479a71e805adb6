// A body of application/x-www-form-urlencoded that holds secrets.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/secret.h"
#include "net/url.h"

namespace aigw::credential {

class FormBody {
 public:
  FormBody& add(Bytes name, Bytes value) {
    std::string encoded = net::percent_encoded(value);
    SecretBuilder grown(text_.size() + name.size() + encoded.size() + 2);
    grown.append(text_.reveal()).append(text_.empty() ? "" : "&").append(name).append("=").append(encoded);
    erase_bytes(encoded.data(), encoded.size());
    text_ = Secret(grown.reveal());
    return *this;
  }
  const Secret& text() const { return text_; }

  static constexpr const char* kType = "application/x-www-form-urlencoded";

 private:
  Secret text_;
};

// `text` without white space at its ends.
inline Bytes without_space(Bytes text) {
  constexpr Bytes kSpace = " \t\r\n";
  const size_t last = text.find_last_not_of(kSpace);
  text = text.substr(0, last == Bytes::npos ? 0 : last + 1);
  const size_t first = text.find_first_not_of(kSpace);
  return first == Bytes::npos ? Bytes() : text.substr(first);
}

}  // namespace aigw::credential
