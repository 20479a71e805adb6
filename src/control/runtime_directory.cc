#include "control/runtime_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>

namespace aigw::control {
namespace {

Failure failure(const std::string& what, const std::string& path, int error) {
  return {FailureKind::internal, what + " " + path + ": " + std::strerror(error)};
}

// What a run keeps there besides keys.
constexpr std::string_view kFiles[] = {kConfigFile, kExtprocSocket, "bootstrap.json", "admin-address"};

bool is_our_directory(const std::string& path) {
  struct stat about{};
  return lstat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode) && about.st_uid == geteuid();
}

}  // namespace

std::string RuntimeDirectory::default_path() {
  std::string base = "/tmp";
  for (const char* variable : {"XDG_RUNTIME_DIR", "TMPDIR"}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && value[0] == '/' && access(value, W_OK | X_OK) == 0) {
      base = value;
      break;
    }
  }
  return base + "/aigw-" + std::to_string(getpid());
}

Result<RuntimeDirectory> RuntimeDirectory::make(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0) {
    if (errno != EEXIST || !is_our_directory(path))
      return failure("cannot make the directory", path, errno);
    std::error_code error;
    // Only what an earlier run has left: a directory with anything else in it is not ours to empty.
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      const std::string name = entry.path().filename();
      if (!name.starts_with("key-") && !name.starts_with("clients.json") &&
          std::find(std::begin(kFiles), std::end(kFiles), name) == std::end(kFiles)) {
        return failure("not a directory of aigw:", path, EEXIST);
      }
      std::filesystem::remove(entry.path(), error);
    }
    if (chmod(path.c_str(), 0700) != 0) return failure("cannot close the directory", path, errno);
  }
  return RuntimeDirectory(path);
}

RuntimeDirectory::~RuntimeDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<void> RuntimeDirectory::write(const std::string& name, std::string_view content) const {
  const std::string path = path_ + "/" + name;
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return failure("cannot write", path, errno);
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      close(fd);
      return failure("cannot write", path, error);
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  close(fd);
  return {};
}

Result<void> RuntimeDirectory::replace(const std::string& name, std::string_view content) const {
  const std::string made = name + ".new";
  unlink((path_ + "/" + made).c_str());
  AIGW_TRY(write(made, content));
  const std::string path = path_ + "/" + name;
  if (rename((path_ + "/" + made).c_str(), path.c_str()) != 0) return failure("cannot write", path, errno);
  return {};
}

std::string key_file_name(const config::Document& document, const config::BackendSpec& backend) {
  size_t index = 0;
  while (index < document.backends.size() && document.backends[index].name != backend.name) ++index;
  return "key-" + std::to_string(index);
}

Result<void> write_keys(const config::Document& document, const RuntimeDirectory& directory) {
  for (const config::BackendSpec& backend : document.backends) {
    if (!backend.auth) continue;
    const config::SecretSpec& secret = backend.auth->only_secret();
    Bytes value = secret.literal.reveal();
    switch (secret.source) {
      case config::SecretSpec::Source::none:
      case config::SecretSpec::Source::file:
      case config::SecretSpec::Source::sds:
        continue;
      case config::SecretSpec::Source::literal:
        break;
      case config::SecretSpec::Source::env: {
        const char* variable = std::getenv(secret.place.c_str());
        if (variable == nullptr || variable[0] == 0) {
          return Failure{FailureKind::internal, "backend " + backend.name +
                                                    ": the environment variable " + secret.place +
                                                    " is not set"};
        }
        value = variable;
        break;
      }
    }
    AIGW_TRY(directory.write(key_file_name(document, backend), value));
  }
  return {};
}

}  // namespace aigw::control
