// A bug that must be found: where ./dev fuzz does not find this one, it would find no other.
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const aigw::Bytes text(reinterpret_cast<const char*>(data), size);
  aigw::fuzz::require(!text.starts_with("\"tot"), "the canary");
  return 0;
}
