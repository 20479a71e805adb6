// Reads and checks a configuration document. Everything that is wrong with it is reported at once,
// in the order of the text, so that one round of edits is enough.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "config/gateway.h"

namespace aigw::config {

struct Diagnostic {
  enum class Severity : uint8_t { error, warning };
  Severity severity = Severity::error;
  std::string file;  // as given to load_text or load_file
  int line = 0;      // from 1; 0 = the document as a whole
  int column = 0;    // from 1, in bytes
  std::string path;  // "backends[1].schema.name", "" for the document itself
  std::string message;
  bool operator==(const Diagnostic&) const = default;
};

// "gateway.yaml:12:5: error: backends[1].schema.name: expected one of OpenAI, ...; got
// \"OpenAPI\"". No diagnostic quotes a value that may be a secret.
std::string to_string(const Diagnostic& diagnostic);

struct LoadOptions {
  // False for a configuration that came through xDS and so shows in Envoy's /config_dump: there a
  // credential must be a reference (keyFile, keyEnv), and a literal is an error.
  bool allow_literals = true;
  // Read `listen`, `upstreams` and `routes` too. Otherwise they are unknown keys.
  bool gateway_keys = false;
};

struct Loaded {
  GatewayDocument document;  // meaningful only where ok()
  std::vector<Diagnostic> diagnostics;

  bool ok() const {
    for (const Diagnostic& diagnostic : diagnostics) {
      if (diagnostic.severity == Diagnostic::Severity::error) return false;
    }
    return true;
  }
};

// YAML or JSON, told apart by the text. Nothing of `text` is referred to afterwards.
Loaded load_text(Bytes text, std::string_view file_name, const LoadOptions& options);

// The same of a file, which may not be larger than limits::config_document_max.
Loaded load_file(const std::string& path, const LoadOptions& options);

// The text of a file, which may hold secrets; what is longer than limits::config_document_max is cut off one byte
// behind it. The failure begins with the path, and is `unavailable` where there is no such file.
Result<Secret> read_document(const std::string& path);

}  // namespace aigw::config
