#include "cli/matrix.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <utility>

#include "config/load.h"
#include "endpoint/table.h"

namespace aigw::cli {
namespace {

using Pair = std::pair<endpoint::EndpointKind, config::SchemaName>;

constexpr Bytes kAspects[] = {"text",  "stream",            "tools", "parallel tools", "reasoning",
                              "image", "structured output", "error", "limits"};

Bytes lane_name(endpoint::Lane lane) {
  switch (lane) {
    case endpoint::Lane::splice:
      return "splice";
    case endpoint::Lane::hub:
      return "hub";
    case endpoint::Lane::direct:
      return "direct";
    case endpoint::Lane::none:
      break;
  }
  return "none";
}

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What a case without a document of its own has: the nearest default.yaml, in its folder or above.
std::string default_config(std::filesystem::path folder) {
  std::error_code error;
  while (folder.has_relative_path() && !std::filesystem::exists(folder / "default.yaml", error))
    folder = folder.parent_path();
  return read(folder / "default.yaml");
}

// What of a case (tests/cases/README.md) says which cells it goes through.
struct Story {
  std::string path;
  std::vector<std::string> backends;
  std::string config;
  std::string shows;  // ", " between
  bool reaches_provider = false;
};

// "endpoint: POST /x" -> "POST /x"; "" for another line.
std::string value_of(const std::string& line, Bytes name) {
  if (!line.starts_with(std::string(name) + ": ")) return {};
  return line.substr(name.size() + 2);
}

// The name of the section that a line opens, without number and variants: "upstream.response".
std::string section_of(const std::string& line) {
  if (!line.starts_with("-- ") || !line.ends_with(" --")) return {};
  const std::string inside = line.substr(3, line.size() - 6);
  return inside.substr(0, inside.find(' '));
}

Story parse(const std::string& text) {
  Story story;
  std::istringstream lines(text);
  std::string section;
  for (std::string line; std::getline(lines, line);) {
    if (std::string opened = section_of(line); !opened.empty()) {
      section = std::move(opened);
      if (section.starts_with("upstream.")) story.reaches_provider = true;
    } else if (section == "config") {
      story.config.append(line).append("\n");
    } else if (section.empty()) {
      if (std::string endpoint = value_of(line, "endpoint"); !endpoint.empty()) {
        story.path = endpoint.substr(endpoint.find(' ') + 1);
        story.path.resize(std::min(story.path.size(), story.path.find('?')));
      }
      if (std::string shows = value_of(line, "shows"); !shows.empty()) story.shows = shows;
      std::istringstream names(value_of(line, "backends"));
      for (std::string name; names >> name;) {
        if (name.ends_with(',')) name.pop_back();
        story.backends.push_back(name);
      }
    }
  }
  if (story.backends.empty()) story.backends.push_back("primary");
  return story;
}

std::set<Pair> cells_of(const Story& story, const endpoint::Table& table) {
  std::set<Pair> cells;
  const endpoint::Endpoint* found = table.find(story.path);
  if (found == nullptr || !story.reaches_provider) return cells;
  const config::Loaded loaded = config::load_text(story.config, "case", {});
  for (const config::BackendSpec& backend : loaded.document.filter.backends) {
    if (std::find(story.backends.begin(), story.backends.end(), backend.name) !=
        story.backends.end())
      cells.emplace(found->kind, backend.schema.name);
  }
  return cells;
}

std::set<std::string> split(const std::string& list) {
  std::set<std::string> words;
  for (size_t at = 0; at < list.size();) {
    const size_t end = std::min(list.find(", ", at), list.size());
    words.insert(list.substr(at, end - at));
    at = end + 2;
  }
  return words;
}

// What the cases of a folder say of the cells.
struct Told {
  std::vector<Pair> passed;  // once for each case
  std::map<Pair, std::set<std::string>> shown;
};

Told tell(const std::string& cases_folder) {
  Told told;
  const endpoint::Table table{endpoint::Prefixes()};
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(cases_folder, error)) {
    if (entry.path().extension() != ".case") continue;
    Story story = parse(read(entry.path()));
    if (story.config.empty()) story.config = default_config(entry.path().parent_path());
    for (const Pair& cell : cells_of(story, table)) {
      told.passed.push_back(cell);
      told.shown[cell].merge(split(story.shows));
    }
  }
  return told;
}

std::vector<Bytes> missing(const std::set<std::string>& shown) {
  std::vector<Bytes> missing;
  for (Bytes aspect : kAspects) {
    if (!shown.contains(std::string(aspect))) missing.push_back(aspect);
  }
  return missing;
}

// The last column of a row.
std::string shows(const MatrixRow& row) {
  if (!row.missing) return "";
  if (row.missing->empty()) return "all " + std::to_string(std::size(kAspects));
  std::string text = "all but";
  for (Bytes aspect : *row.missing) {
    text += text.ends_with("but") ? " " : ", ";
    text += aspect;
  }
  return text;
}

}  // namespace

std::span<const Bytes> aspects() { return kAspects; }

bool has_cases(const std::string& folder) {
  std::error_code error;
  return std::filesystem::exists(folder + "/default.yaml", error);
}

std::vector<MatrixRow> matrix(const std::string& cases_folder) {
  Told told;
  if (!cases_folder.empty()) told = tell(cases_folder);
  std::vector<MatrixRow> rows;
  for (const endpoint::Cell& cell : endpoint::cells()) {
    const Pair pair(cell.endpoint, cell.schema);
    MatrixRow row{endpoint::name_of(cell.endpoint), config::to_string(cell.schema), lane_name(cell.lane), {}};
    if (!cases_folder.empty()) {
      row.cases = static_cast<size_t>(std::count(told.passed.begin(), told.passed.end(), pair));
      if (endpoint::is_conversation(cell.endpoint)) row.missing = missing(told.shown[pair]);
    }
    rows.push_back(row);
  }
  return rows;
}

std::string to_text(const std::vector<MatrixRow>& rows) {
  std::vector<std::vector<std::string>> table{{"endpoint", "backend", "lane"}};
  const bool counted = !rows.empty() && rows.front().cases.has_value();
  if (counted) {
    table.front().push_back("cases");
    table.front().push_back("shows");
  }
  for (const MatrixRow& row : rows) {
    table.push_back({std::string(row.endpoint), std::string(row.schema), std::string(row.lane)});
    if (counted) table.back().push_back(std::to_string(row.cases.value_or(0)));
    if (row.missing) table.back().push_back(shows(row));
  }
  std::string text;
  for (const std::vector<std::string>& line : table) {
    for (size_t column = 0; column < line.size(); ++column) {
      size_t width = 0;
      for (const std::vector<std::string>& other : table)
        if (column < other.size()) width = std::max(width, other[column].size());
      text += line[column];
      if (column + 1 < line.size()) text.append(width - line[column].size() + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

std::string to_json(const std::vector<MatrixRow>& rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const MatrixRow& row : rows) {
    list.push_back({{"endpoint", row.endpoint}, {"backend", row.schema}, {"lane", row.lane}});
    if (row.cases) list.back()["cases"] = *row.cases;
    if (row.missing) list.back()["missing"] = *row.missing;
  }
  return list.dump(2) + "\n";
}

}  // namespace aigw::cli
