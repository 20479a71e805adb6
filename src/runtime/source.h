// Where a configuration document comes from: a file, or a bundle that the peer's control plane
// mounts.
//
// A bundle is a directory with an index.yaml, which names the parts that the document was cut into
// and the SHA-256 of all of them together. Index and parts are separate mounts and change at
// different moments, so that what is read may belong to two documents: then the sum does not fit,
// and the bundle is read again when anything of it has changed.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/load.h"

namespace aigw::runtime {

class Source {
 public:
  // A file where `bundle_path` is empty.
  Source(std::string file_path, std::string bundle_path)
      : bundle_path_(std::move(bundle_path)),
        path_(bundle_path_.empty() ? std::move(file_path) : bundle_path_ + "/index.yaml") {}

  const std::string& path() const { return path_; }
  bool is_bundle() const { return !bundle_path_.empty(); }

  // What tells one content from another without reading it; follows symbolic links, so that a mount
  // that swaps a link counts as a change. Of a bundle it covers the parts that the last read has
  // seen. Empty where there is no such file.
  std::string version() const;

  // Fails with `unavailable` on a bundle whose pieces do not fit together (a later try may find
  // that they do), and with `internal` on what only another document can mend.
  Result<config::Loaded> read();

 private:
  Result<Secret> read_bundle();

  std::string bundle_path_;
  std::string path_;                // of the file, or of the index
  std::vector<std::string> parts_;  // paths, as of the last index that could be read
};

// What tells one content of a file from another without reading it; empty where there is none.
std::string file_version(const std::string& path);

// Whether this build understands a document of that version: it is its own, that of a build without
// one, a release of the peer that the parser is written for, or none at all (a document that a
// person wrote).
bool understands_version(Bytes version);

}  // namespace aigw::runtime
