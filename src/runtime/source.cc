#include "runtime/source.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "config/reader.h"
#include "config/tree.h"
#include "crypto/hex.h"
#include "crypto/sha256.h"
#include "version/version.h"

namespace aigw::runtime {
std::string file_version(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return {};
  return std::to_string(status.st_dev) + '/' + std::to_string(status.st_ino) + '/' +
         std::to_string(status.st_size) + '/' + std::to_string(status.st_mtim.tv_sec) + '.' +
         std::to_string(status.st_mtim.tv_nsec);
}

namespace {

struct Index {
  std::string checksum;
  std::vector<std::string> parts;  // paths below the bundle's directory
};

bool stays_below(Bytes path) {
  return !path.empty() && path.front() != '/' && path != ".." && !path.starts_with("../") &&
         path.find("/../") == Bytes::npos && !path.ends_with("/..");
}

Result<Index> parse_index(Bytes text, const std::string& path) {
  Index index;
  config::Report report(path);
  const config::Tree tree = config::parse_tree(text);
  const config::Path root_path;
  for (const config::Problem& problem : tree.problems)
    report.error(problem.place, root_path, problem.message);
  if (tree.well_formed) {
    config::Object root(report, tree.root, root_path);
    for (const char* key : {"version", "uuid", "createdAt"}) root.find(key);
    index.checksum = root.required_text("checksum");
    root.each("parts", [&](const config::Node& node, const config::Path& at) {
      config::Object part(report, node, at);
      for (const char* key : {"name", "sizeBytes"}) part.find(key);
      index.parts.push_back(part.required_text("path"));
      if (!stays_below(index.parts.back()))
        part.error("path", "has to name a file below the bundle");
    });
    if (index.parts.empty()) root.missing("parts");
    if (index.parts.size() > limits::config_bundle_parts_max) {
      root.error("parts", "more than " + std::to_string(limits::config_bundle_parts_max));
    }
  }
  std::string errors;
  for (const config::Diagnostic& diagnostic : report.take()) {
    if (diagnostic.severity != config::Diagnostic::Severity::error) continue;
    errors += (errors.empty() ? "" : "\n") + config::to_string(diagnostic);
  }
  if (!errors.empty()) return Failure{FailureKind::internal, errors};
  return index;
}

// config::read_document, and a failure where the file is too large.
Result<Secret> read_part(const std::string& path) {
  Result<Secret> text = config::read_document(path);
  if (text && text->size() > limits::config_document_max) {
    return Failure{FailureKind::internal,
                   path + ": larger than " + std::to_string(limits::config_document_max) + " bytes"};
  }
  return text;
}

}  // namespace

std::string Source::version() const {
  std::string version = file_version(path_);
  if (version.empty()) return version;
  for (const std::string& part : parts_) version += ' ' + file_version(part);
  return version;
}

Result<Secret> Source::read_bundle() {
  const Result<Secret> text = read_part(path_);
  if (!text) return Failure{FailureKind::internal, text.error().message};
  Result<Index> index = parse_index(text->reveal(), path_);
  if (!index) return std::move(index).error();
  parts_.clear();
  for (const std::string& part : index->parts) parts_.push_back(bundle_path_ + '/' + part);
  std::vector<Secret> pieces;
  size_t size = 0;
  for (const std::string& part : parts_) {
    Result<Secret> piece = read_part(part);
    if (!piece) return std::move(piece).error();
    size += piece->size();
    if (size > limits::config_document_max) {
      return Failure{FailureKind::internal, path_ + ": the parts are larger than " +
                                                std::to_string(limits::config_document_max) +
                                                " bytes"};
    }
    pieces.push_back(std::move(*piece));
  }
  SecretBuilder document(size);
  for (const Secret& piece : pieces) document.append(piece.reveal());
  const crypto::Digest digest = crypto::sha256(document.reveal());
  std::string wanted = index->checksum;
  std::transform(wanted.begin(), wanted.end(), wanted.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (crypto::hex(crypto::as_bytes(digest)) != wanted) {
    return Failure{FailureKind::unavailable, path_ + ": the checksum does not fit the parts"};
  }
  return Secret(document.reveal());
}

Result<config::Loaded> Source::read() {
  const config::LoadOptions options{.allow_literals = true, .gateway_keys = false};
  if (!is_bundle()) return config::load_file(path_, options);
  const Result<Secret> document = read_bundle();
  if (!document) return document.error();
  return config::load_text(document->reveal(), bundle_path_, options);
}

bool understands_version(Bytes version) {
  if (version.empty() || version == "dev" || version == aigw::version::release()) return true;
  for (Bytes release : {"v1.0.", "v1.1."}) {
    if (!version.starts_with(release)) continue;
    const Bytes patch = version.substr(release.size());
    return !patch.empty() && patch.find_first_not_of("0123456789") == Bytes::npos;
  }
  return false;
}

}  // namespace aigw::runtime
