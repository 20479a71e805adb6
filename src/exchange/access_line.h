// What Envoy's access log says of a request and Envoy itself does not know, as members of a JSON
// object in one text.
//
// Envoy's JSON format copies all dynamic metadata for each member that it reads from there (1.40;
// some 6,000 instructions a member), and its text format escapes nothing. So the generated text
// format takes these members from one text, and the rest, which needs no escapes, from Envoy. The
// text is in the filter state: to set and to read it takes half of what dynamic metadata takes.
//
// Access log filters read dynamic metadata only: the text stands in the line where kLast is there
// and kByEnvoy is not. So of a request that the module has not finished, for whatever reason, Envoy
// writes the line.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "exchange/effects.h"
#include "http/header_map.h"
#include "observe/access_member.h"

namespace aigw::exchange {

class AccessLine {
 public:
  // The text's key in the filter state.
  static constexpr Bytes kKey = "io.envoy.ai_gateway.access_log";
  // Dynamic metadata of what has no text.
  static constexpr Bytes kByEnvoy = "access_log_by_envoy";
  // Dynamic metadata of every request that a backend got, written last.
  static constexpr Bytes kLast = "backend_name";

  // `members` must outlive this.
  explicit AccessLine(const observe::AccessMembers& members) : members_(members) {}

  // Reads the members that come from headers, as the client sent them: to find them later, one by
  // one, takes Envoy longer. The request begins now.
  void on_request(http::HeaderMap& request, uint64_t unix_milliseconds);

  void number(Bytes key, double value);
  void text(Bytes key, Bytes value);

  // All members, each behind a comma; null stands for what is absent. Empty where one was written
  // twice or is a number that JSON does not have: Envoy's own format says then what it has. Headers
  // that the client has not sent are looked for in `request`. Call it once, after everything was
  // written.
  std::string take(http::HeaderMap& request);

 private:
  // The value of a header or the path; none for what comes from elsewhere.
  static std::optional<Bytes> value_of(const observe::AccessMember& member, http::HeaderMap& request);
  // Begins the member that is read from this key; false where there is none.
  bool begin(Bytes key);

  const observe::AccessMembers& members_;
  std::string text_;
  uint64_t written_ = 0;  // by the member's index
  bool usable_ = true;
};

// Takes what goes to dynamic metadata, and hands it on; kLast when `release` is called.
class AccessLineSink final : public MetadataSink {
 public:
  // Both must outlive this.
  AccessLineSink(AccessLine& line, MetadataSink& next) : line_(line), next_(next) {}

  void number(Bytes key, double value) override;
  void text(Bytes key, Bytes value) override;
  void release();

 private:
  AccessLine& line_;
  MetadataSink& next_;
  std::string last_;  // the value of kLast; empty: none
};

}  // namespace aigw::exchange
