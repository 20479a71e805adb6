// What goes wrong inside the module's hooks: memory that runs out, and callbacks that throw. It also
// counts the module's memory, so that a leak shows in the request that leaks.
//
// Linking this replaces the program's operator new and delete, which the module under test uses too,
// and the clock, which stands still.
#pragma once

#include <cstdint>

namespace aigw::fake {

struct Fault {
  enum class Kind : uint8_t {
    none,
    allocation,   // the `at`th allocation of the module fails, once
    out_of_memory,  // the `at`th and every later one
    callback,     // the `at`th callback of Envoy's throws
  };
  Kind kind = Kind::none;
  uint64_t at = 0;  // from 1
};

// Starts counting from nothing.
void arm(Fault fault);
void disarm();
// Whether the armed fault has happened.
bool fault_happened();

// What of the module's memory is alive on this thread: allocations made in its hooks and not freed in them.
int64_t module_blocks();

// How many more bytes of such memory have been alive at once, since this was last called, than were then.
int64_t take_module_bytes_peak();

// Whether this thread runs the module's code.
bool runs_module();

// While one lives, this thread runs the module's code, or Envoy's again. They nest.
class InModule {
 public:
  InModule();
  ~InModule();
  InModule(const InModule&) = delete;
  InModule& operator=(const InModule&) = delete;

 private:
  bool before_;
};
class InEnvoy {
 public:
  // Throws where the armed fault wants it.
  InEnvoy();
  ~InEnvoy();
  InEnvoy(const InEnvoy&) = delete;
  InEnvoy& operator=(const InEnvoy&) = delete;

 private:
  bool before_;
};

// The time that the module reads, in seconds since 1970.
void set_time(uint64_t unix_seconds);

}  // namespace aigw::fake
