#include "config/load.h"

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
  const Result<std::string> text = read_document(path);
  if (text) return load_text(*text, path, options);
  Loaded loaded;
  loaded.diagnostics.push_back({Diagnostic::Severity::error, path, 0, 0, "",
                                text.error().message.substr(path.size() + 2)});
  return loaded;
}

Result<std::string> read_document(const std::string& path) {
  const auto close = [](std::FILE* file) { std::fclose(file); };
  const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rbe"), close);
  const auto cannot_read = [&](int error) {
    return Failure{FailureKind::internal,
                   path + ": cannot be read: " + std::generic_category().message(error)};
  };
  if (file == nullptr) return cannot_read(errno);
  std::string text;
  char piece[1 << 16];
  while (text.size() <= limits::config_document_max) {
    const size_t got = std::fread(piece, 1, sizeof piece, file.get());
    text.append(piece, got);
    if (got < sizeof piece) break;
  }
  if (std::ferror(file.get()) != 0) return cannot_read(errno);
  return text;
}

}  // namespace aigw::config
