// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::kernels {

/// What a squeeze-excitation learns, and how its factors are kept between 0 and 1.
///
///     m[c]   = mean over all cells of x[c]
///     h[k]   = max(sum_c reduce[k, c] m[c] + reduce_bias[k], 0)
///     g[c]   = gate(sum_k expand[c, k] h[k] + expand_bias[c])
///     y[c]   = g[c] x[c]
///
/// Shapes  reduce (K, C), reduce_bias (K), expand (C, K), expand_bias (C).
/// Ref     Hu et al. 2018; Howard et al. 2019 (hard sigmoid).
struct SqueezeExcitation {
  enum class Gate {
    sigmoid,      ///< 1 / (1 + exp(-v))
    hard_sigmoid  ///< min(max(v + 3, 0), 6) / 6
  };

  Tensor<float, 2> reduce{};
  Tensor<float, 1> reduce_bias{};
  Tensor<float, 2> expand{};
  Tensor<float, 1> expand_bias{};
  Gate gate = Gate::hard_sigmoid;

  std::size_t channels() const { return expand.shape()[0]; }
  std::size_t hidden() const { return reduce.shape()[0]; }
};

}  // namespace pursuit::inline v0::kernels
