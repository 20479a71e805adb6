// The filter configuration of `ai_gateway.router`: everything that is configured about a gateway, under the names
// of the peer's flags where it has them.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "config/load.h"
#include "endpoint/table.h"
#include "observe/access_member.h"
#include "observe/header_attributes.h"
#include "runtime/request_log.h"

namespace aigw::runtime {

struct Options {
  std::string config_path;                  // a filterapi document in a file, watched
  std::string config_bundle_path;           // or in a bundle's directory, watched; wins over the file
  bool has_inline = false;                  // or the document itself
  config::Loaded inline_config;
  bool log_bodies = false;                  // logBodies: debug logs show bodies
  bool redact_bodies = false;               // enableRedaction: they show how long they are instead
  std::string sds_config;                   // sdsConfig: JSON of a core.v3.ConfigSource; "": Envoy's static secrets
  endpoint::Prefixes prefixes;              // rootPrefix, endpointPrefixes
  uint64_t request_body_max = limits::request_body_max;  // maxRequestBodyBytes
  uint64_t buffered_max = limits::buffered_max;          // maxBufferedBytes
  bool metrics = true;                          // metrics: false counts, logs and traces nothing
  std::string admin_address;                // adminAddress: host:port or :port; empty for none
  std::optional<LineFormat> request_log;        // requestLog: json or text; absent: no line a request
  std::string request_log_path;                 // requestLogPath; empty: stderr
  observe::AccessMembers access_members;        // accessLog: what the generated access log takes from the gateway
  observe::HeaderAttributes header_attributes;  // *RequestHeaderAttributes
  std::vector<std::string> warnings;        // one line each, for the log
};

// JSON or YAML text. The failure has one line per problem.
Result<Options> parse_options(Bytes filter_config);

}  // namespace aigw::runtime
