#include "host/cohere/cohere.h"

namespace aigw::host::cohere {

std::string path(Bytes version, Bytes tail) {
  std::string path = "/";
  path += version.empty() ? Bytes("v2") : version;
  path += tail;
  return path;
}

}  // namespace aigw::host::cohere
