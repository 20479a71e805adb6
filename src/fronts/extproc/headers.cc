#include "fronts/extproc/headers.h"

#include <algorithm>

namespace aigw::extproc {
namespace {

using Option = pb::HeaderValueOption;

void append_option(pb::HeaderMutation& mutation, Bytes name, Bytes value,
                   Option::HeaderAppendAction action) {
  Option& option = *mutation.add_set_headers();
  option.mutable_header()->set_key(name.data(), name.size());
  option.mutable_header()->set_raw_value(value.data(), value.size());
  option.set_append_action(action);
  option.set_keep_empty_value(value.empty());
}

}  // namespace

void set_header(pb::HeaderMutation& mutation, Bytes name, Bytes value) {
  append_option(mutation, name, value, Option::OVERWRITE_IF_EXISTS_OR_ADD);
}

Headers::Headers(pb::HeaderMap received) : received_(std::move(received)) {
  entries_.reserve(static_cast<size_t>(received_.headers_size()));
  for (const pb::HeaderValue& header : received_.headers()) {
    entries_.push_back(
        {header.key(), header.raw_value().empty() ? header.value() : header.raw_value()});
  }
}

std::optional<Bytes> Headers::get(Bytes name, size_t index, size_t* count) {
  std::optional<Bytes> found;
  size_t seen = 0;
  for (const http::HeaderView& entry : entries_) {
    if (entry.name != name) continue;
    if (seen++ == index) found = entry.value;
  }
  if (count != nullptr) *count = seen;
  return found;
}

std::vector<Bytes> Headers::values_of(Bytes name) const {
  std::vector<Bytes> values;
  for (const http::HeaderView& entry : entries_) {
    if (entry.name == name) values.push_back(entry.value);
  }
  return values;
}

void Headers::touch(Bytes name) {
  for (const Touched& touched : touched_) {
    if (touched.name == name) return;
  }
  touched_.push_back({keep(name), values_of(name)});
}

void Headers::set(Bytes name, Bytes value) {
  touch(name);
  const Bytes kept = keep(value);
  bool found = false;
  const auto is_more = [&](http::HeaderView& entry) {
    if (entry.name != name) return false;
    if (found) return true;
    entry.value = kept;
    found = true;
    return false;
  };
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(), is_more), entries_.end());
  if (!found) entries_.push_back({keep(name), kept});
}

void Headers::add(Bytes name, Bytes value) {
  touch(name);
  const Bytes kept = keep(name);
  entries_.push_back({kept, keep(value)});
}

void Headers::remove(Bytes name) {
  touch(name);
  std::erase_if(entries_, [&](const http::HeaderView& entry) { return entry.name == name; });
}

void Headers::take_edits(pb::CommonResponse& response) {
  for (const Touched& touched : touched_) {
    const std::vector<Bytes> values = values_of(touched.name);
    if (values == touched.values) continue;
    pb::HeaderMutation& mutation = *response.mutable_header_mutation();
    if (values.empty()) {
      mutation.add_remove_headers(touched.name.data(), touched.name.size());
      continue;
    }
    set_header(mutation, touched.name, values.front());
    for (size_t i = 1; i < values.size(); ++i) {
      append_option(mutation, touched.name, values[i], Option::APPEND_IF_EXISTS_OR_ADD);
    }
  }
  touched_.clear();
}

}  // namespace aigw::extproc
