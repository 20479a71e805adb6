// What lives beside the requests: the configuration that is current, its credentials, and the thread that watches
// both. There is one runtime per build and filter configuration, shared by every listener that carries it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/budget.h"
#include "base/bytes.h"
#include "base/result.h"
#include "config/config.h"
#include "credential/store.h"
#include "endpoint/table.h"
#include "runtime/admin_pages.h"
#include "runtime/options.h"
#include "runtime/otel_exporter.h"
#include "runtime/shared_memory.h"
#include "runtime/sight.h"
#include "runtime/source.h"

namespace aigw::runtime {

enum class LogLevel : uint8_t { debug, info, warning, error };

// What a runtime needs of the process that it lives in.
struct Process {
  std::function<void(LogLevel, Bytes)> log;  // from any thread
  uint32_t workers = 1;                      // their indexes are below this
  bool watch = true;                         // false: only validating, start no thread
  Environment environment;                   // empty: that of the process
  SharedRegistry shared;                     // what outlives this build; empty where nothing does
  bool delivers_sds = false;                 // it calls Runtime::deliver_sds
  std::function<std::unique_ptr<OtlpChannel>()> open_otlp_grpc = nullptr;  // null: it does not speak gRPC
  std::function<void()> tick = nullptr;      // called by the watcher some times a second; may be null
};

class Runtime {
 public:
  // Reads `filter_config` (JSON or YAML text, see options.h) and everything that it points to. The failure has one
  // line per problem. A bundle whose pieces do not fit together yet is no failure: the runtime then has an empty
  // configuration until they do.
  static Result<std::shared_ptr<Runtime>> open(Bytes filter_config, Process process);

  // Joins the threads.
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // The current configuration, for the worker of this index and only on its thread. Takes a lock only on the first
  // call after a change.
  const std::shared_ptr<const config::Config>& config_for_worker(uint32_t index);

  // The current configuration, from any thread, under a lock.
  std::shared_ptr<const config::Config> current() const;

  // The secrets that the configuration wants by SDS; once, after open().
  std::vector<std::string> sds_names() { return store_.seal_sds(); }
  // What one of them is now. One thread at a time.
  void deliver_sds(const std::string& name, Bytes value) { store_.deliver_sds(name, value); }

  const std::shared_ptr<const endpoint::Table>& endpoints() const { return endpoints_; }
  const Options& options() const { return options_; }
  Sight& sight() { return sight_; }
  // What the requests of this process hold, over all its builds; works on after the runtime, where builds share it.
  Budget budget() { return {static_cast<uint64_t*>(buffered_.get()), options_.buffered_max}; }
  // For the worker of this index; null where the options turn it off.
  observe::Recorder* recorder(uint32_t worker) {
    return options_.metrics ? &sight_.recorder(worker) : nullptr;
  }
  // Null where no spans are exported.
  observe::Tracer* tracer() { return tracer_.get(); }

  // Answers at this address from now on, under the hooks, which must outlive the runtime or the
  // close_admin before it. Done by open() for the address of the options.
  Result<void> open_admin(const std::string& address, AdminHooks hooks);
  void close_admin() { admin_.reset(); }

 private:
  // The name of the count of bytes in the registry.
  static constexpr Bytes kBuffered = "ai_gateway.buffered.1";

  struct alignas(64) Slot {
    uint64_t generation = 0;
    std::shared_ptr<const config::Config> config;
  };

  Runtime(Options options, Process process);
  Result<void> load_first();
  Result<std::shared_ptr<const config::Config>> load();
  void publish(std::shared_ptr<const config::Config> config);
  void watch();
  void reload_if_changed();
  void open_own_admin();
  void open_request_log();
  // From a thread of the fetcher's.
  void note_fetch(const credential::Fetcher::Outcome& fetch);
  void open_exporter(OtelOptions otel);
  AdminReply answer(const AdminRequest& request, const AdminHooks& hooks);
  // Of the document and the price file that the current configuration names; empty while one of them is away.
  std::string version_now() const;

  const Options options_;
  const Process process_;
  std::shared_ptr<const endpoint::Table> endpoints_;
  std::string target_;  // what this process is, as labels
  Sight sight_;
  credential::Store store_;  // after sight_, which its fetches are counted in
  SharedMemory buffered_{process_.shared, kBuffered, sizeof(uint64_t)};
  std::unique_ptr<RequestLog> request_log_;
  std::unique_ptr<observe::Tracer> tracer_;
  std::unique_ptr<OtelExporter> exporter_;

  std::atomic<uint64_t> loaded_ms_{0};   // since 1970
  std::atomic<uint64_t> refused_ms_{0};  // 0: the configuration that came last is the current one
  mutable std::mutex mutex_;             // current_, refusal_
  std::string refusal_;
  std::shared_ptr<const config::Config> current_;
  std::atomic<uint64_t> generation_{0};
  std::vector<Slot> slots_;

  // The watcher's own, once it runs.
  Source source_;
  std::string loaded_version_;  // of the configuration that was last looked at
  std::mutex stop_mutex_;
  std::condition_variable stop_changed_;
  bool stopping_ = false;
  std::thread watcher_;

  const std::string source_path_;
  SharedMemory listeners_;  // a ListenerShare
  std::unique_ptr<Admin> admin_;
  uint64_t admin_again_ns_ = 0;  // when the watcher tries once more to open it; 0: not at all
};

}  // namespace aigw::runtime
