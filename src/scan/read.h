// Reads single members of an answer that a scanner has been through.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "json/scanner.h"
#include "scan/observer.h"

namespace aigw::scan {

// The token count of a watched member; nothing where it is no whole number.
std::optional<uint64_t> read_count(const json::Scanner& scanner, size_t watch);

// Puts the name that a watched member holds into `model`; leaves it where there is none that is fit: empty, too long,
// or not UTF-8.
void read_model(const json::Scanner& scanner, size_t watch, std::string& model);

// `text` where it is a word such as providers name errors by (`overloaded_error`, `429`), of up to
// limits::label_value_max bytes, and empty where it is none: it goes into logs and spans, where nothing may stand that
// was said in a conversation.
Bytes error_word(Bytes text);

// Notes that the answer has failed, in the word that the first of `words` holds which holds any.
void report_error(const json::Scanner& scanner, std::initializer_list<size_t> words, Report& report);

// Whether a watched member is there and not null.
bool is_there(const json::Scanner& scanner, size_t watch);

// Whether it is that text.
bool is_text(const json::Scanner& scanner, size_t watch, Bytes text);

}  // namespace aigw::scan
