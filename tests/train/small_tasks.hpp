// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/nn/gradients.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/train/learning_task.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace test {

/// y = weight (x - running_mean) + bias, the mean of x being gathered as batch norm does, without descent.
struct CentredLine {
  static constexpr std::size_t inputs = 6;
  pursuit::Tensor<float, 2> weight = pursuit::make_tensor<float, 2>({1, inputs});
  pursuit::Tensor<float, 1> bias = pursuit::make_tensor<float, 1>({1});
  pursuit::Tensor<float, 1> running_mean = pursuit::make_tensor<float, 1>({inputs});

  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix) {
    visit(prefix + "weight", weight);
    visit(prefix + "bias", bias);
  }
  template <class Visit>
  void buffers(Visit&& visit, const std::string& prefix) {
    visit(prefix + "running_mean", running_mean);
  }
  float value(const std::array<float, inputs>& x) const {
    float y = bias(0);
    for (std::size_t i = 0; i < inputs; ++i) y += weight(0, i) * (x[i] - running_mean(i));
    return y;
  }
};

/// Finds the line through points with a little noise, by squared errors.
class LineTask {
 public:
  struct Example {
    std::array<float, CentredLine::inputs> x;
    float y;
  };

  LineTask() { gradients_.add(line, "line."); }
  LineTask(const LineTask&) = delete;
  LineTask& operator=(const LineTask&) = delete;

  Example draw(pursuit::Random& random) const {
    Example e{{}, 0.5F};
    for (std::size_t i = 0; i < e.x.size(); ++i) {
      e.x[i] = static_cast<float>(1 + random.normal());
      e.y += static_cast<float>(i) * (e.x[i] - 1);
    }
    e.y += static_cast<float>(0.1 * random.normal());
    return e;
  }

  pursuit::LossValues learn(std::span<const Example> examples) {
    ++learned;
    const auto n = static_cast<float>(examples.size());
    auto dw = gradients_.of(line.weight);
    auto db = gradients_.of(line.bias);
    pursuit::LossValues loss = measure(examples);
    std::array<float, CentredLine::inputs> mean{};
    for (const Example& e : examples) {
      const float d = 2 * (line.value(e.x) - e.y) / n;
      db(0) += d;
      for (std::size_t i = 0; i < e.x.size(); ++i) {
        dw(0, static_cast<pursuit::Index>(i)) += d * (e.x[i] - line.running_mean(i));
        mean[i] += e.x[i] / n;
      }
    }
    if (gathers)
      for (std::size_t i = 0; i < mean.size(); ++i) line.running_mean(i) += 0.1F * (mean[i] - line.running_mean(i));
    if (learned == spoiled) db(0) = std::numeric_limits<float>::quiet_NaN();
    if (learned == spoiled_loss) loss.parts[1].second = std::numeric_limits<double>::infinity();
    return loss;
  }

  pursuit::LossValues measure(std::span<const Example> examples) const {
    double square = 0, absolute = 0;
    for (const Example& e : examples) {
      const double d = line.value(e.x) - e.y;
      square += d * d / static_cast<double>(examples.size());
      absolute += std::abs(d) / static_cast<double>(examples.size());
    }
    return {square, {{"square", square}, {"absolute", absolute}}};
  }

  pursuit::nn::Gradients<float>& gradients() { return gradients_; }
  template <class Visit>
  void tensors(Visit&& visit) {
    pursuit::nn::visit_tensors(line, visit, "line.");
  }

  CentredLine line;
  bool gathers = true;
  int learned = 0;
  int spoiled = -1;       ///< the call of learn() that gives a gradient which is no number
  int spoiled_loss = -1;  ///< the call of learn() that gives a loss which is no number

 private:
  pursuit::nn::Gradients<float> gradients_;
};

/// All numbers of a task's tensors, one after the other.
template <class Task>
std::vector<float> numbers_of(Task& task) {
  std::vector<float> all;
  task.tensors([&](const std::string&, const auto& tensor) { all.insert(all.end(), tensor.begin(), tensor.end()); });
  return all;
}

}  // namespace test
