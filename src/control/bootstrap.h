// A gateway document as an Envoy bootstrap: the same document gives the same text.
#pragma once

#include <string>

#include "base/result.h"
#include "config/gateway.h"
#include "control/filterapi_json.h"

namespace aigw::control {

struct BootstrapOptions {
  // Of these two at most one is set. Both empty leaves the filters out: routing alone, for trying a
  // document.
  //
  // The Unix socket on which an ext_proc server listens.
  std::string extproc_socket;
  // The module's file, "<dir>/lib<name>.so". Envoy up to 1.39 knows a module by name only, and
  // looks for it where ENVOY_DYNAMIC_MODULES_SEARCH_PATH says; from 1.40 on it also takes a path.
  std::string module_path;
  bool module_by_path = false;
  std::string admin_address;  // of the module: metrics and health; "" for none
  std::string system_ca;   // the PEM bundle for upstreams that name none
  std::string access_log;  // a file, "-" for stdout, "" for none
  // The file with the filterapi document, which the module reads. What stands in a bootstrap shows in Envoy's
  // configuration dump, and a document may hold secrets that nothing tells from other text: values of headers and of
  // bodies.
  std::string config_path;
  // Where client_filter.h's file is; needed where the document has clients.
  std::string clients_directory;
};

// "aigateway" of "/x/libaigateway.so"; empty where the file's name has another form.
std::string module_name(const std::string& module_path);

// Fails on what the schema can say and one Envoy cluster cannot do; the message names the route.
Result<Json> make_bootstrap(const config::GatewayDocument& document,
                            const BootstrapOptions& options);

}  // namespace aigw::control
