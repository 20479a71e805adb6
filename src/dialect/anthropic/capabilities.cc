#include "dialect/anthropic/capabilities.h"

#include <algorithm>
#include <cstddef>

namespace aigw::dialect::anthropic {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool contains(Bytes text, Bytes part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return lower(a) == b; }) != text.end();
}

template <size_t N>
bool contains_any(Bytes model, const Bytes (&parts)[N]) {
  return std::any_of(std::begin(parts), std::end(parts),
                     [&](Bytes part) { return contains(model, part); });
}

// The peer's facts, 4.5: of the two lists for structured output the longer one, which is that of
// the hosts that keep up with the API.
constexpr Bytes kFormat[] = {"opus-4-5",   "sonnet-4-5", "haiku-4-5", "opus-4-6",
                             "sonnet-4-6", "opus-4-7",   "opus-4-8",  "sonnet-5",
                             "fable-5",    "mythos-5",   "mythos-preview"};
constexpr Bytes kEffort[] = {"opus-4-5", "opus-4-6", "opus-4-7", "opus-4-8",      "sonnet-4-6",
                             "sonnet-5", "fable-5",  "mythos-5", "mythos-preview"};
// Anthropic API reference, "Adaptive thinking".
constexpr Bytes kAdaptive[] = {"opus-4-6", "opus-4-7", "opus-4-8", "sonnet-4-6",
                               "sonnet-5", "fable-5",  "mythos-5", "mythos-preview"};

}  // namespace

bool takes_output_format(Bytes model) { return contains_any(model, kFormat); }
bool takes_effort(Bytes model) { return contains_any(model, kEffort); }
bool takes_adaptive_thinking(Bytes model) { return contains_any(model, kAdaptive); }

}  // namespace aigw::dialect::anthropic
