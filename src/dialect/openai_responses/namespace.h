// Namespaces of tools. Here functions may be grouped under a name, and a call says which group it means beside the
// function's own name. Elsewhere a function has one name: it becomes "<namespace>__<name>", and a call of it is told
// apart again by the namespaces that the request has declared.
#pragma once

#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "json/cursor.h"

namespace aigw::dialect::openai_responses {

// `name` itself where there is no namespace; else in `arena`.
Bytes flat_name(Bytes space, Bytes name, Arena& arena);

// The namespaces that the request `root` declares, each with a line end behind it.
std::string request_namespaces(const json::Value& root);

struct SpacedName {
  Bytes space;  // empty for none
  Bytes name;
};

// What `flat` was. `namespaces` is as above; the views are the arguments'.
SpacedName spaced_name(Bytes flat, Bytes namespaces);

}  // namespace aigw::dialect::openai_responses
