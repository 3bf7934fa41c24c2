// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/backbone/network_features.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/local_response_norm.hpp>
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
class DcfNetFeatures : public NetworkFeatures {
 public:
  static constexpr int channels = 32;
  static constexpr const char* published_prefix = "feature.";  ///< of the tensors' names

  /// Throws FileError where a tensor is missing or has another shape.
  explicit DcfNetFeatures(const Weights& weights, const std::string& prefix = published_prefix,
                          Precision precision = Precision::float32)
      : NetworkFeatures(dcf_net_layers(), weights, prefix, 1, precision) {}

  /// The tensors that the network needs.
  static std::vector<TensorSpec> tensors(const std::string& prefix = published_prefix) {
    auto layers = dcf_net_layers();
    return nn::tensor_specs(layers, prefix);
  }

  static PixelFormat pixels() { return {.order = PixelOrder::bgr, .mean = {104, 117, 123}}; }
};

}  // namespace pursuit::inline v0
