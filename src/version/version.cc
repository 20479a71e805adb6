#include "version/version.h"

namespace aigw::version {

std::string text() {
  const std::string known =
      *commit() != '\0' ? std::string("commit ") + commit() : "commit unknown: not built from git";
  return std::string(release()) + " (" + known + ", " + build_type() + ")";
}

std::string semantic() {
  const std::string known = commit();
  return known.empty() ? std::string(release()) : std::string(release()) + '+' + known;
}

}  // namespace aigw::version
