// The generated messages under a short name.
#pragma once

#include <ext_proc.pb.h>

namespace aigw::extproc {

namespace pb = ::envoy::service::ext_proc::v3;

}  // namespace aigw::extproc
