// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/network_definition.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace pursuit::inline v0::kernels {

/// (A B, A b + a): the weights (O, P, 1, 1) of a convolution of 1 x 1, of whose P inputs those from `first` on are the
/// outputs of another one (M, C, 1, 1) with bias b, as weights (O, P - M + C, 1, 1) that take its inputs instead. The
/// sums are made in double.
struct ProductOfPointwise {
  Tensor<float, 4> weight;
  Tensor<float, 1> bias;

  /// `a_bias` and `b_bias` may have no numbers.
  ProductOfPointwise(TensorView<const float, 4> a, TensorView<const float, 1> a_bias, TensorView<const float, 4> b,
                     TensorView<const float, 1> b_bias, Index first = 0)
      : weight(make_tensor<float, 4>({a.shape[0], a.shape[1] - b.shape[0] + b.shape[1], 1, 1})),
        bias(make_tensor<float, 1>({a.shape[0]})) {
    const Index middle = b.shape[0], inputs = b.shape[1];
    float* to = weight.data();
    for (Index o = 0; o < a.shape[0]; ++o) {
      const float* row = a.data + o * a.shape[1];
      to = std::copy_n(row, first, to);
      for (Index c = 0; c < inputs; ++c) {
        double sum = 0;
        for (Index m = 0; m < middle; ++m) sum += static_cast<double>(row[first + m]) * b.data[m * inputs + c];
        *to++ = static_cast<float>(sum);
      }
      to = std::copy(row + first + middle, row + a.shape[1], to);
      double sum = a_bias.data != nullptr && a_bias.size() != 0 ? a_bias(o) : 0;
      if (b_bias.data != nullptr && b_bias.size() != 0)
        for (Index m = 0; m < middle; ++m) sum += static_cast<double>(row[first + m]) * b_bias(m);
      bias(o) = static_cast<float>(sum);
    }
  }
};

/// Makes one convolution of 1 x 1 of two where nothing lies between them (or only a concatenation) and that takes fewer
/// multiplications. Where the weights of the second one are given later, what they are to be multiplied with is left in
/// `weight` and `weight_bias` of its node. Operations that nobody reads any more stay, without operands.
inline NetworkDefinition fold_pointwise(NetworkDefinition d) {
  const auto is_pointwise = [](const Node& n) {
    const Shape<4> w = n.kind == Node::Kind::convolution ? n.weight_shape() : Shape<4>{};
    return w[2] == 1 && w[3] == 1 && n.convolution.groups == 1 && n.convolution.padding == 0;
  };
  // The channels of v are made linearly, for this one reader, and it takes less to make them together with `outputs`.
  const auto is_folded = [&](Value v, Index outputs) {
    const Node& n = d[v];
    if (!is_pointwise(n) || n.convolution.stride != 1 || n.given || n.reads.size() != 1 ||
        n.activation != Activation::none || d.readers(v) != 1)
      return false;
    const Shape<4> w = n.weight_shape();
    return outputs * w[1] < outputs * w[0] + w[0] * w[1];
  };
  const auto remove = [&](Value v) {
    d[v].reads.clear();
    d[v].weight = {};
    d[v].bias = {};
  };
  const auto fold = [&](Node& n, Value inner, Index first) {
    ProductOfPointwise product(n.weight, n.bias, d[inner].weight, d[inner].bias, first);
    n.weight = std::move(product.weight);
    n.bias = std::move(product.bias);
  };

  for (std::size_t i = 1; i < d.nodes().size(); ++i) {
    Node& n = d[Value{i}];
    if (n.reads.empty() || !is_pointwise(n)) continue;
    const Index outputs = n.weight_shape()[0];
    const Value before = n.reads[0];
    if (n.given && n.convolution.stride != 1) continue;
    if (is_folded(before, outputs)) {
      if (n.given) {
        n.weight = std::move(d[before].weight);
        n.weight_bias = std::move(d[before].bias);
      } else {
        fold(n, before, 0);
      }
      n.reads[0] = d[before].reads[0];
      remove(before);
    } else if (d[before].kind == Node::Kind::concatenate && d.readers(before) == 1 && !n.given) {
      Index first = 0;
      for (Value& part : d[before].reads) {
        if (is_folded(part, outputs)) {
          fold(n, part, first);
          d[before].channels += d[d[part].reads[0]].channels - d[part].channels;
          const Value folded = std::exchange(part, d[part].reads[0]);
          remove(folded);
        }
        first += d[part].channels;
      }
    }
  }
  return d;
}

}  // namespace pursuit::inline v0::kernels
