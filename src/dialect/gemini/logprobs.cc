#include "dialect/gemini/logprobs.h"

#include "json/writer.h"

namespace aigw::dialect::gemini {
namespace {

void token(json::Writer& writer, const json::Value& candidate) {
  writer.member("token", candidate["token"].text());
  const json::Value& probability = candidate["logProbability"];
  writer.member_raw("logprob", probability.is_number() ? probability.raw() : Bytes("0"));
}

}  // namespace

std::string chat_logprobs(const json::Value& result) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  writer.member_array("content");
  const std::span<const json::Value> tops = result["topCandidates"].elements();
  size_t i = 0;
  for (const json::Value& chosen : result["chosenCandidates"].elements()) {
    writer.begin_object();
    token(writer, chosen);
    writer.member_array("top_logprobs");
    if (i < tops.size()) {
      for (const json::Value& candidate : tops[i]["candidates"].elements()) {
        writer.begin_object();
        token(writer, candidate);
        writer.end_object();
      }
    }
    ++i;
    writer.end_array();
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  writer.finish();
  return text;
}

}  // namespace aigw::dialect::gemini
