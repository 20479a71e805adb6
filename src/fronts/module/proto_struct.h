// Writes fields of a google.protobuf.Struct in protobuf's wire format.
//
// A Struct is `map<string, Value> fields = 1`: for each field a length-delimited entry of number 1 that holds the key
// (number 1, a string) and the value (number 2, a message); a Value holds `double number_value = 2` or
// `string string_value = 3`. Source: google/protobuf/struct.proto and protobuf's encoding specification.
#pragma once

#include <string>

#include "base/bytes.h"

namespace aigw::module {

// One more field at the end of `out`. A field that is written twice has the last value. `value` should be UTF-8.
void append_number(std::string& out, Bytes key, double value);
void append_text(std::string& out, Bytes key, Bytes value);

}  // namespace aigw::module
