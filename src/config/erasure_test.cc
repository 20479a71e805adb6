// What is left in memory of a document that has been read. The marks of this test exist in a disguise only, so that all
// that is found is the code's.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "config/compile.h"
#include "config/load.h"
#include "credential/store.h"

namespace aigw::config {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMarkSize = 40;
constexpr unsigned char kDisguise = 0x5a;
using Mark = std::array<unsigned char, kMarkSize>;
// Ahead of a mark in its text: AddressSanitizer writes over the first bytes of what is freed.
constexpr Bytes kAhead = "sk-0123456789-0123456789-";

// Letters and digits, each disguised.
Mark mark(unsigned seed) {
  Mark made{};
  for (unsigned char& c : made) {
    seed = seed * 1103515245 + 12345;
    c = static_cast<unsigned char>("0123456789abcdefghijklmnopqrstuvwxyz"[(seed >> 16) % 36] ^ kDisguise);
  }
  return made;
}

class File {
 public:
  explicit File(const std::string& name)
      : path_(testing::TempDir() + name + std::to_string(getpid())),
        fd_(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {}
  ~File() {
    ::close(fd_);
    fs::remove(path_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  File& put(Bytes text) {
    EXPECT_EQ(::write(fd_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    return *this;
  }
  File& put(const Mark& secret) {
    for (const unsigned char c : secret) {
      const char plain = static_cast<char>(c ^ kDisguise);
      EXPECT_EQ(::write(fd_, &plain, 1), 1);
    }
    return *this;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int fd_;
};

// Byte by byte, also where AddressSanitizer knows that nobody may look: freed memory is what this is about.
__attribute__((no_sanitize("address"))) size_t count_between(const unsigned char* begin, const unsigned char* end,
                                                             const Mark& wanted) {
  size_t found = 0;
  for (const unsigned char* at = begin; at + kMarkSize <= end; ++at) {
    size_t same = 0;
    while (same < kMarkSize && (at[same] ^ kDisguise) == wanted[same]) ++same;
    if (same == kMarkSize) ++found;
  }
  return found;
}

// In all memory that the process can write, but for AddressSanitizer's own map of it.
size_t count_in_memory(const Mark& wanted) {
  constexpr uintptr_t kLargest = uintptr_t{1} << 32;
  std::FILE* maps = std::fopen("/proc/self/maps", "re");
  size_t found = 0;
  char line[512];
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    uintptr_t begin = 0, end = 0;
    char access[5] = {};
    if (std::sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &begin, &end, access) != 3) continue;
    if (access[0] != 'r' || access[1] != 'w' || end - begin > kLargest) continue;
    found += count_between(reinterpret_cast<const unsigned char*>(begin), reinterpret_cast<const unsigned char*>(end),
                           wanted);
  }
  std::fclose(maps);
  return found;
}

TEST(Erasure, AMarkIsFoundWhereItStands) {
  const Mark one = mark(1);
  EXPECT_EQ(count_in_memory(one), 0u);
  auto plain = std::make_unique<char[]>(kMarkSize);
  for (size_t i = 0; i < kMarkSize; ++i) plain[i] = static_cast<char>(one[i] ^ kDisguise);
  EXPECT_EQ(count_in_memory(one), 1u);
  erase_bytes(plain.get(), kMarkSize);
  EXPECT_EQ(count_in_memory(one), 0u);
}

TEST(Erasure, OfADocumentOnlyTheCellsAreLeft) {
  const Mark key = mark(2), token = mark(3), aws = mark(4);
  File file("aigw-erasure-");
  file.put(R"({"backends":[{"name":"a","schema":{"name":"OpenAI"},"auth":{"apiKey":{"key":")").put(kAhead).put(key);
  file.put(R"("}}},{"name":"b","schema":{"name":"GCPVertexAI"},"auth":{"gcp":{"region":"r","projectName":"p",)");
  file.put(R"("accessToken":")").put(kAhead).put(token);
  file.put(R"("}}},{"name":"c","schema":{"name":"AWSBedrock"},"auth":{"aws":{"region":"us-east-1",)");
  file.put(R"("credentialFileLiteral":"[default]\naws_access_key_id=a\naws_secret_access_key=)").put(aws);
  file.put("\\n\"}}}]}");
  credential::Store store;
  {
    Result<std::shared_ptr<const Config>> config = [&] {
      const Loaded loaded = load_file(file.path(), {});
      EXPECT_TRUE(loaded.ok());
      return compile(loaded.document.filter, store);
    }();
    ASSERT_TRUE(config);
    for (const Mark& one : {key, token, aws}) EXPECT_EQ(count_in_memory(one), 1u);
  }
  for (const Mark& one : {key, token, aws}) EXPECT_EQ(count_in_memory(one), 0u);
}

TEST(Erasure, OfADocumentWithAMistakeNothingIsLeft) {
  const Mark key = mark(5);
  File file("aigw-erasure-");
  file.put(R"({"backends":[{"name":"a","schema":{"name":"OpenAI"},"auth":{"apiKey":{"keyy":")");
  file.put(kAhead).put(key).put("\"}}}]}");
  {
    const Loaded loaded = load_file(file.path(), {});
    ASSERT_EQ(loaded.diagnostics.size(), 2u);
    EXPECT_EQ(loaded.diagnostics[0].message, "one of key, keyFile or keyEnv is needed");
  }
  EXPECT_EQ(count_in_memory(key), 0u);
}

}  // namespace
}  // namespace aigw::config
