// A whole exchange, with retries, over any bodies: what the providers and the client get does not
// depend on how request and answers are cut, and the core keeps the rules of its interface.
#include <exception>
#include <map>
#include <string>

#include "drivers/core/carrier.h"
#include "fuzz/world.h"

namespace {

using aigw::fuzz::require;
namespace tests = aigw::tests;
using Chunking = tests::Chunking;

tests::Outcome carry(const tests::Case& story, Chunking request, Chunking answer) {
  try {
    return tests::carry(story, aigw::fuzz::gateway_config(), aigw::fuzz::gateway_endpoints(),
                        request, answer);
  } catch (const std::logic_error& error) {
    require(false, error.what());
    throw;
  }
}

// Without the keys that tell the time (tests/nondeterministic.txt).
std::map<std::string, std::string> timeless(std::map<std::string, std::string> metadata) {
  metadata.erase("token_latency_ttft");
  metadata.erase("token_latency_itl");
  return metadata;
}

bool starts_alike(const std::string& a, const std::string& b) { return a.starts_with(b) || b.starts_with(a); }

void compare(const tests::Outcome& whole, const tests::Outcome& cut) {
  require(whole.sent.size() == cut.sent.size(),
          "the number of attempts depends on how bodies are cut");
  for (size_t i = 0; i < whole.sent.size(); ++i) {
    require(whole.sent[i].body == cut.sent[i].body,
            "what a provider gets depends on how bodies are cut");
    require(whole.sent[i].headers == cut.sent[i].headers,
            "a provider's headers depend on how bodies are cut");
  }
  require(whole.status == cut.status, "the status depends on how bodies are cut");
  // Where the answer breaks off, what came with its last piece may be lost.
  const bool same = whole.body == cut.body || (whole.cut && cut.cut && starts_alike(whole.body, cut.body));
  require(same, "what the client gets depends on how bodies are cut");
  require(whole.headers == cut.headers, "the client's headers depend on how bodies are cut");
  require(whole.cut == cut.cut, "whether the answer is cut depends on how bodies are cut");
  require(timeless(whole.metadata) == timeless(cut.metadata),
          "the metadata depend on how bodies are cut");
  require(whole.dropped == cut.dropped, "what is dropped depends on how bodies are cut");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  aigw::fuzz::Input input(data, size);
  const size_t request_cut = 1 + input.byte();
  const size_t answer_cut = 1 + input.byte();
  const tests::Case story = aigw::fuzz::pick_case(input);
  const tests::Outcome whole = carry(story, {}, {});
  compare(whole,
          carry(story, {Chunking::Mode::fixed, request_cut}, {Chunking::Mode::fixed, answer_cut}));
  compare(whole,
          carry(story, {Chunking::Mode::slices, request_cut}, {Chunking::Mode::split, answer_cut}));
  return 0;
}
