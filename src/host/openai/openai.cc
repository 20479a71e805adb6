#include "host/openai/openai.h"

namespace aigw::host::openai {

std::string path(const config::Backend& backend, Bytes tail) {
  std::string path;
  path.reserve(backend.prefix.size() + tail.size() + 1);
  if (!backend.prefix.empty()) {
    path += '/';
    path += backend.prefix;
  }
  path += tail;
  return path;
}

}  // namespace aigw::host::openai
