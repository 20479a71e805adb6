// The private directory of one `aigw run`: secrets, the filterapi document, the bootstrap, where Envoy says its admin
// port is.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/document.h"

namespace aigw::control {

// Names within the directory: of the document that the module or the server reads, and of the server's socket.
inline constexpr const char* kConfigFile = "filterapi.json";
inline constexpr const char* kExtprocSocket = "extproc.sock";

class RuntimeDirectory {
 public:
  // Where the directory of this process is or would be: aigw-<pid> below $XDG_RUNTIME_DIR, $TMPDIR
  // or /tmp.
  static std::string default_path();

  // Makes it with mode 0700. One that a dead process has left is emptied; one that belongs to
  // somebody else, or holds anything else, is refused.
  static Result<RuntimeDirectory> make(const std::string& path);

  RuntimeDirectory(RuntimeDirectory&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  RuntimeDirectory& operator=(RuntimeDirectory&&) = delete;
  ~RuntimeDirectory();  // removes it with everything in it

  const std::string& path() const { return path_; }

  // A file of mode 0600.
  Result<void> write(const std::string& name, std::string_view content) const;
  // The same in the place of one that may stand there; at once for whoever reads it.
  Result<void> replace(const std::string& name, std::string_view content) const;

 private:
  explicit RuntimeDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;  // empty when moved from
};

// The name, within the directory, of the file that holds a backend's secret.
std::string key_file_name(const config::Document& document, const config::BackendSpec& backend);

// Writes every secret of the document that is not a file already. Failures name the backend and the
// environment variable, never a content.
Result<void> write_keys(const config::Document& document, const RuntimeDirectory& directory);

}  // namespace aigw::control
