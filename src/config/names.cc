#include "config/names.h"

#include "config/words.h"

namespace aigw::config {

Bytes to_string(SchemaName name) { return kSchemaWords[static_cast<size_t>(name)]; }
Bytes to_string(SchemaName name, Service service) {
  return service == Service::none ? to_string(name) : kServiceWords[static_cast<size_t>(service) - 1].word;
}
Bytes to_string(AuthKind kind) { return kAuthWords[static_cast<size_t>(kind)]; }
Bytes to_string(CostType type) { return kCostWords[static_cast<size_t>(type)]; }

}  // namespace aigw::config
