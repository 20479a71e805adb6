// What `aigw run` says once it serves.
#pragma once

#include <string>

#include "config/gateway.h"
#include "control/address.h"

namespace aigw::cli {

// Where it listens, what goes where, and two ways to try it.
std::string banner(const config::GatewayDocument& document, const control::Address& listening,
                   uint16_t admin_port, const std::string& admin_address = {});

// A warning for a listener that other machines may reach and that asks nobody who they are; "" otherwise.
std::string exposure_warning(const config::GatewayDocument& document,
                             const control::Address& listening);

}  // namespace aigw::cli
