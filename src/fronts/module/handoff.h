// What crosses from the router filter to the upstream filter: one frozen C struct in Envoy's filter state.
//
// The two filters are swapped at different moments, so that the upstream filter of one build can meet the exchange
// of another. It is a trampoline: it calls the functions of the build that made the exchange, and they do
// everything. So the layout below never changes; a different one gets another number, and a build that does not
// know the number answers 503.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" {

// Functions of the build that made the exchange. They may be called as long as the exchange's router filter, or an
// attempt made through attempt_new, lives. `envoy` is the upstream filter's own Envoy pointer; statuses are those
// of the ABI. None of them throws. Each but attempt_new and attempt_free may destroy its caller's filter inside
// the call: the caller returns at once.
struct AigwAttemptTable {
  uint32_t size;  // of this struct: more functions may follow in the same layout, and a caller asks for them by it
  // A new attempt, which holds a reference to the exchange. Null when there is no memory.
  void* (*attempt_new)(void* exchange);
  // Gives the attempt and its reference back. Calls nothing of Envoy's.
  void (*attempt_free)(void* attempt);
  int (*request_headers)(void* attempt, void* envoy, bool end_of_stream);
  int (*request_body)(void* attempt, void* envoy, bool end_of_stream);
  int (*request_trailers)(void* attempt, void* envoy);
  int (*response_headers)(void* attempt, void* envoy, bool end_of_stream);
  int (*response_body)(void* attempt, void* envoy, bool end_of_stream);
  int (*response_trailers)(void* attempt, void* envoy);
#ifdef AIGW_LATER_TABLE  // a build as a later one might be, for tests of mixed builds
  void (*later)(void* attempt);
#endif
};

struct AigwHandoff {
  uint64_t magic;
  uint32_t layout;
  uint32_t reserved;  // 0
  void* exchange;
  const AigwAttemptTable* table;
};

}  // extern "C"

namespace aigw::module {

inline constexpr uint64_t kHandoffMagic = 0x6169'6777'6878'0001;  // "aigwhx" and a one
#ifdef AIGW_HANDOFF_LAYOUT  // a build that no other understands, likewise
inline constexpr uint32_t kHandoffLayout = AIGW_HANDOFF_LAYOUT;
#else
inline constexpr uint32_t kHandoffLayout = 1;
#endif
// The size of the table when the layout was made: every build of the layout has these functions.
inline constexpr uint32_t kAttemptTableMin = 72;
inline constexpr char kHandoffKey[] = "ai_gateway.exchange";

static_assert(sizeof(AigwHandoff) == 32 && offsetof(AigwHandoff, exchange) == 16 &&
              offsetof(AigwHandoff, table) == 24);
static_assert(offsetof(AigwAttemptTable, attempt_new) == 8 &&
              offsetof(AigwAttemptTable, response_trailers) + sizeof(void*) == kAttemptTableMin);

}  // namespace aigw::module
