#include "control/output_tail.h"

#include <algorithm>
#include <vector>

#include "base/limits.h"

namespace aigw::control {

void keep_end(std::string& output) {
  if (output.size() > limits::envoy_output_kept_max) output.erase(0, output.size() - limits::envoy_output_kept_max);
}

std::string last_lines(Bytes output) {
  std::vector<Bytes> lines;
  for (size_t begin = 0; begin < output.size();) {
    const size_t end = std::min(output.find('\n', begin), output.size());
    if (end > begin) lines.push_back(output.substr(begin, std::min(end - begin, limits::envoy_line_shown_max)));
    begin = end + 1;
  }
  std::string shown;
  const size_t first = lines.size() - std::min(lines.size(), limits::envoy_lines_shown_max);
  for (size_t i = first; i < lines.size(); ++i) shown.append("\n  ").append(lines[i]);
  return shown;
}

}  // namespace aigw::control
