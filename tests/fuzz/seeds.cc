// Cuts the seeds of every harness from the cases: fuzz_seeds CASES_DIR OUT_DIR writes
// OUT_DIR/<harness>/<case>.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "config/load.h"
#include "drivers/core/carrier.h"
#include "fuzz/world.h"
#include "wire/eventstream.h"

namespace aigw::fuzz {
namespace {

namespace fs = std::filesystem;
using config::SchemaName;

// Cases about limits have bodies that are large because they repeat themselves.
constexpr size_t kSeedMax = 64u << 10;

class Writer {
 public:
  Writer(fs::path out, std::string name) : out_(std::move(out)), name_(std::move(name)) {}
  void operator()(const char* harness, const std::string& suffix, const std::string& input) const {
    if (input.empty() || input.size() > kSeedMax) return;
    fs::create_directories(out_ / harness);
    std::ofstream(out_ / harness / (name_ + suffix), std::ios::binary) << input;
  }

 private:
  fs::path out_;
  std::string name_;
};

std::vector<SchemaName> schemas_of(const tests::Case& story, const std::string& config) {
  std::vector<SchemaName> schemas;
  const config::Loaded loaded = config::load_text(config, story.name, {});
  for (const std::string& name : story.backends) {
    for (const auto& backend : loaded.document.filter.backends) {
      if (backend.name == name) schemas.push_back(backend.schema.name);
    }
  }
  return schemas;
}

// The place of a client's dialect in the tables of the harnesses.
char client_of(const std::string& path) {
  if (path.find("/converse") != std::string::npos) return 4;
  if (path.ends_with("/v1/messages")) return 1;
  if (path.ends_with("/v1/responses")) return 2;
  return path.find("/v1beta/models") == std::string::npos ? '\0' : '\3';
}

// In the table of requests, which has a path for streams besides where the path says so.
char request_place(const std::string& path) {
  if (path.find("/converse") == std::string::npos) return client_of(path);
  return path.ends_with("-stream") ? 6 : 5;
}

bool has_type(const tests::Message& message, Bytes type) {
  const tests::HeadLine* line = message.find("content-type");
  return line != nullptr && line->value.starts_with(type);
}

// A stream in AWS's framing as text, the form in which the harness of answers frames it again.
class Unframe final : public wire::EventStreamSink {
 public:
  void on_message(const wire::EventMessage& message) override {
    if (!message.exception_type.empty()) text += '!';
    text.append(message.exception_type.empty() ? message.event_type : message.exception_type)
        .append("\n");
    text.append(message.payload).append("\n\n");
  }
  std::string text;
};

std::string unframed(const std::string& body) {
  Unframe sink;
  wire::EventStreamDecoder decoder;
  (void)decoder.feed(body, sink).has_value();
  return sink.text;
}

// The place of a coding in the table of its harness.
char coding_of(const std::string& name) { return name == "gzip" ? '\0' : name == "br" ? '\2' : '\3'; }

// As the body comes, and as a text to be written.
void write_coded(const Writer& write, const std::string& suffix, const tests::Message& answer) {
  const char coding = coding_of(answer.coding);
  write("coding", suffix, tests::compress(answer.coding, answer.body) + coding + '\0');
  write("coding", suffix + ".written", answer.body + std::string("\0\0\0\0\7", 5) + coding + '\1');
}

void write_answer(const Writer& write, const std::string& suffix, const tests::Message& answer,
                  SchemaName schema, char client) {
  const bool events = has_type(answer, "text/event-stream");
  const bool frames = has_type(answer, "application/vnd.amazon.eventstream");
  if (!answer.coding.empty()) write_coded(write, suffix, answer);
  if (events) write("sse", suffix, answer.body);
  if (frames) write("eventstream", suffix, answer.body + '\0');
  if (!events && !frames) write("scanner", suffix, answer.body);
  const char kind = events || frames ? '\2' : answer.status >= 400 ? '\1' : '\0';
  const std::string body = frames ? unframed(answer.body) : answer.body;
  write("answer", suffix, body + kind + static_cast<char>(schema) + client);
}

void write_case(const Writer& write, const tests::Case& story, const std::string& config) {
  const std::vector<SchemaName> schemas = schemas_of(story, config);
  const std::string& body = story.client_request.body;
  const SchemaName first = schemas.empty() ? SchemaName::openai : schemas[0];
  write(has_type(story.client_request, "multipart/") ? "multipart" : "scanner", "", body);
  write("request", "", body + static_cast<char>(first) + request_place(story.path));
  if (client_of(story.path) < 3) write("again", "", body + client_of(story.path));
  write("load", "", config);
  const std::string input = input_of(story, schemas);
  write("exchange", "", input + "\7\3");
  write("hooks", "", input + std::string(48, '\0'));
  write("hooks", ".mixed", input + std::string("\6\0\4\3\2\1\0\4\3\2\1\1\0\0", 14));
  for (const auto& [number, answer] : story.upstream_responses) {
    const SchemaName schema = number <= schemas.size() ? schemas[number - 1] : SchemaName::openai;
    write_answer(write, '.' + std::to_string(number), answer, schema, client_of(story.path));
  }
}

int write_all(const fs::path& cases, const fs::path& out) {
  fs::remove_all(out);
  size_t written = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(cases)) {
    if (entry.path().extension() != ".case") continue;
    std::string name = fs::relative(entry.path(), cases).replace_extension().generic_string();
    std::replace(name.begin(), name.end(), '/', '.');
    const tests::Case story = tests::read_case(entry.path().string());
    write_case(Writer(out, name), story,
               story.config ? *story.config : tests::default_config(entry.path().string()));
    ++written;
  }
  std::cout << "seeds of " << written << " cases\n";
  return written == 0 ? 1 : 0;
}

}  // namespace
}  // namespace aigw::fuzz

int main(int count, char** arguments) {
  if (count != 3) {
    std::cerr << "usage: fuzz_seeds CASES_DIR OUT_DIR\n";
    return 2;
  }
  return aigw::fuzz::write_all(arguments[1], arguments[2]);
}
