// Counts the locks that the module's hooks take. Linking this replaces the program's functions for
// locks, which the module under test uses too.
#pragma once

#include <cstdint>

namespace aigw::fake {

// So many locks (mutexes, read-write locks, spin locks) has this thread asked for in the module's
// code since this was last called. Those inside of malloc are not among them.
uint64_t take_module_locks();

}  // namespace aigw::fake
