// What a message is made of, in any language. Every view points into the document that was decoded
// or into the arena of the exchange, and every type here is trivially copyable: nothing owns
// anything.
//
// An empty view says that there is nothing; where "" and nothing differ, the member is optional.
// JSON that the hub does not look into (schemas, arguments, citations) is raw: the text of one JSON
// value.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "base/bytes.h"

namespace aigw::chat {

struct Block;

// Blocks in order, in the arena.
class Blocks {
 public:
  Blocks() = default;
  Blocks(std::span<const Block> blocks) : data_(blocks.data()), size_(blocks.size()) {}

  const Block* begin() const { return data_; }
  inline const Block* end() const;
  inline const Block& operator[](size_t i) const;
  inline std::span<const Block> span() const;
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

 private:
  const Block* data_ = nullptr;
  size_t size_ = 0;
};

struct Text {
  Bytes text = {};
  Bytes citations = {};  // raw array
  bool refusal = false;  // the assistant's words for why it will not
  // `text` as JSON writes it, without the quotes, where it came so; else empty. An encoder
  // may write it instead, which spares a long text the escaping.
  Bytes escaped = {};
};

// Where the bytes of an image, a document or a sound are.
struct Source {
  enum class Kind : uint8_t {
    base64,   // data: base64 as it came, media_type: as image/png
    url,      // data: the URL, never a data: URL
    file_id,  // data: the name of an upload at the provider
    text      // data: plain text, of documents only
  };
  Kind kind = Kind::base64;
  Bytes data = {};
  Bytes media_type = {};
};

struct Image {
  Source source = {};
  Bytes detail = {};  // low, high, auto …
};

// A document: PDF, plain text and the like.
struct File {
  Source source = {};
  Bytes name = {};              // its file name or title
  Bytes context = {};           // what the client says about it
  Bytes citations_config = {};  // raw object
};

struct Audio {
  Source source = {};  // media_type as audio/wav
};

// The model asks for a tool to be run.
struct ToolCall {
  Bytes id = {};
  Bytes name = {};
  // The text of a JSON object as the model wrote it; empty for none. Where a language carries
  // arguments as a string it may be broken JSON, so an encoder that needs an object checks it. Of a
  // freeform tool: plain text.
  Bytes arguments = {};
  bool freeform = false;
  Bytes signature = {};  // proof of the reasoning behind the call; opaque
};

// What a tool gave back. In messages of the user only.
struct ToolResult {
  Bytes call_id = {};
  Blocks content = {};
  std::optional<bool> is_error = {};
  bool freeform = false;  // answers a call of a freeform tool
};

// What the model thought. Either text, perhaps signed, or `redacted`, which only the provider can
// read; signature and redacted are the provider's strings, never decoded.
struct Reasoning {
  Bytes text = {};
  Bytes signature = {};
  Bytes redacted = {};
  Bytes id = {};
};

// The provider may cache the prompt up to the end of the block before this one.
struct CachePoint {
  Bytes ttl = {};  // "5m", "1h"; empty for the provider's default
};

// A block that only the language knows that it was decoded from (Conversation::language).
struct Opaque {
  Bytes type = {};  // what that language calls it
  Bytes raw = {};   // the whole block
};

struct Block {
  using Value =
      std::variant<Text, Image, File, Audio, ToolCall, ToolResult, Reasoning, CachePoint, Opaque>;
  Value value;

  template <class T>
    requires std::constructible_from<Value, T>
  Block(const T& of) : value(of) {}
};

inline const Block* Blocks::end() const { return data_ + size_; }
inline const Block& Blocks::operator[](size_t i) const { return data_[i]; }
inline std::span<const Block> Blocks::span() const { return {data_, size_}; }

// A member that the hub has no word for, by the name that its language gives it.
struct Extra {
  Bytes name = {};
  Bytes raw = {};
};

// One function object out of several, for std::visit without a catch-all: a kind of block or event
// that is added later fails to compile in every dialect until it is decided.
template <class... F>
struct Overload : F... {
  using F::operator()...;
};

}  // namespace aigw::chat
