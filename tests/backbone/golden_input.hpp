// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/io/weights.hpp>

#include <support/weight_files.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

/// A file of tests/golden, made by networks.py there.
inline pursuit::Weights golden(const std::string& name) {
  return load_weights(std::string(PURSUIT_SOURCE_DIR) + "/tests/golden/" + name);
}

/// Whole numbers of 0 to 255, as pixels() in networks.py makes them.
inline pursuit::Tensor<float, 4> golden_pixels(std::uint64_t seed, const pursuit::Shape<4>& shape) {
  auto t = pursuit::make_tensor<float, 4>(shape);
  pursuit::Random random(seed);
  for (std::size_t i = 0; i < t.size(); ++i) t.data()[i] = static_cast<float>(std::floor(256 * random.uniform()));
  return t;
}

/// The largest difference between every step-th value of `x` and `expected`, as a share of the largest expected one.
inline double golden_difference(const pursuit::TensorView<const float, 4>& x, pursuit::Index step,
                                const pursuit::Tensor<float, 1>& expected) {
  double difference = 0, magnitude = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference = std::max<double>(difference, std::abs(x.data[static_cast<pursuit::Index>(i) * step] - expected(i)));
    magnitude = std::max<double>(magnitude, std::abs(expected(i)));
  }
  return difference / magnitude;
}
