#include "dialect/gemini/language.h"

namespace aigw::dialect::gemini {

ModelFamily::ModelFamily(Bytes model) {
  const auto has = [&](Bytes part) { return model.find(part) != Bytes::npos; };
  const bool gemini = has("gemini");
  third = gemini && has("3");
  takes_json_schema = third || (gemini && has("2.5"));
  flash = has("flash");
}

}  // namespace aigw::dialect::gemini
