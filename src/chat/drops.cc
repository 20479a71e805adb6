#include "chat/drops.h"

#include <string>

#include "base/limits.h"

namespace aigw::chat {

void Drops::add(Bytes path) {
  ++count_;
  for (Drop& drop : kept_.mutable_items()) {
    if (drop.path == path) {
      ++drop.count;
      return;
    }
  }
  if (kept_.size() < limits::drops_kept_max) kept_.push_back({arena_.copy(path), 1});
}

void Drops::add(Bytes head, Bytes tail) {
  std::string path(head);
  path += tail.substr(0, limits::quoted_in_error_max);
  add(path);
}

Failure cannot(Bytes target, Bytes what) {
  std::string message(target);
  message += " cannot take ";
  message += what;
  return {FailureKind::unprocessable, std::move(message)};
}

}  // namespace aigw::chat
