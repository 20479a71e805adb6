// Which endpoint can be served by which schema of a backend, and how: the endpoint × backend matrix.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "config/config.h"
#include "config/names.h"
#include "endpoint/table.h"

namespace aigw::endpoint {

// How an attempt is translated.
enum class Lane : uint8_t {
  none,    // not at all: there is no such cell
  splice,  // the client's bytes with a few patches; the answer's bytes as they come
  hub,     // decoded into the hub and encoded in the other dialect, both ways
  direct,  // no conversation, and translated whole by a function of its own (direct.h)
};

struct Cell {
  EndpointKind endpoint;
  config::SchemaName schema;
  Lane lane;
};

// Every populated cell.
std::span<const Cell> cells();

Lane lane_of(EndpointKind endpoint, config::SchemaName schema);

// The same for one backend, whose configuration may say that it lacks a language of its kind: an Azure
// of an api-version before the Responses API has only chat, so clients of that API are translated.
Lane lane_to(EndpointKind endpoint, const config::Backend& backend);

}  // namespace aigw::endpoint
