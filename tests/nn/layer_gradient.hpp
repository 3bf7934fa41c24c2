// SPDX-License-Identifier: MIT
#pragma once

#include "loss/golden_loss.hpp"

#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/nn/gradients.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Sums of a layer's results times noise, and what is known of the gradients of its input and parameters.
template <class T, class Layer>
struct LayerGradient {
  Layer layer;
  pursuit::Shape<4> shape;
  std::uint64_t upstream_seed;
  typename Layer::Cache cache{};
  pursuit::nn::Gradients<T> gradients{layer};

  static std::vector<T> noise(pursuit::Index n, std::uint64_t seed) {
    const auto values = pursuit::check::noise(static_cast<std::size_t>(n), seed);
    return {values.begin(), values.end()};
  }

  T value(std::span<const T> x) {
    const pursuit::Shape<4> result = layer.output_shape(shape);
    std::vector<T> y(static_cast<std::size_t>(pursuit::volume(result)), T(9));
    layer.forward({x.data(), shape}, cache, {y.data(), result});
    const auto upstream = noise(pursuit::volume(result), upstream_seed);
    T sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += upstream[i] * y[i];
    return sum;
  }
  /// Writes dx; the gradients of parameters are left in `gradients`.
  void gradient(std::span<const T> x, std::span<T> dx) {
    value(x);
    gradients.clear();
    const pursuit::Shape<4> result = layer.output_shape(shape);
    const auto upstream = noise(pursuit::volume(result), upstream_seed);
    const pursuit::TensorView<const T, 4> dy(upstream.data(), result);
    layer.backward({x.data(), shape}, dy, dy, cache, {dx.data(), shape}, gradients);
  }

  /// Parameter i is noise of seed seeds[i]; golden gradients are of the input and of the parameters in their order.
  void compare(const std::string& golden, std::uint64_t input_seed, const std::vector<std::uint64_t>& seeds) {
    REQUIRE(gradients.size() == seeds.size());
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      const auto parameter = gradients[i].parameter;
      std::ranges::copy(noise(static_cast<pursuit::Index>(parameter.size()), seeds[i]), parameter.begin());
    }
    const auto x = noise(pursuit::volume(shape), input_seed);
    std::vector<T> dx(x.size(), T(9));
    CHECK(golden_difference(std::vector<T>{value(x)}, golden) < golden_tolerance<T>);
    gradient(x, dx);
    CHECK(golden_difference(dx, golden + ".d0") < golden_tolerance<T>);
    for (std::size_t i = 0; i < seeds.size(); ++i)
      CHECK(golden_difference(gradients[i].gradient, golden + ".d" + std::to_string(i + 1)) < golden_tolerance<T>);
    if constexpr (sizeof(T) == 8) against_differences(x);
  }

 private:
  void against_differences(const std::vector<double>& x) {
    pursuit::set_threads(1);  // far too little work for two
    std::vector<double> parameters;
    for (std::size_t i = 0; i < gradients.size(); ++i)
      parameters.insert(parameters.end(), gradients[i].parameter.begin(), gradients[i].parameter.end());
    using In = std::span<const double>;
    using Out = std::span<double>;
    const auto set = [&](In p) {
      for (std::size_t i = 0, at = 0; i < gradients.size(); at += gradients[i++].parameter.size())
        std::copy_n(p.begin() + static_cast<std::ptrdiff_t>(at), gradients[i].parameter.size(),
                    gradients[i].parameter.begin());
    };
    const auto check = [&](double slip) {
      return pursuit::check::gradient([&](In at, In p) { return set(p), value(at); },
                                      [&](In at, In p, Out d, Out dp) {
                                        set(p);
                                        gradient(at, d);
                                        for (std::size_t i = 0; i < dp.size(); ++i)
                                          dp[i] = slip * gradients.values()[i];
                                      },
                                      {.entries = 40}, pursuit::check::Input{"x", x},
                                      pursuit::check::Input{"parameters", parameters});
    };
    const auto right = check(1);
    INFO(right);
    CHECK(right.worst < 1e-7);
    CHECK(check(1.05).worst > 1e-3);
  }
};
