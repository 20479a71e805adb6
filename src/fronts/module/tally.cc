#include "fronts/module/tally.h"

#include "fronts/module/envoy_host.h"
#include "runtime/sight.h"

namespace aigw::module {

void tally(observe::Family family, const observe::Labels& labels) {
  void* memory = nullptr;
  if (!envoy_dynamic_module_callback_get_shared_data(to_buffer(runtime::Sight::kMemory), &memory)) return;
  observe::Block block(memory, observe::Block::kBytes, 1);
  observe::Meter(block).count(family, 0, labels);
}

}  // namespace aigw::module
