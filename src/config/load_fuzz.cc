// The configuration document over any bytes.
#include "config/load.h"
#include "fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace config = aigw::config;
  const aigw::Bytes text(reinterpret_cast<const char*>(data), size);
  for (const bool gateway_keys : {false, true}) {
    const config::Loaded loaded = config::load_text(text, "f.yaml", {.gateway_keys = gateway_keys});
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
      aigw::fuzz::require(!config::to_string(diagnostic).empty(), "a diagnostic says nothing");
    }
  }
  return 0;
}
