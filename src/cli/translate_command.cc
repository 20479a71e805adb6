#include <algorithm>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/translate.h"

namespace aigw::cli {
namespace {

using config::SchemaName;
using endpoint::EndpointKind;

struct TranslateFlags {
  TranslateOptions options;
  std::string from, to;
  bool request = false, response = false, stream = false;
  bool show_headers = false;
};

constexpr const char* translate_help = R"(The message comes from stdin and goes to stdout:
  --request         the client's request; what the provider would get, with
                    its method and path (this is the default)
  --response        a provider's whole answer; what the client would get
  --stream          a provider's stream, in its own framing: server-sent events,
                    in AWS an event stream of its own; so is what a client of
                    converse gets
  --error STATUS    the body of a provider's error of that status
What the target has no home for is listed on stderr. Credentials are put in when
a request is really sent, so there are none here.

  echo '{"model":"m","messages":[{"role":"user","content":"Hi"}]}' |
    aigw translate --from chat --to bedrock

Exit codes: 0 translated, 1 the gateway refuses the message (its answer is
printed), 2 a bad command line.
)";

struct Client {
  const char* name;
  EndpointKind kind;
};
constexpr Client kClients[] = {{"chat", EndpointKind::chat_completions},
                               {"responses", EndpointKind::responses},
                               {"messages", EndpointKind::messages},
                               {"generate", EndpointKind::generate_content},
                               {"converse", EndpointKind::converse}};

struct Provider {
  const char* name;
  SchemaName schema;
};
// Those whose path and body need nothing but a model.
constexpr Provider kProviders[] = {{"openai", SchemaName::openai},
                                   {"openai-chat", SchemaName::openai_chat},
                                   {"openai-responses", SchemaName::openai_responses},
                                   {"azure", SchemaName::azure_openai},
                                   {"anthropic", SchemaName::anthropic},
                                   {"aws-anthropic", SchemaName::aws_anthropic},
                                   {"bedrock", SchemaName::aws_bedrock},
                                   {"gemini", SchemaName::gemini_api}};

template <class Row>
std::vector<std::string> names_of(std::span<const Row> rows) {
  std::vector<std::string> names;
  for (const Row& row : rows) names.push_back(row.name);
  return names;
}

// CLI11 has checked that there is one of that name.
template <class Row>
const Row& named(std::span<const Row> rows, const std::string& name) {
  return *std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == name; });
}

int run_translate(const TranslateFlags& flags) {
  TranslateOptions options = flags.options;
  options.from = named<Client>(kClients, flags.from).kind;
  options.to = named<Provider>(kProviders, flags.to).schema;
  if (flags.response) options.direction = Direction::response;
  if (flags.stream) options.direction = Direction::stream;
  if (options.status != 200) options.direction = Direction::error;
  const std::string input(std::istreambuf_iterator<char>(std::cin), {});
  Result<Translated> translated = translate(options, input);
  if (!translated) return fail(translated.error().message);
  // The first line of a request is always of interest, a status only where it is not 200.
  if (options.direction == Direction::request || flags.show_headers || translated->refused) {
    std::string head = translated->start + "\n";
    if (flags.show_headers) head += translated->headers;
    std::fwrite(head.data(), 1, head.size(), stdout);
    std::fputs("\n", stdout);
  }
  std::fwrite(translated->body.data(), 1, translated->body.size(), stdout);
  if (!translated->body.ends_with('\n')) std::fputs("\n", stdout);
  if (!translated->dropped.empty())
    std::fprintf(stderr, "dropped: %s\n", translated->dropped.c_str());
  return translated->refused ? exit_failed : exit_ok;
}

}  // namespace

void add_translate(CLI::App& program, Run& run) {
  auto flags = std::make_shared<TranslateFlags>();
  CLI::App* verb = program.add_subcommand(
      "translate", "Show what the gateway makes of a request or an answer, without sending it");
  TranslateOptions& options = flags->options;
  verb->add_option("--from", flags->from,
                   "The client's language: chat, responses, messages, generate or converse")
      ->required()
      ->check(CLI::IsMember(names_of<Client>(kClients)).description(""))
      ->type_name("LANGUAGE");
  verb->add_option("--to", flags->to,
                   "The provider: openai, openai-chat, openai-responses, azure, anthropic, "
                   "aws-anthropic, bedrock or gemini")
      ->required()
      ->check(CLI::IsMember(names_of<Provider>(kProviders)).description(""))
      ->type_name("PROVIDER");
  CLI::Option_group* what = verb->add_option_group("what", "What stdin holds");
  what->add_flag("--request", flags->request, "The client's request");
  what->add_flag("--response", flags->response, "The provider's whole answer");
  what->add_flag("--stream", flags->stream, "The provider's stream");
  what->add_option("--error", options.status, "The body of the provider's error of this status")
      ->check(CLI::Range(400, 599))
      ->type_name("STATUS");
  what->require_option(0, 1);
  verb->add_option("--model", options.model,
                   "The model that the provider is asked for, and that the path of a client of "
                   "generate or converse names")
      ->type_name("MODEL");
  verb->add_flag("--streaming", options.streams,
                 "A request of such a client asks for a stream, which its path says");
  verb->add_option("--anthropic-version", options.anthropic_version,
                   "The version of Anthropic's API: what a client of messages asks for, else what "
                   "an Anthropic backend is asked for (2023-06-01)")
      ->type_name("DATE");
  verb->add_option("--backend-version", options.backend_version,
                   "schema.version of the backend: Azure's api-version, or the version that an "
                   "Anthropic backend is always asked for")
      ->type_name("VERSION");
  verb->add_flag("--show-headers", flags->show_headers, "Print the headers too");
  verb->footer(translate_help);
  verb->callback([flags, &run] { run = [flags] { return run_translate(*flags); }; });
}

}  // namespace aigw::cli
