// What a route says of a backend's mutations goes before what the backend says itself.
#pragma once

#include <string>

#include "config/document.h"

namespace aigw::config {

// By name without regard to case: a route's set or removal takes the place of the backend's set; removals add up.
HeaderMutation merge(const HeaderMutation& route, const HeaderMutation& backend);

// The same by path, as written.
BodyMutation merge(const BodyMutation& route, const BodyMutation& backend);

// The name of a backend as one route knows it, where that route has rules of its own for it: `ns/name/route/r`.
std::string route_backend_name(const std::string& backend, const std::string& route);

}  // namespace aigw::config
