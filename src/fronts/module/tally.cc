#include "fronts/module/tally.h"

#include "base/limits.h"
#include "fronts/module/envoy_host.h"
#include "runtime/sight.h"

namespace aigw::module {

void tally(observe::Family family, const observe::Labels& labels) {
  void* memory = nullptr;
  if (!envoy_dynamic_module_callback_get_shared_data(to_buffer(runtime::Sight::kMemory), &memory)) return;
  observe::Block block(memory, limits::metric_memory_max, 1);
  observe::Meter(block).count(family, 0, labels);
}

}  // namespace aigw::module
