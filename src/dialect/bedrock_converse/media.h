// Formats of images and documents, and the names of documents.
//
// Converse says `png` where others say `image/png`, and has short lists of both kinds (botocore's
// model of bedrock-runtime: ImageFormat, DocumentFormat). Every document needs a name, which is
// unique in the whole request and made of letters, digits, single spaces, hyphens, parentheses and
// brackets: the service refuses the request otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/arena.h"
#include "base/bytes.h"

namespace aigw::dialect::bedrock_converse {

// Empty for what Converse does not take. Parameters of the type are passed over.
Bytes image_format(Bytes media_type);

// The ending of `file_name` decides where the media type says nothing.
Bytes document_format(Bytes media_type, Bytes file_name);

// "image/png" of "png". The text is in `arena`.
Bytes image_media_type(Bytes format, Arena& arena);

// "application/pdf" of "pdf"; empty for a format nobody knows.
Bytes document_media_type(Bytes format);

// The names of one request's documents.
class DocumentNames {
 public:
  // A name that the service accepts, as close to `wish` as can be, and that was not given out
  // before. The wish may be empty.
  std::string next(Bytes wish);

 private:
  std::unordered_set<std::string> used_;
  std::unordered_map<std::string, uint32_t> counts_;  // how often a name was wished for
};

}  // namespace aigw::dialect::bedrock_converse
