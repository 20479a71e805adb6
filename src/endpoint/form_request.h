// A multipart form of an endpoint that takes files, read as it comes for the fields that the gateway
// needs; nothing else of it is kept. Source of the fields: OpenAI API reference, "Audio", "Create
// image edit".
#pragma once

#include <memory>
#include <string>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/result.h"
#include "endpoint/table.h"
#include "json/patch.h"
#include "wire/multipart.h"

namespace aigw::endpoint {

class FormRequest final : private wire::MultipartSink {
 public:
  FormRequest(EndpointKind kind, Bytes boundary) : kind_(kind), scanner_(boundary) {}

  // As scan::RequestScan's.
  Result<void> feed(Bytes piece);
  Result<void> finish(Arena& arena);
  Bytes model() const { return model_; }
  bool stream() const { return stream_; }

  // Puts `text` in the place of the model's field; its part's headers stay.
  void patch_model(Bytes text, json::PatchList& patches) const;

 private:
  enum class Field : uint8_t { other, model, stream, file };

  // Where a field's part stands, and its text up to limits::model_name_max and one byte.
  struct Kept {
    size_t count = 0;
    uint64_t begin = 0, end = 0;
    std::string text;
  };

  Result<void> on_part(Bytes headers, uint64_t begin) override;
  void on_data(Bytes piece) override;
  void on_part_end(uint64_t end) override;
  Kept* kept();

  EndpointKind kind_;
  wire::MultipartScanner scanner_;
  Field field_ = Field::other;
  Kept model_field_, stream_field_;
  bool has_file_ = false;
  Bytes model_;
  bool stream_ = false;
};

}  // namespace aigw::endpoint
