// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace test {

// The slope of a task's loss along the gradient of some parameters, by differences, over that by the gradient itself: 1
// where the gradient is right. The gradient is that of `taken`, another task with the same network.
// In float, and with every ReLU that a step carries across 0 bending the slope, differences are good for a percent.
template <class Task, class Other>
double loss_slope(Task& task, Other& taken, std::span<const typename Task::Example> batch, const std::string& of) {
  taken.gradients().clear();
  taken.learn(batch);
  std::vector<std::vector<float>> directions, begin;
  double squares = 0;
  for (std::size_t i = 0; i < taken.gradients().size(); ++i) {
    const auto entry = taken.gradients()[i];
    directions.emplace_back(entry.gradient.begin(), entry.gradient.end());
    begin.emplace_back(entry.parameter.begin(), entry.parameter.end());
    if (entry.name.find(of) == std::string::npos) std::fill(directions[i].begin(), directions[i].end(), 0.0F);
    for (const float d : directions[i]) squares += static_cast<double>(d) * static_cast<double>(d);
  }
  if (!(squares > 0)) throw std::runtime_error("no gradient of " + of);
  const auto at = [&](double step) {
    const auto share = static_cast<float>(step / std::sqrt(squares));
    for (std::size_t i = 0; i < directions.size(); ++i)
      for (std::size_t k = 0; k < begin[i].size(); ++k)
        taken.gradients()[i].parameter[k] = begin[i][k] + share * directions[i][k];
    return task.learn(batch).total;
  };
  constexpr double h = 1e-4;
  const double difference = at(h) - at(-h);
  at(0);
  return difference / (2 * h) / std::sqrt(squares);
}
template <class Task>
double loss_slope(Task& task, std::span<const typename Task::Example> batch, const std::string& of) {
  return loss_slope(task, task, batch, of);
}

}  // namespace test
