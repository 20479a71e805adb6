// The values of a block as Prometheus reads them.
#pragma once

#include <string>

#include "base/bytes.h"
#include "observe/block.h"

namespace aigw::observe {

enum class TextFormat : uint8_t {
  prometheus,   // text 0.0.4
  openmetrics,  // the same with exemplars
};

Bytes content_type_of(TextFormat format);

// Which of the two a scraper wants that sent this accept header.
TextFormat wanted_format(Bytes accept);

// Every family that has a series, in the order of the table, its series in the order of their labels.
// What a number counts is as of some moment during the call; it is never less than what an earlier
// call gave.
std::string expose(const Block& block, TextFormat format);

// One gauge without labels, in the same text.
void append_gauge(std::string& out, Bytes name, Bytes help, Bytes labels, double value);

// Appends target_info: what is measured, by the labels that append_label has made, a comma between each.
void append_target(std::string& out, TextFormat format, Bytes labels);

// The end of an exposition.
void finish_exposition(std::string& out, TextFormat format);

// A number as Prometheus writes it: the shortest that reads back the same, +Inf as such.
void append_number(std::string& out, double number);

// "name="value"" with what has to be escaped; points and other characters of the name become _.
void append_label(std::string& out, Bytes name, Bytes value);

}  // namespace aigw::observe
