// What this build is made of.
#pragma once

#include <string>

namespace aigw::version {

// The release: "1.2.3".
const char* release();

// What `git describe` says of the source, with "-dirty" behind it where that was changed; empty where the source is no
// checkout of git's.
const char* commit();

// CMake's build type.
const char* build_type();

// All of it for a person: "1.2.3 (commit 0123abc, Release)".
std::string text();

// The release with the commit as its build metadata (semver.org): "1.2.3+0123abc".
std::string semantic();

}  // namespace aigw::version
