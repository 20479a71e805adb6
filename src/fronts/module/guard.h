// The barrier at every hook: no exception leaves the module, since in Envoy it would end the process.
#pragma once

#include <exception>
#include <new>
#include <string>

#include "fronts/module/envoy_host.h"
#include "fronts/module/tally.h"

namespace aigw::module {

// Runs `hook`. When it throws, logs the name and what happened, calls `on_failure` and gives back `failed`.
template <class Status, class Hook, class OnFailure>
Status guarded(const char* name, Status failed, Hook&& hook, OnFailure&& on_failure) noexcept {
  const auto report = [&](const char* what) noexcept {
    try {
      log(envoy_dynamic_module_type_log_level_Error, std::string("ai_gateway: ") + name + ": " + what);
      tally(observe::Family::guarded, observe::Labels().add("hook", name));
    } catch (...) {
    }
    try {
      on_failure();
    } catch (...) {
    }
  };
  try {
    return hook();
  } catch (const std::exception& error) {
    report(error.what());
  } catch (...) {
    report("an unknown exception");
  }
  return failed;
}

// For hooks that have nothing to answer to: destroy, stream_complete.
template <class Hook>
void guarded(const char* name, Hook&& hook) noexcept {
  guarded(name, 0, [&] { hook(); return 0; }, [] {});
}

// For hooks in the way of a message: a failure answers 500 in the language that `dialect` gives, or cuts the stream
// once the headers are out. A reply is the last thing that a hook does, so where one fails its filter is still there.
template <class Status, class Hook, class DialectOf>
Status guarded_or_closed(const char* name, EnvoyFilter envoy, Status stop, DialectOf&& dialect, Hook&& hook) noexcept {
  return guarded(name, stop, std::forward<Hook>(hook), [&] { fail_closed(envoy, dialect()); });
}

}  // namespace aigw::module
