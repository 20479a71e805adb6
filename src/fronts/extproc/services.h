// The generated services under short names.
#pragma once

#include <ext_proc.grpc.pb.h>
#include <grpcpp/grpcpp.h>
#include <health.grpc.pb.h>

namespace aigw::extproc {

namespace health = ::grpc::health::v1;

}  // namespace aigw::extproc
