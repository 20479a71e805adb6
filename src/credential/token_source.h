// Where a token comes from that expires and has to be fetched: one class for each way of asking.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "net/http_client.h"

namespace aigw::credential {

struct Token {
  Secret value;            // as a cell takes it
  int64_t expires_at = 0;  // unix seconds; 0: the service does not say
};

class TokenSource {
 public:
  virtual ~TokenSource() = default;

  // Asks for a token; may block. Called by one thread at a time. The failure names the service and what it
  // says is wrong, and holds nothing that was sent or received but that. Its kind says where the cause lies:
  // unavailable (the service cannot be reached, or fails), unauthorized (it refuses), bad_upstream (it answers
  // something else than a token), internal (on this machine: a file, a setting).
  virtual Result<Token> fetch(const net::HttpClient& http, int64_t unix_now) = 0;

  // What tells one source from another, and what a log calls it: addresses, ids and paths, no secret.
  virtual std::string name() const = 0;

  // Of what kind it is, for metrics: "aws_instance". Static text, one of few.
  virtual Bytes kind() const = 0;

  // The files that the fetch reads: a change of one is a reason to fetch again.
  virtual std::vector<std::string> files() const { return {}; }
};

// The variables of the process: "" where one is not set.
using Environment = std::function<std::string(const char*)>;
std::string process_environment(const char* name);

// The content of a file, as it stands; fails above limits::credential_max. The message names the path.
Result<Secret> read_secret_file(const std::string& path);

}  // namespace aigw::credential
