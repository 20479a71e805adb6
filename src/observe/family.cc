#include "observe/family.h"

#include <iterator>

namespace aigw::observe {
namespace {

constexpr double kTokens[] = {1,     4,      16,      64,      256,      1024,     4096,
                              16384, 65536,  262144,  1048576, 4194304,  16777216, 67108864};
constexpr double kDuration[] = {0.01, 0.02, 0.04, 0.08,  0.16,  0.32,  0.64,
                                1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92};
constexpr double kFirstToken[] = {0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75,
                                  1,     2.5,   5,    7.5,  10,   15,   20,   30,  45,   60};
constexpr double kPerToken[] = {0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2,
                                0.3,  0.4,   0.5,  0.75,  1,   2.5};
constexpr double kAttempts[] = {0, 1, 2, 3, 4, 5, 8};

constexpr FamilyTraits kTable[] = {
    {Family::client_token_usage, "gen_ai.client.token.usage", "gen_ai_client_token_usage",
     Unit::tokens, "Number of tokens processed.", kTokens, true, false},
    {Family::server_request_duration, "gen_ai.server.request.duration",
     "gen_ai_server_request_duration_seconds", Unit::nanoseconds,
     "Duration of one attempt at a provider.", kDuration, true, true},
    {Family::server_time_to_first_token, "gen_ai.server.time_to_first_token",
     "gen_ai_server_time_to_first_token_seconds", Unit::nanoseconds,
     "Time to the first piece of a streamed answer.", kFirstToken, true, true},
    {Family::server_time_per_output_token, "gen_ai.server.time_per_output_token",
     "gen_ai_server_time_per_output_token_seconds", Unit::nanoseconds,
     "Time per output token after the first one.", kPerToken, true, false},
    {Family::requests_started, "aigw.requests.started", "aigw_requests_started_total", Unit::one,
     "Requests that came in.", {}},
    {Family::requests, "aigw.requests", "aigw_requests_total", Unit::one,
     "Requests that ended, by what the client got.", {}},
    {Family::request_duration, "aigw.request.duration", "aigw_request_duration_seconds",
     Unit::nanoseconds, "From the headers of a request to its end, all attempts included.",
     kDuration, false, true},
    {Family::request_attempts, "aigw.request.attempts", "aigw_request_attempts", Unit::one,
     "Attempts that a request took.", kAttempts},
    {Family::attempts, "aigw.attempts", "aigw_attempts_total", Unit::one,
     "Attempts that ended, by backend and by what came of them.", {}},
    {Family::attempt_duration, "aigw.attempt.duration", "aigw_attempt_duration_seconds",
     Unit::nanoseconds, "Duration of attempts that got an answer, by backend.", kDuration},
    {Family::attempt_first_token, "aigw.attempt.time_to_first_token",
     "aigw_attempt_time_to_first_token_seconds", Unit::nanoseconds,
     "Time to the first piece of a streamed answer, by backend.", kFirstToken},
    {Family::tokens, "aigw.tokens", "aigw_tokens_total", Unit::tokens,
     "Tokens that providers reported, by backend.", {}},
    {Family::cost, "aigw.cost", "aigw_cost_total", Unit::one,
     "What requests cost by the configured rules, by backend.", {}},
    {Family::failed_costs, "aigw.failed_costs", "aigw_failed_costs_total", Unit::one,
     "Expressions of costs that failed, by backend.", {}},
    {Family::unpriced, "aigw.unpriced", "aigw_unpriced_total", Unit::one,
     "Answered requests of a model without a price, by backend.", {}},
    {Family::failed_edits, "aigw.failed_edits", "aigw_failed_edits_total", Unit::one,
     "Rules for bodies that did not fit a request, by backend.", {}},
    {Family::refused, "aigw.refused", "aigw_refused_total", Unit::one,
     "Requests that the gateway itself answered with an error.", {}},
    {Family::limited, "aigw.limited", "aigw_limited_total", Unit::one,
     "Requests and answers that ran into a limit.", {}},
    {Family::dropped_members, "aigw.dropped_members", "aigw_dropped_members_total", Unit::one,
     "Members of requests and answers that a translation could not carry.", {}},
    {Family::guarded, "aigw.guarded", "aigw_guarded_total", Unit::one,
     "Failures of our own that a hook stopped.", {}},
    {Family::without_exchange, "aigw.without_exchange", "aigw_without_exchange_total", Unit::one,
     "Attempts for a request that the gateway does not know.", {}},
    {Family::exports_dropped, "aigw.exports.dropped", "aigw_exports_dropped_total", Unit::one,
     "Spans and exports of metrics that did not reach a collector.", {}},
    {Family::configurations, "aigw.configurations", "aigw_configurations_total", Unit::one,
     "Configurations that were read, by whether they were taken.", {}},
    {Family::token_fetches, "aigw.token_fetches", "aigw_token_fetches_total", Unit::one,
     "Tokens for backends that a service was asked for, by what came of it.", {}},
};
static_assert(std::size(kTable) == kFamilies);

constexpr bool in_order() {
  for (size_t i = 0; i < kFamilies; ++i) {
    if (static_cast<size_t>(kTable[i].family) != i) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

const FamilyTraits& traits_of(Family family) { return kTable[static_cast<size_t>(family)]; }

const FamilyTraits* find_family(Bytes name) {
  for (const FamilyTraits& traits : kTable) {
    if (traits.name == name) return &traits;
  }
  return nullptr;
}

}  // namespace aigw::observe
