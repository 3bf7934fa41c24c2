// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Reads headers as text and says where the project's rules about them are broken.
namespace structure {

struct Header {
  std::string path;  // as one includes it: "pursuit/nn/conv2d.hpp"
  std::string text;
};

struct Line {
  int number;
  std::string text;
};

inline std::vector<Line> lines_of(const std::string& text) {
  std::vector<Line> lines;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back({static_cast<int>(lines.size()) + 1, text.substr(at, end - at)});
    at = end + 1;
  }
  return lines;
}

// What stands between the brackets or quotes of an #include line, with them; empty on other lines.
inline std::string included(const std::string& line) {
  std::size_t at = line.find_first_not_of(" \t");
  if (at == std::string::npos || line[at] != '#') return {};
  at = line.find_first_not_of(" \t", at + 1);
  if (at == std::string::npos || line.compare(at, 7, "include") != 0) return {};
  at = line.find_first_of("<\"", at);
  if (at == std::string::npos) return {};
  const std::size_t end = line.find_first_of(">\"", at + 1);
  return end == std::string::npos ? std::string() : line.substr(at, end + 1 - at);
}

// "pursuit/nn/conv2d.hpp" and "pursuit/nn.hpp" belong to "nn", "pursuit/opencv.hpp" to "opencv".
inline std::string module_of(std::string_view path) {
  path.remove_prefix(std::min(path.size(), std::string_view("pursuit/").size()));
  return std::string(path.substr(0, path.find_first_of("/.")));
}

inline int level_of(const std::string& module) {
  static const std::map<std::string, int> levels{
      {"core", 0},    {"io", 1},    {"concepts", 1}, {"kernels", 2},  {"data", 2},       {"nn", 3},        {"loss", 3},
      {"optim", 3},   {"track", 4}, {"train", 4},    {"backbone", 5}, {"classifier", 5}, {"estimator", 5}, {"eval", 5},
      {"distill", 6}, {"zoo", 6},   {"check", 6},    {"pursuit", 7},  {"cuda", 7},       {"opencv", 7},    {"mpi", 7}};
  const auto found = levels.find(module);
  return found == levels.end() ? -1 : found->second;
}

inline bool is_umbrella(const Header& h) { return std::count(h.path.begin(), h.path.end(), '/') == 1; }

// Umbrellas that hold code of their own: the optional parts.
inline bool is_part(const std::string& module) { return module == "opencv" || module == "cuda" || module == "mpi"; }

// One message for each place that breaks a rule: who may include whom, how a header begins, which modules may name
// a backend, and what an umbrella holds.
inline std::vector<std::string> complaints(const std::vector<Header>& headers) {
  std::vector<std::string> found;
  std::set<std::string> paths, modules_with_folder;
  for (const Header& h : headers) {
    paths.insert(h.path);
    if (!is_umbrella(h)) modules_with_folder.insert(module_of(h.path));
  }

  for (const Header& h : headers) {
    const auto complain = [&](int line, const std::string& what) {
      found.push_back(h.path + ":" + std::to_string(line) + ": " + what);
    };
    const std::string module = module_of(h.path);
    const int level = level_of(module);
    const bool umbrella = is_umbrella(h) && !is_part(module);
    if (level < 0) complain(1, "the module '" + module + "' has no level");

    const std::vector<Line> lines = lines_of(h.text);
    if (lines.empty() || lines[0].text != "// SPDX-License-Identifier: MIT")
      complain(1, "begins without the SPDX line");
    if (lines.size() < 2 || lines[1].text != "#pragma once") complain(2, "needs #pragma once on its second line");

    std::set<std::string> includes;
    for (const Line& line : lines) {
      const std::string name = included(line.text);
      if (name.empty()) {
        const bool empty = line.text.empty() || line.text.rfind("//", 0) == 0 || line.text == "#pragma once";
        if (umbrella && !empty) complain(line.number, "an umbrella holds includes only");
        continue;
      }
      const std::string path = name.substr(1, name.size() - 2);
      if (name[0] == '"' || path.find("..") != std::string::npos) complain(line.number, name + ": need <pursuit/...>");
      const bool backend = path.rfind("fftw3", 0) == 0 || path.rfind("dnnl", 0) == 0 || path.rfind("oneapi/", 0) == 0 ||
                           path.rfind("cuda_runtime", 0) == 0 || path.rfind("cudnn", 0) == 0 ||
                           path.rfind("cufft", 0) == 0;
      if (backend && module != "kernels") complain(line.number, name + ": only kernels/ names a backend");
      if (path.rfind("opencv2/", 0) == 0 && module != "opencv") complain(line.number, name + ": only opencv.hpp may");
      if (path.rfind("pursuit/", 0) != 0) continue;

      includes.insert(path);
      if (!paths.contains(path)) complain(line.number, name + ": there is no such header");
      const std::string other = module_of(path);
      if (other != module && level_of(other) >= level)
        complain(line.number,
                 name + ": level " + std::to_string(level_of(other)) + " from level " + std::to_string(level));
      if (other == module && path == "pursuit/" + module + ".hpp")
        complain(line.number, name + ": a header of the folder includes its umbrella");
    }
    if (!umbrella) continue;
    for (const std::string& path : paths) {
      // kernels/reference and the like are chosen by the header in front of them; detail/ is nobody's business.
      const bool direct = std::count(path.begin(), path.end(), '/') == 2;
      const bool mine = module == "pursuit" ? std::count(path.begin(), path.end(), '/') == 1 && path != h.path &&
                                                  !is_part(module_of(path))
                                            : direct && module_of(path) == module;
      if (mine && !includes.contains(path)) complain(1, "leaves out <" + path + ">");
    }
  }
  for (const std::string& module : modules_with_folder)
    if (!paths.contains("pursuit/" + module + ".hpp"))
      found.push_back("pursuit/" + module + "/: the folder has no umbrella beside it");
  return found;
}

}  // namespace structure
