// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/convolution.hpp>
#include <pursuit/kernels/network.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace pursuit::inline v0::kernels {

inline void convolution(const TensorView<const float, 4>& x, const TensorView<const float, 4>& w,
                        const TensorView<const float, 1>& bias, const ConvolutionOptions& options,
                        const TensorView<float, 4>& y) {
  require_shape("kernels::convolution", "output", y.shape,
                convolution_shape("kernels::convolution", x.shape, w.shape, options));
  if (bias.data != nullptr) require_shape("kernels::convolution", "bias", bias.shape, {w.shape[0]});
  Node node{.kind = Node::Kind::convolution, .reads = {Value{0}}, .convolution = options};
  node.weight = make_tensor<float, 4>(w.shape);
  std::copy(w.begin(), w.end(), node.weight.data());
  if (bias.data != nullptr) {
    node.bias = make_tensor<float, 1>(bias.shape);
    std::copy(bias.begin(), bias.end(), node.bias.data());
  }
  NetworkDefinition definition(static_cast<int>(x.shape[1]));
  definition.output(definition.append(std::move(node)));
  Network<Cpu> network(std::make_shared<PackedNetwork<Cpu>>(std::move(definition)), x.shape);
  network.execute(x);
  const auto result = network.output(0);
  std::copy(result.begin(), result.end(), y.begin());
}

}  // namespace pursuit::inline v0::kernels
