// Envoy's dynamic-module ABI, v0.2.0: the part that an HTTP filter needs, declared by hand.
//
// Envoy loads a shared library with dlopen and talks to it in plain C. Two kinds of function cross
// that border:
//
//   hooks, envoy_dynamic_module_on_*: exported by the module, called by Envoy (abi_hooks.h);
//   callbacks, envoy_dynamic_module_callback_*: exported by Envoy's executable (abi_callbacks.h).
//
// The ABI is C, without a generated stub or a version handshake per function: a wrong parameter
// type here is not an error of the linker but a broken process. So names, types, their order and
// the values of enums are facts of Envoy and are kept as Envoy spells them; what our code makes of
// them stands in host_view and the guards, not here.
//
// Ownership is in the names of the types. `_envoy_ptr` and `_envoy_buffer` belong to Envoy and live
// as long as the declaration says; `_module_ptr` belongs to the module; `_module_buffer` belongs to
// the module and is read by Envoy during the call only, unless the declaration says otherwise.
//
// Releases. Everything here exists since Envoy 1.38, the oldest release we support, unless it is
// marked AIGW_ENVOY_1_39 or AIGW_ENVOY_1_40. From 1.38 on the ABI only grows: a function never
// changes in place. A marked callback is a weak symbol, null where Envoy lacks it, and has to be
// compared with nullptr before each use: by its name, or as a pointer, not through a reference to
// the function, which compilers take for never null. An unmarked one is strong: with `-z now` an
// Envoy without it refuses the library at load, before any request.
#pragma once

#include "fronts/module/abi_callbacks.h"
#include "fronts/module/abi_hooks.h"
#include "fronts/module/abi_types.h"
