// The headers of a message as Envoy sent them, and the edits that it has to make.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "fronts/extproc/wire.h"
#include "http/header_map.h"

namespace aigw::extproc {

// Views live as long as the map: nothing that it has ever held is freed before.
class Headers final : public http::HeaderMap {
 public:
  Headers() = default;
  explicit Headers(pb::HeaderMap received);
  Headers(Headers&&) = default;
  Headers& operator=(Headers&&) = default;

  std::span<const http::HeaderView> all() override { return entries_; }
  using HeaderMap::get;
  std::optional<Bytes> get(Bytes name, size_t index, size_t* count) override;
  void set(Bytes name, Bytes value) override;
  void add(Bytes name, Bytes value) override;
  void remove(Bytes name) override;

  // Says in `response` what was edited since the last call. A header that has its old values again
  // is left out.
  void take_edits(pb::CommonResponse& response);

 private:
  // What a header was before it was edited.
  struct Touched {
    Bytes name;
    std::vector<Bytes> values;
  };

  Bytes keep(Bytes text) { return kept_.emplace_back(text); }
  std::vector<Bytes> values_of(Bytes name) const;
  void touch(Bytes name);

  pb::HeaderMap received_;
  std::deque<std::string> kept_;  // what entries_ and touched_ refer to besides received_
  std::vector<http::HeaderView> entries_;
  std::vector<Touched> touched_;
};

// Appends "overwrite or add" of one header.
void set_header(pb::HeaderMutation& mutation, Bytes name, Bytes value);

}  // namespace aigw::extproc
