#include "endpoint/rerank.h"

#include "json/text.h"

namespace aigw::endpoint {

std::string cohere_error_body(Bytes message) {
  std::string body = R"({"message":)";
  json::append_quoted(body, message);
  body += '}';
  return body;
}

}  // namespace aigw::endpoint
