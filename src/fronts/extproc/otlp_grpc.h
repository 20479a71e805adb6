// OTLP over gRPC: the services of opentelemetry-proto, whose messages come encoded.
#pragma once

#include <memory>

#include "runtime/otel_exporter.h"

namespace aigw::extproc {

std::unique_ptr<runtime::OtlpChannel> open_otlp_grpc();

}  // namespace aigw::extproc
