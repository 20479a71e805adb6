// What token services answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "credential/token_source.h"
#include "json/cursor.h"
#include "net/http_client.h"

namespace aigw::credential {

// The members of a JSON object. The copy that it keeps of the document is erased at its end.
class JsonAnswer {
 public:
  // Keeps no reference to `document`. Empty where the document is not a JSON object.
  explicit JsonAnswer(Bytes document);
  ~JsonAnswer();
  JsonAnswer(const JsonAnswer&) = delete;
  JsonAnswer& operator=(const JsonAnswer&) = delete;

  bool is_object() const { return root_.is_object(); }
  const json::Value& root() const { return root_; }
  // "" where it is not there or no string.
  Bytes text(Bytes name) const { return root_[name].text(); }
  // A whole number, also as a string ("3600"): Azure's metadata server writes them so.
  std::optional<uint64_t> count(Bytes name) const;

 private:
  Arena arena_;
  json::Parser parser_;
  json::Value root_;
};

// The text of the first element of that name in an XML document; "" where there is none. Enough for what
// STS answers: it has no attributes, no nested elements of one name, and text without entities.
Bytes xml_element(Bytes document, Bytes name);

// Says that `service` refused: with its status and, where the answer has one of the usual shapes, the code of
// its error, but none of its prose, which may repeat what was sent.
Failure refusal(const std::string& service, const net::HttpResponse& response);

// Says that an answer of success is not what it should be.
Failure no_token(const std::string& service);

// The token that `service` answers in OAuth's words (RFC 6749 §5.1) at the time `now`, in Unix seconds. It lives no
// longer than limits::token_seconds_max.
Result<Token> access_token(const std::string& service, const Result<net::HttpResponse>& response, int64_t now);

}  // namespace aigw::credential
