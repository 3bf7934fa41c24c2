// SPDX-License-Identifier: MIT
#include "training_curves.hpp"

#include "page.hpp"
#include "training_curves_template.hpp"

#include <pursuit/core/error.hpp>
#include <pursuit/io/atomic_file.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t stretches = 800;

/// One number of each step.
struct Curve {
  std::vector<double> values;  // where a line lacks it: NaN
};

/// What the log says of steps: a column for each number.
struct Steps {
  std::vector<double> step;
  std::vector<std::string> names;  // in the order of their first appearance
  std::map<std::string, Curve> curves;

  void add(const std::string& name, const Json& value) {
    auto [found, fresh] = curves.try_emplace(name);
    if (fresh) names.push_back(name);
    found->second.values.resize(step.size(), std::nan(""));
    if (value.is_number()) found->second.values.back() = value.get<double>();
  }
};

/// Means, least and greatest of stretches of equal length, as [[...], [...], [...]]; null where there is nothing.
Json thinned(const std::vector<double>& values, std::size_t length) {
  Json mean = Json::array(), least = Json::array(), most = Json::array();
  for (std::size_t at = 0; at < values.size(); at += length) {
    double sum = 0, low = INFINITY, high = -INFINITY;
    int n = 0;
    for (std::size_t i = at; i < std::min(values.size(), at + length); ++i) {
      if (!std::isfinite(values[i])) continue;
      sum += values[i], ++n;
      low = std::min(low, values[i]), high = std::max(high, values[i]);
    }
    const auto put = [n](Json& to, double value) { to.push_back(n > 0 ? Json(static_cast<float>(value)) : Json()); };
    put(mean, sum / n), put(least, low), put(most, high);
  }
  return {std::move(mean), std::move(least), std::move(most)};
}

}  // namespace

void write_training_curves(const std::filesystem::path& log, const std::filesystem::path& page,
                           const std::string& title) {
  std::ifstream in(log);
  if (!in) throw pursuit::FileError(log.string() + ": cannot be opened");
  Steps steps;
  Json epochs = Json::array();
  for (std::string line; std::getline(in, line);) {
    Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("step")) continue;  // a line that is being written
    if (json.contains("training")) {
      epochs.push_back(std::move(json));
      continue;
    }
    steps.step.push_back(json["step"].is_number() ? json["step"].get<double>() : 0);
    steps.add("loss", json["loss"]);
    for (const auto& [name, value] : json["parts"].items()) steps.add("part: " + name, value);
    steps.add("gradient norm", json["gradient_norm"]);
    steps.add("rate", json["rate"]);
  }

  const std::size_t length = std::max<std::size_t>(1, (steps.step.size() + stretches - 1) / stretches);
  Json curves = Json::object();
  for (const std::string& name : steps.names) {
    auto& values = steps.curves[name].values;
    values.resize(steps.step.size(), std::nan(""));
    curves[name] = thinned(values, length);
  }
  const Json run{{"title", title},
                 {"logged", steps.step.size()},
                 {"length", length},
                 {"step", thinned(steps.step, length)[0]},
                 {"curves", std::move(curves)},
                 {"epochs", std::move(epochs)}};

  const std::string_view text = training_curves_template;
  constexpr std::string_view mark = "/*RUN*/";
  const auto at = text.find(mark);
  pursuit::AtomicFile out(page);
  out.write(
      pursuit::concat(text.substr(0, at), "const run = ", script_safe(run), ";\n", text.substr(at + mark.size())));
  out.commit();
}
