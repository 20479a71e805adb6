#include "dialect/bedrock_converse/media.h"

#include <algorithm>
#include <array>

#include "base/limits.h"

namespace aigw::dialect::bedrock_converse {
namespace {

struct DocumentType {
  Bytes format;
  Bytes media_type;
};

constexpr std::array<DocumentType, 9> kDocuments = {{
    {"pdf", "application/pdf"},
    {"csv", "text/csv"},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"html", "text/html"},
    {"txt", "text/plain"},
    {"md", "text/markdown"},
}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(Bytes a, Bytes b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

Bytes without_parameters(Bytes media_type) {
  media_type = media_type.substr(0, media_type.find(';'));
  while (media_type.ends_with(' ')) media_type.remove_suffix(1);
  return media_type;
}

bool may_stand_in_name(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '(' || c == ')' ||
         c == '[' || c == ']';
}

}  // namespace

Bytes image_format(Bytes media_type) {
  constexpr std::array<Bytes, 4> kFormats = {"png", "jpeg", "gif", "webp"};
  media_type = without_parameters(media_type);
  constexpr Bytes kImage = "image/";
  if (!same_word(media_type.substr(0, kImage.size()), kImage)) return {};
  const Bytes subtype = media_type.substr(kImage.size());
  for (Bytes format : kFormats) {
    if (same_word(subtype, format)) return format;
  }
  return {};
}

Bytes document_format(Bytes media_type, Bytes file_name) {
  media_type = without_parameters(media_type);
  for (const DocumentType& type : kDocuments) {
    if (same_word(media_type, type.media_type)) return type.format;
  }
  if (!media_type.empty() && !same_word(media_type, "application/octet-stream")) return {};
  const size_t dot = file_name.rfind('.');
  if (dot == Bytes::npos) return {};
  for (const DocumentType& type : kDocuments) {
    if (same_word(file_name.substr(dot + 1), type.format)) return type.format;
  }
  return {};
}

Bytes image_media_type(Bytes format, Arena& arena) {
  return arena.copy("image/" + std::string(format));
}

Bytes document_media_type(Bytes format) {
  for (const DocumentType& type : kDocuments) {
    if (type.format == format) return type.media_type;
  }
  return {};
}

std::string DocumentNames::next(Bytes wish) {
  std::string name;
  bool gap = false;
  for (char c : wish) {
    if (!may_stand_in_name(c)) {
      gap = !name.empty();
      continue;
    }
    if (name.size() + (gap ? 1 : 0) >= limits::document_name_max) break;
    if (gap) name += ' ';
    gap = false;
    name += c;
  }
  if (name.empty()) name = "document";
  std::string unique = name;
  uint32_t& count = counts_[name];
  if (count == 0) count = 1;
  while (!used_.insert(unique).second) unique = name + ' ' + std::to_string(++count);
  return unique;
}

}  // namespace aigw::dialect::bedrock_converse
