// A filterapi document as JSON again, for the file that the module or the server reads.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "config/document.h"

namespace aigw::control {

using Json = nlohmann::ordered_json;

// Gives the path of the file that holds (or would hold) a backend's secret. Asked for every secret
// that is not a file already.
using KeyPath = std::function<std::string(const config::BackendSpec& backend)>;

// Members in the order of the schema, without absent ones and without mcpConfig, which the data
// plane does not act on. Every credential is written as the path of a file; values of headers and bodies stand as they
// are, so that the file is for the data plane alone.
Json filterapi_json(const config::Document& document, const KeyPath& key_path);

}  // namespace aigw::control
