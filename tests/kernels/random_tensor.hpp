// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

/// Uniform numbers in [-1, 1).
template <std::size_t N>
pursuit::Tensor<float, N> random_tensor(const pursuit::Shape<N>& shape, std::uint64_t seed) {
  auto t = pursuit::make_tensor<float, N>(shape);
  pursuit::Random random(seed);
  for (std::size_t i = 0; i < t.size(); ++i) t.data()[i] = static_cast<float>(random.uniform(-1, 1));
  return t;
}

template <std::size_t N>
pursuit::Tensor<double, N> as_double(const pursuit::Tensor<float, N>& x) {
  return pursuit::Tensor<double, N>(x);
}

/// The largest difference, as a share of the largest value of `b`.
template <class A, class B>
double relative_difference(const A& a, const B& b) {
  double difference = 0, magnitude = 0;
  const auto* x = a.data;
  const auto* y = b.data;
  for (pursuit::Index i = 0; i < b.size(); ++i) {
    difference = std::max(difference, std::abs(static_cast<double>(x[i]) - static_cast<double>(y[i])));
    magnitude = std::max(magnitude, std::abs(static_cast<double>(y[i])));
  }
  return difference / magnitude;
}
