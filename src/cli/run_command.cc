#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>

#include "cli/banner.h"
#include "cli/commands.h"
#include "control/bootstrap.h"
#include "control/client_filter.h"
#include "control/documents.h"
#include "control/locate.h"
#include "control/runtime_directory.h"
#include "control/supervisor.h"

namespace aigw::cli {
namespace {

struct RunFlags {
  std::string file;
  std::string listen;
  std::string access_log;
  std::string log_level = "error";
  std::string dataplane;
  unsigned concurrency = 0;
  std::optional<uint16_t> admin_port;
  bool print_bootstrap = false;
};

constexpr const char* run_help =
    R"(Without -c, the environment says where to go, to all of these at once:
  OPENAI_API_KEY     the key of OpenAI, or of whom OPENAI_BASE_URL names by its
                     URL with the path before /chat/completions
                     (https://api.openai.com/v1); OPENAI_ORG_ID and
                     OPENAI_PROJECT_ID are sent along as its headers.
                     Gets every model that goes nowhere else
  AZURE_OPENAI_API_KEY, AZURE_OPENAI_ENDPOINT, OPENAI_API_VERSION
                     Azure OpenAI: the same models where there is no OpenAI,
                     else those requests that fail there
  ANTHROPIC_API_KEY  Anthropic, or whom ANTHROPIC_BASE_URL names by its URL with
                     the path before /v1/messages (https://api.anthropic.com):
                     claude-*
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION
                     Bedrock (AWS_SESSION_TOKEN, AWS_DEFAULT_REGION and
                     AWS_ENDPOINT_URL_BEDROCK_RUNTIME as in AWS's tools):
                     anthropic.*, us.*, ARNs and its other model ids
One of them alone gets every model. With none, the embedded provider (see
`aigw mock --help`) is started beside the gateway, on the port after the
gateway's if it is free, and is all of them, each in its own language.

  AIGW_ENVOY         Envoy's program; else the one of venv/ beside aigw, else
                     `envoy` on the PATH
  AIGW_MODULE        the module; else libaigateway.so beside aigw, or ../lib

The document and the keys that are not in files are written to files that only
this user can read, below XDG_RUNTIME_DIR or TMPDIR, and removed at the end. The
bootstrap names them: none of their content shows in it.
)";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

// The port after the gateway's, so that it is the same at every start; any other where that is
// taken.
control::Address provider_address(const config::Listen& listen) {
  control::Address address{"127.0.0.1", static_cast<uint16_t>(listen.port + 1)};
  if (listen.port == 0 || listen.port == 65535 || !control::check_bindable(address))
    address.port = 0;
  return address;
}

constexpr uint64_t kDefaultMaxTokens = 4096;

class RunCommand {
 public:
  explicit RunCommand(const RunFlags& flags) : flags_(flags), program_(control::own_path()) {}

  int run() {
    if (!flags_.listen.empty()) {
      const Result<control::Address> address = control::parse_address(flags_.listen);
      if (!address) return fail(address.error().message);
      listen_ = config::Listen{address->host, address->port};
    }
    return flags_.print_bootstrap ? print_bootstrap() : serve();
  }

 private:
  // False when it was refused, and said so.
  bool load(const config::Loaded& loaded) {
    print(loaded.diagnostics);
    if (!loaded.ok()) return false;
    document_ = loaded.document;
    apply_defaults();
    apply_flags();
    return true;
  }

  // Anthropic's models in clouds get no bound where a client of chat completions names none, as with the peer, and
  // refuse that. Who runs this has no peer to be like.
  void apply_defaults() {
    for (config::BackendSpec& backend : document_.filter.backends) {
      const bool in_cloud = backend.schema.name == config::SchemaName::aws_anthropic ||
                            backend.schema.name == config::SchemaName::gcp_anthropic;
      if (in_cloud && !backend.default_max_tokens) backend.default_max_tokens = kDefaultMaxTokens;
    }
  }

  // What the command line says instead of the document.
  void apply_flags() {
    if (listen_) document_.listen = *listen_;
    if (flags_.dataplane.empty()) return;
    document_.dataplane =
        flags_.dataplane == "module" ? config::Dataplane::module : config::Dataplane::extproc;
  }

  bool uses_extproc() const { return document_.dataplane == config::Dataplane::extproc; }

  control::KeyPath key_path(const std::string& directory) const {
    return [this, directory](const config::BackendSpec& backend) {
      return directory + "/" + control::key_file_name(document_.filter, backend);
    };
  }

  bool load_file_or_environment() {
    if (!flags_.file.empty()) return load(config::load_file(flags_.file, {true, true}));
    const control::EnvironmentDocument found = control::document_of_environment(variable);
    for (const std::string& note : found.notes) std::fprintf(stderr, "aigw: %s\n", note.c_str());
    if (!found.text.empty())
      return load(config::load_text(found.text, "the environment", {true, true}));
    embedded_ = true;
    apply_flags();
    return true;
  }

  bool load_embedded(const control::Address& provider) {
    return load(config::load_text(control::embedded_document(provider), "the embedded provider",
                                  {true, true}));
  }

  // Where the gateway's own admin address is: the peer's port unless told otherwise; nowhere where
  // that port is another's, as it is when two gateways run.
  Result<void> choose_admin() {
    constexpr uint16_t peers_port = 1064;
    if (flags_.admin_port == 0) return {};
    const control::Address wanted{"127.0.0.1", flags_.admin_port.value_or(peers_port)};
    admin_ = control::to_string(wanted);
    if (flags_.print_bootstrap) return {};
    const Result<void> free = control::check_bindable(wanted);
    if (free) return {};
    if (flags_.admin_port) return free;
    std::fprintf(stderr, "aigw: %s; there is no admin address (--admin-port chooses one)\n",
                 free.error().message.c_str());
    admin_.clear();
    return {};
  }

  Result<control::Json> bootstrap(const std::string& module, const std::string& directory) const {
    control::BootstrapOptions options;
    if (uses_extproc()) {
      options.extproc_socket = extproc_socket(directory);
    } else {
      options.module_path = module;
    }
    options.admin_address = admin_;
    options.system_ca = control::find_system_ca();
    options.access_log = flags_.access_log;
    options.config_path = directory + "/" + control::kConfigFile;
    options.clients_directory = directory;
    return control::make_bootstrap(document_, options);
  }

  int print_bootstrap() {
    if (!load_file_or_environment()) return exit_failed;
    // What a start would choose if the port is free, without looking.
    if (embedded_ &&
        !load_embedded({"127.0.0.1", static_cast<uint16_t>(document_.listen.port + 1)}))
      return exit_failed;
    const Result<std::string> module = control::find_module(program_);
    if (const Result<void> chosen = choose_admin(); !chosen) return fail(chosen.error().message);
    const std::string directory = control::RuntimeDirectory::default_path();
    const Result<control::Json> json = bootstrap(module ? module.value() : "libaigateway.so", directory);
    if (!json) return fail(json.error().message);
    std::puts(json->dump(2).c_str());
    std::fprintf(stderr,
                 "aigw: backends, keys and costs are not in it but in %s/%s, which a start of `aigw run` writes; "
                 "for an Envoy of your own, see examples/\n",
                 directory.c_str(), control::kConfigFile);
    return exit_ok;
  }

  int serve() {
    if (!load_file_or_environment()) return exit_failed;
    const control::Address listen{document_.listen.host, document_.listen.port};
    const Result<std::string> envoy = control::find_envoy(program_);
    if (!envoy) return fail(envoy.error().message);
    if (uses_extproc() && !AIGW_WITH_EXTPROC) {
      return fail("this build has no ext_proc server: only dataplane module");
    }
    const Result<std::string> module =
        uses_extproc() ? std::string() : control::find_module(program_);
    if (!module) return fail(module.error().message);
    if (const Result<void> free = control::check_bindable(listen); !free)
      return fail(free.error().message);
    if (const Result<void> chosen = choose_admin(); !chosen) return fail(chosen.error().message);
    const Result<control::RuntimeDirectory> directory =
        control::RuntimeDirectory::make(control::RuntimeDirectory::default_path());
    if (!directory) return fail(directory.error().message);
    // Made after the directory, so that the children end before it goes.
    control::Supervisor supervisor;
    if (embedded_) {
      const Result<control::Address> provider =
          supervisor.start_provider(program_, provider_address(document_.listen));
      if (!provider) return fail(provider.error().message);
      if (!load_embedded(*provider)) return exit_failed;
    }
    if (const Result<void> written = write_document(*directory); !written) return fail(written.error().message);
    if (uses_extproc()) {
      const Result<void> begun = supervisor.start_extproc(program_, directory->path() + "/" + control::kConfigFile,
                                                          extproc_socket(directory->path()), admin_);
      if (!begun) return fail(begun.error().message);
    }
    std::unique_ptr<control::ClientKeyWatcher> client_keys;
    if (const Result<void> begun = start_clients(*directory, client_keys); !begun)
      return fail(begun.error().message);
    const Result<control::Json> json = bootstrap(*module, directory->path());
    if (!json) return fail(json.error().message);
    const Result<control::Outcome> started = supervisor.start_envoy(
        {*envoy, *module, flags_.log_level, flags_.concurrency}, *json, *directory);
    if (!started) return fail(started.error().message);
    if (*started == control::Outcome::stopped) return exit_ok;
    std::fputs(exposure_warning(document_, supervisor.listening()).c_str(), stderr);
    std::fputs(banner(document_, supervisor.listening(), supervisor.admin_port(), admin_).c_str(), stderr);
    const Result<void> ended = supervisor.wait();
    return ended ? exit_ok : fail(ended.error().message);
  }

  // Writes who may call, and keeps it up to date as long as `keys` lives.
  Result<void> start_clients(const control::RuntimeDirectory& directory,
                             std::unique_ptr<control::ClientKeyWatcher>& keys) const {
    if (!document_.clients) return {};
    Result<std::string> resource = control::client_resource(*document_.clients);
    if (!resource) return std::move(resource).error();
    AIGW_TRY(directory.replace(control::kClientsFile, *resource));
    keys = std::make_unique<control::ClientKeyWatcher>(*document_.clients, directory, std::move(*resource));
    return {};
  }

  // What the module or the server reads: the document, and its keys each in a file of its own.
  Result<void> write_document(const control::RuntimeDirectory& directory) const {
    AIGW_TRY(control::write_keys(document_.filter, directory));
    const control::Json config = control::filterapi_json(document_.filter, key_path(directory.path()));
    return directory.write(control::kConfigFile, config.dump(2));
  }

  static std::string extproc_socket(const std::string& directory) {
    return directory + "/" + control::kExtprocSocket;
  }

  const RunFlags& flags_;
  std::string program_;
  std::optional<config::Listen> listen_;  // from the command line
  config::GatewayDocument document_;
  bool embedded_ = false;
  std::string admin_;  // host:port of the gateway's own admin address; empty for none
};

}  // namespace

void add_run(CLI::App& program, Run& run) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* verb =
      program.add_subcommand("run", "Run the gateway: an Envoy with the module, until Ctrl-C");
  verb->add_option("-c,--config", flags->file,
                   "A filterapi document with listen, upstreams and routes")
      ->type_name("FILE");
  verb->add_option("--listen", flags->listen, "Where to listen, instead of what the document says")
      ->type_name("HOST:PORT");
  verb->add_option(
          "--dataplane", flags->dataplane,
          "What carries the gateway: the module inside Envoy, or an ext_proc server beside it")
      ->check(CLI::IsMember({"module", "extproc"}))
      ->type_name("module|extproc");
  verb->add_flag("--print-bootstrap", flags->print_bootstrap,
                 "Print the Envoy configuration, and start and write nothing; the file of backends and "
                 "keys that it names is written by a start");
  verb->add_option("--access-log", flags->access_log, "Write a line of JSON a request, - is stdout")
      ->type_name("FILE|-");
  verb->add_option("--log-level", flags->log_level, "Of Envoy, which logs to stderr")
      ->check(CLI::IsMember({"trace", "debug", "info", "warning", "error", "critical", "off"}))
      ->capture_default_str()
      ->type_name("LEVEL");
  verb->add_option("--concurrency", flags->concurrency,
                   "Envoy's worker threads; 0 is one for each processor")
      ->type_name("N");
  verb->add_option("--admin-port", flags->admin_port,
                   "Of the gateway's metrics and health, on this machine only; 0 is none (1064)")
      ->type_name("PORT");
  verb->footer(run_help);
  verb->callback([flags, &run] { run = [flags] { return RunCommand(*flags).run(); }; });
}

}  // namespace aigw::cli
