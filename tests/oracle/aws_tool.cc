// Our AWS code as a program, for tests that compare it with botocore. `aws_tool <command>` answers
// each line of standard input with one line. A line is tab-separated fields, and every field is
// hexadecimal, so that it can be any bytes.
//
//   sign     access key, secret key, session token, region, unix time, method, host, path, body,
//            then name and value of each further header -> authorization, x-amz-date
//   encode   payload, then name, type (decimal), value of each header (a number in decimal)
//            -> the message
//   decode   the pieces of a stream -> each message as a field "headers|payload", the headers as
//            name=type:value with all parts in hexadecimal again; a failure as the last field
//   path     model, action -> the path of a request
#include <algorithm>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include "crypto/hex.h"
#include "crypto/sha256.h"
#include "host/aws/endpoint.h"
#include "host/aws/sigv4.h"
#include "wire/eventstream.h"

namespace aigw {
namespace {

using Fields = std::vector<std::string>;

std::string from_hex(Bytes hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return out;
}

Fields read_fields(Bytes line) {
  Fields fields;
  for (size_t at = 0; at <= line.size();) {
    size_t end = std::min(line.find('\t', at), line.size());
    fields.push_back(from_hex(line.substr(at, end - at)));
    at = end + 1;
  }
  return fields;
}

Fields sign(const Fields& in) {
  std::vector<http::HeaderView> headers;
  for (size_t i = 9; i + 1 < in.size(); i += 2) headers.push_back({in[i], in[i + 1]});
  host::aws::SigningKey key;
  host::aws::Signature out = host::aws::sign(
      {in.at(0), Secret(in.at(1)), Secret(in.at(2))}, in.at(3),
      {in.at(5), in.at(6), in.at(7), crypto::sha256(in.at(8)), headers}, std::stoll(in.at(4)), key);
  return {out.authorization, out.date};
}

Fields encode(const Fields& in) {
  std::vector<wire::EventHeader> headers;
  for (size_t i = 1; i + 2 < in.size(); i += 3) {
    wire::EventHeader header;
    header.name = in[i];
    header.type = static_cast<wire::HeaderType>(std::stoi(in[i + 1]));
    switch (header.type) {
      case wire::HeaderType::bytes:
      case wire::HeaderType::string:
      case wire::HeaderType::uuid:
        header.bytes = in[i + 2];
        break;
      case wire::HeaderType::boolean_true:
      case wire::HeaderType::boolean_false:
      case wire::HeaderType::int8:
      case wire::HeaderType::int16:
      case wire::HeaderType::int32:
      case wire::HeaderType::int64:
      case wire::HeaderType::timestamp:
        header.number = std::stoll(in[i + 2]);
        break;
    }
    headers.push_back(header);
  }
  Fields out(1);
  wire::append_event(out[0], headers, in.at(0));
  return out;
}

class Recorder : public wire::EventStreamSink {
 public:
  void on_message(const wire::EventMessage& message) override {
    std::string out;
    wire::EventHeaderReader reader(message.headers);
    while (auto header = reader.next()) {
      const bool has_bytes = header->type == wire::HeaderType::string ||
                             header->type == wire::HeaderType::bytes ||
                             header->type == wire::HeaderType::uuid;
      std::string value = has_bytes ? std::string(header->bytes) : std::to_string(header->number);
      out += crypto::hex(header->name) + "=" + std::to_string(static_cast<int>(header->type)) +
             ":" + crypto::hex(value) + ",";
    }
    messages.push_back(out + "|" + crypto::hex(message.payload));
  }
  Fields messages;
};

Fields decode(const Fields& in) {
  wire::EventStreamDecoder decoder;
  Recorder recorder;
  for (const std::string& piece : in) (void)decoder.feed(piece, recorder);
  if (Result<void> end = decoder.finish(); !end) recorder.messages.push_back(end.error().message);
  return recorder.messages;
}

Fields path(const Fields& in) { return {host::aws::path(in.at(0), in.at(1))}; }

int run(Bytes command) {
  Fields (*answer)(const Fields&) = command == "sign"     ? sign
                                    : command == "encode" ? encode
                                    : command == "decode" ? decode
                                    : command == "path"   ? path
                                                          : nullptr;
  if (answer == nullptr) return 2;
  for (std::string line; std::getline(std::cin, line);) {
    const char* separator = "";
    for (const std::string& field : answer(read_fields(line))) {
      std::cout << separator << crypto::hex(field);
      separator = "\t";
    }
    std::cout << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace aigw

int main(int argc, char** argv) { return argc == 2 ? aigw::run(argv[1]) : 2; }
