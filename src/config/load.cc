#include "config/load.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "base/limits.h"
#include "config/load_parts.h"
#include "config/tree.h"

namespace aigw::config {
namespace {

const char* to_string(Diagnostic::Severity severity) {
  return severity == Diagnostic::Severity::error ? "error" : "warning";
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  std::string out = diagnostic.file;
  if (diagnostic.line > 0) {
    out += ':' + std::to_string(diagnostic.line) + ':' + std::to_string(diagnostic.column);
  }
  out += std::string(": ") + to_string(diagnostic.severity) + ": ";
  if (!diagnostic.path.empty()) out += diagnostic.path + ": ";
  return out + diagnostic.message;
}

Loaded load_text(Bytes text, std::string_view file_name, const LoadOptions& options) {
  Loaded loaded;
  Report report(file_name);
  Tree tree = parse_tree(text);
  const Path root_path;
  for (Problem& problem : tree.problems) {
    report.error(problem.place, root_path, std::move(problem.message));
  }
  if (tree.well_formed) {
    if (tree.root.kind == Node::Kind::null) {
      report.warning({}, root_path, "the document is empty");
      tree.root.kind = Node::Kind::map;
    }
    Object root(report, tree.root, root_path);
    load_filter(root, options, loaded.document.filter);
    if (options.gateway_keys) {
      load_clients(root, options, loaded.document);
      load_gateway(root, loaded.document);
    } else {
      // One document serves `aigw run` and the data plane that it starts, so these are no mistake
      // there.
      for (const char* key : {"clients", "listen", "dataplane", "upstreams", "routes"}) root.find(key);
    }
  }
  loaded.diagnostics = report.take();
  return loaded;
}

Loaded load_file(const std::string& path, const LoadOptions& options) {
  const Result<Secret> text = read_document(path);
  if (text) return load_text(text->reveal(), path, options);
  Loaded loaded;
  loaded.diagnostics.push_back({Diagnostic::Severity::error, path, 0, 0, "",
                                text.error().message.substr(path.size() + 2)});
  return loaded;
}

Result<Secret> read_document(const std::string& path) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rbe"), close);
  const auto cannot_read = [&](int error) {
    return Failure{error == ENOENT ? FailureKind::unavailable : FailureKind::internal,
                   path + ": cannot be read: " + std::generic_category().message(error)};
  };
  if (file == nullptr) return cannot_read(errno);
  std::setvbuf(file.get(), nullptr, _IONBF, 0);  // no second copy
  struct stat about {};
  if (::fstat(::fileno(file.get()), &about) != 0) return cannot_read(errno);
  // One byte more than there should be, so that the end is seen.
  size_t room = limits::config_document_max + 1;
  if (S_ISREG(about.st_mode)) room = std::min(room, static_cast<size_t>(about.st_size) + 1);
  const std::unique_ptr<char[]> text = std::make_unique_for_overwrite<char[]>(room);
  const size_t size = std::fread(text.get(), 1, room, file.get());
  const bool grew = size == room && room <= limits::config_document_max;
  Result<Secret> read = Secret({text.get(), size});
  erase_bytes(text.get(), size);
  if (std::ferror(file.get()) != 0) return cannot_read(errno);
  if (grew) return Failure{FailureKind::internal, path + ": cannot be read: it grows meanwhile"};
  return read;
}

}  // namespace aigw::config
