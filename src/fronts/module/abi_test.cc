// Holds the hand-written header to facts of Envoy's that a compiler can check: what lies where in
// the structs that cross the border, and the numbers of enums that were read out of, or seen in, a
// running Envoy.
#include "fronts/module/abi.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace {

using EnvoyBuffer = envoy_dynamic_module_type_envoy_buffer;
using ModuleBuffer = envoy_dynamic_module_type_module_buffer;
using EnvoyHeader = envoy_dynamic_module_type_envoy_http_header;
using ModuleHeader = envoy_dynamic_module_type_module_http_header;

static_assert(sizeof(EnvoyBuffer) == 16 && offsetof(EnvoyBuffer, length) == 8);
static_assert(sizeof(ModuleBuffer) == 16 && offsetof(ModuleBuffer, length) == 8);
static_assert(sizeof(EnvoyHeader) == 32 && offsetof(EnvoyHeader, value_ptr) == 16);
static_assert(sizeof(ModuleHeader) == 32 && offsetof(ModuleHeader, value_ptr) == 16);
// Buffers are passed by value: only a trivial type of two words travels in registers, as Envoy
// expects it.
static_assert(std::is_trivially_copyable_v<ModuleBuffer> &&
              std::is_standard_layout_v<ModuleBuffer>);
// C enums travel as an int.
static_assert(sizeof(envoy_dynamic_module_type_attribute_id) == sizeof(int));
static_assert(sizeof(envoy_dynamic_module_type_on_http_filter_request_headers_status) ==
              sizeof(int));

// Compared by name: a compiler takes a function behind a reference (EXPECT_EQ) for never null. A
// program is not Envoy: here every newer callback is absent, and has to show as null, not fail to
// link.
TEST(Abi, NewerCallbacksAreNullWhereEnvoyLacksThem) {
  EXPECT_TRUE(envoy_dynamic_module_callback_http_filter_config_increment_counter == nullptr);
  EXPECT_TRUE(envoy_dynamic_module_callback_http_filter_config_generic_secret_subscribe == nullptr);
  EXPECT_TRUE(envoy_dynamic_module_callback_http_filter_config_get_generic_secret == nullptr);
  EXPECT_TRUE(envoy_dynamic_module_callback_http_filter_get_generic_secret == nullptr);
}

}  // namespace
