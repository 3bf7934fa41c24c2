// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/features.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/local_response_norm.hpp>
#include <pursuit/nn/plan.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>

#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// The layers of DCFNet's features: two convolutions that keep the size, and local response normalisation.
inline auto dcf_net_layers() {
  return nn::Sequential(nn::Conv2d<float>(3, 32, 3, {.padding = 1}), nn::ReLU{},
                        nn::Conv2d<float>(32, 32, 3, {.padding = 1}), nn::LocalResponseNorm{});
}

/// The features of DCFNet: as many cells as pixels.
///
/// Shapes  patches (N, 3, h, w) -> (N, 32, h, w).
/// Units   stride 1 pixel of the patch. Pixels are BGR minus (104, 117, 123).
/// Ref     Wang et al. 2017; foolwood/DCFNet_pytorch.
class DcfNetFeatures {
 public:
  static constexpr int channels = 32;

  /// Throws FileError where a tensor is missing or has another shape.
  explicit DcfNetFeatures(const Weights& weights, const std::string& prefix = "feature.")
      : plan_(compile(weights, prefix)) {}

  /// The tensors that the network needs.
  static std::vector<TensorSpec> tensors(const std::string& prefix = "feature.") {
    auto layers = dcf_net_layers();
    return nn::tensor_specs(layers, prefix);
  }

  PixelFormat pixels() const { return {.order = PixelOrder::bgr, .mean = {104, 117, 123}}; }

  FeatureMaps<> extract(const TensorView<const float, 4>& patches) {
    plan_.run(patches);
    FeatureMaps<> maps;
    maps.add({plan_.output(), 1.0});
    return maps;
  }

 private:
  static nn::Plan<> compile(const Weights& weights, const std::string& prefix) {
    auto layers = dcf_net_layers();
    nn::load(layers, weights, prefix);
    return nn::Plan<>::of(layers, 3);
  }

  nn::Plan<> plan_;
};

}  // namespace pursuit::inline v0
