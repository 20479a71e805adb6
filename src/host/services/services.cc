#include "host/services/services.h"

#include "base/check.h"

namespace aigw::host::services {

#define AIGW_SERVICE(id, word, schema) Result<std::string> id(const config::Backend& backend, const Wish& wish);
#include "config/services.def"
#undef AIGW_SERVICE

Result<std::string> path(const config::Backend& backend, const Wish& wish) {
  switch (backend.service) {
    case config::Service::none:
      break;
#define AIGW_SERVICE(id, word, schema) \
  case config::Service::id:            \
    return id(backend, wish);
#include "config/services.def"
#undef AIGW_SERVICE
  }
  AIGW_CHECK(false);
}

}  // namespace aigw::host::services
