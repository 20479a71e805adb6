#include "dialect/anthropic/envelope.h"

#include "json/writer.h"

namespace aigw::dialect::anthropic {
namespace {

constexpr Bytes kVersionMember = "anthropic_version";
constexpr Bytes kBetaMember = "anthropic_beta";

void write_betas(json::Writer& writer, std::span<const Bytes> betas) {
  writer.member_array(kBetaMember);
  for (Bytes beta : betas) writer.string(beta);
  writer.end_array();
}

}  // namespace

Bytes envelope_version(Envelope envelope, Bytes configured) {
  if (!configured.empty()) return configured;
  return envelope == Envelope::gcp ? kGcpVersion : kAwsVersion;
}

void put_in_envelope(const json::Value& root, Envelope envelope, Bytes version,
                     std::span<const Bytes> betas, std::string& out) {
  bool version_written = false;
  bool betas_written = betas.empty();
  json::Writer writer(out);
  writer.begin_object();
  for (const json::Value& member : root.members()) {
    const Bytes name = member.name();
    if (name == "model" || (name == "stream" && envelope == Envelope::aws)) continue;
    if (name == kVersionMember) {
      if (!version_written) writer.member(kVersionMember, version);
      version_written = true;
    } else if (name == kBetaMember && !betas.empty()) {
      if (!betas_written) write_betas(writer, betas);
      betas_written = true;
    } else {
      writer.member_raw(name, member.raw());
    }
  }
  if (!version_written) writer.member(kVersionMember, version);
  if (!betas_written) write_betas(writer, betas);
  writer.end_object();
  writer.finish();
}

void put_count_in_envelope(const json::Value& root, Envelope envelope, Bytes model, Bytes version,
                           std::string& out) {
  const bool aws = envelope == Envelope::aws;
  bool version_written = false;
  json::Writer writer(out);
  writer.begin_object();
  for (const json::Value& member : root.members()) {
    const Bytes name = member.name();
    if (name == kVersionMember) {
      if (!version_written) writer.member(kVersionMember, version);
      version_written = true;
    } else if (name == "model") {
      if (!aws) writer.member(name, model);
    } else if (name != "stream" || !aws) {
      writer.member_raw(name, member.raw());
    }
  }
  if (!version_written) writer.member(kVersionMember, version);
  if (aws && !root["max_tokens"].exists()) writer.member_number("max_tokens", 1);
  writer.end_object();
  writer.finish();
}

}  // namespace aigw::dialect::anthropic
