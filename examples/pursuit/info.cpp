// SPDX-License-Identifier: MIT
#include "commands.hpp"
#include "named_trackers.hpp"

#include <pursuit/io/tensor_file.hpp>
#include <pursuit/io/weights.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace {

using Json = nlohmann::ordered_json;

struct InfoOptions {
  std::string file;
  bool json = false;
};

/// How the file compares with one tracker's network.
struct Candidate {
  std::string_view name;
  std::size_t needed = 0;
  pursuit::WeightsFit fit;

  std::size_t found() const { return needed - fit.missing.size() - fit.misshapen.size(); }
};

std::uint64_t count(const std::vector<pursuit::Index>& shape) {
  std::uint64_t n = 1;
  for (const auto extent : shape) n *= static_cast<std::uint64_t>(extent);
  return n;
}

/// All trackers that read weights, the one of which most is there first.
std::vector<Candidate> compare(const pursuit::Weights& weights) {
  std::vector<Candidate> all;
  for (const auto& entry : known_trackers())
    if (const auto needed = entry.tensors(); !needed.empty())
      all.push_back({entry.name, needed.size(), weights.compare(needed)});
  std::ranges::stable_sort(all, [](const Candidate& a, const Candidate& b) {
    const auto rank = [](const Candidate& c) { return std::tuple(c.fit.exact(), c.fit.enough(), c.found()); };
    return rank(a) > rank(b);
  });
  return all;
}

/// Text out of a file, without characters that a terminal would obey.
std::string plain(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 32 || c == 127; }, '?');
  return text;
}

std::string shape_text(const std::vector<pursuit::Index>& shape) {
  std::string text = "(";
  for (const auto extent : shape) text += (text.size() > 1 ? "," : "") + std::to_string(extent);
  return text + ")";
}

void print_list(const char* what, const std::vector<std::string>& lines) {
  constexpr std::size_t most = 20;
  for (std::size_t i = 0; i < std::min(lines.size(), most); ++i) std::cout << "  " << what << plain(lines[i]) << '\n';
  if (lines.size() > most) std::cout << "  ... and " << lines.size() - most << " more\n";
}

template <class Tensors>
std::vector<std::string> with_shapes(const Tensors& tensors) {
  std::vector<std::string> lines;
  for (const auto& t : tensors) lines.push_back(t.name + " " + shape_text(t.shape));
  return lines;
}

template <class Tensors>
std::vector<std::string> names(const Tensors& tensors) {
  std::vector<std::string> all;
  for (const auto& t : tensors) all.push_back(t.name);
  return all;
}

void print_fit(const std::vector<Candidate>& candidates, const std::string& file) {
  bool fits = false;
  for (const auto& c : candidates) {
    if (!c.fit.enough()) continue;
    fits = true;
    std::cout << "fits " << c.name << (c.fit.exact() ? "" : ", with tensors that it does not read:") << '\n';
    print_list("extra:   ", with_shapes(c.fit.extra));
  }
  if (fits) {
    std::cout << "try: pursuit track --weights " << file << " --source demo\n";
    return;
  }
  if (candidates.empty() || candidates[0].found() == 0) {
    std::cout << "fits no tracker of this version: no tensor has a name and shape that one of them reads\n";
    return;
  }
  const auto& nearest = candidates[0];
  std::cout << "fits no tracker of this version; nearest is " << nearest.name << ", " << nearest.found() << " of "
            << nearest.needed << " tensors:\n";
  print_list("missing: ", with_shapes(nearest.fit.missing));
  print_list("shape:   ", nearest.fit.misshapen);
  print_list("extra:   ", with_shapes(nearest.fit.extra));
}

void info(const InfoOptions& options) {
  const pursuit::TensorFile file = pursuit::open_tensor_file(options.file);
  const pursuit::Weights weights(file.table, options.file, file.file);
  const auto candidates = compare(weights);
  std::uint64_t parameters = 0;
  std::vector<std::string> broken;
  for (const auto& t : file.table.tensors) {
    if (is_floating(t.info.dtype)) parameters += count(t.info.shape);
    if (!is_finite(t)) broken.push_back(t.info.name);
  }

  if (options.json) {
    Json out{{"file", options.file},     {"format", file.format},    {"bytes", file.file->bytes().size()},
             {"parameters", parameters}, {"tensors", Json::array()}, {"metadata", file.table.metadata},
             {"not_finite", broken},     {"fits", nullptr},          {"networks", Json::array()}};
    for (const auto& t : file.table.tensors)
      out["tensors"].push_back({{"name", t.info.name}, {"dtype", to_string(t.info.dtype)}, {"shape", t.info.shape}});
    if (!candidates.empty() && candidates[0].fit.enough()) out["fits"] = candidates[0].name;
    for (const auto& c : candidates)
      out["networks"].push_back({{"name", c.name},
                                 {"fits", c.fit.enough()},
                                 {"missing", names(c.fit.missing)},
                                 {"misshapen", c.fit.misshapen},
                                 {"extra", names(c.fit.extra)}});
    std::cout << out.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    return;
  }

  std::size_t width = 4;
  for (const auto& t : file.table.tensors) width = std::min<std::size_t>(60, std::max(width, t.info.name.size()));
  const auto column = [](std::size_t w) { return std::setw(static_cast<int>(w)); };
  std::cout << options.file << ": " << file.format << ", " << file.file->bytes().size() << " bytes\n\n" << std::left;
  for (const auto& t : file.table.tensors)
    std::cout << "  " << column(width) << plain(t.info.name) << "  " << column(4) << to_string(t.info.dtype) << "  "
              << shape_text(t.info.shape) << '\n';
  std::cout << '\n' << file.table.tensors.size() << " tensors, " << parameters << " parameters\n";
  for (const auto& [key, value] : file.table.metadata) std::cout << plain(key) << ": " << plain(value) << '\n';
  if (!broken.empty()) {
    std::cout << "NaN or infinity in:\n";
    print_list("", broken);
  }
  print_fit(candidates, options.file);
}

}  // namespace

void add_info(CLI::App& app) {
  CLI::App* command = app.add_subcommand("info", "Say what is in a weight file, and which tracker it fits");
  const auto options = std::make_shared<InfoOptions>();
  command->add_option("FILE", options->file, "safetensors or PyTorch (.pth) file; nothing in it is executed")
      ->required();
  command->add_flag("--json", options->json, "print one JSON object");
  command->footer(
      "\nExamples:\n"
      "  pursuit info dcfnet.safetensors\n"
      "  pursuit info checkpoint.pth --json\n"
      "\nShows each tensor's name, type and shape, the number of parameters, and what is missing or extra for the\n"
      "tracker that comes nearest. Exit code: 0, 1 (the file cannot be read), 2 (wrong usage).");
  command->callback([options] { info(*options); });
}
