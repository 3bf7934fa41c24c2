// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/buffer.hpp>
#include <pursuit/nn/plan.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace pursuit::inline v0::nn {

/// How a map of exemplar features becomes the weights of a correlation.
struct Comparison {
  enum class Kind {
    pixelwise,  ///< (1, C, h, w) -> (h w, C, 1, 1): each cell is compared on its own
    depthwise,  ///< (1, C, h, w) -> (C, 1, h, w): each channel is compared on its own
    full        ///< (1, O C, h, w) -> (O, C, h, w), C being the channels of the search features
  };
  Kind kind = Kind::depthwise;
  int side = 0;      ///< only the middle side x side cells are compared; 0: all
  int channels = 0;  ///< C of `full`
};

/// A network with two inputs, exemplar and search features, which meet in correlations only. The exemplar's side runs
/// once for each target and leaves weights behind; the search side is a plan with given weights.
///
/// `Branch` holds the layers:
///
///     compile_exemplar(builder, z)   a std::vector of values, one for each correlation, in the order of its slots
///     compile(builder, x)            the search side, which contains the correlations (nn::Correlation)
///     comparisons()                  how the exemplar's values become weights, one for each slot
///
/// Copies share packed layers, and have exemplars of their own.
template <class Branch>
class ExemplarPlan {
 public:
  ExemplarPlan(const Branch& branch, int channels)
      : exemplar_(exemplar_definition(branch, channels)),
        search_(Plan<>::of(branch, channels)),
        comparisons_(branch.comparisons()) {}

  /// Learns the exemplar z (1, C, h, w). Throws ShapeError where it has not the size that the layers are made for.
  void init(const TensorView<const float, 4>& z) {
    exemplar_.run(z);
    for (std::size_t slot = 0; slot < comparisons_.size(); ++slot)
      search_.give(slot, weights(exemplar_.output(slot), comparisons_[slot]));
  }

  /// Search features x (N, C, H, W); the result is the plan's and lives until the next call. Throws Error before
  /// init().
  TensorView<const float, 4> run(const TensorView<const float, 4>& x) {
    search_.run(x);
    return search_.output();
  }

 private:
  static kernels::NetworkDefinition exemplar_definition(const Branch& branch, int channels) {
    PlanBuilder builder(channels);
    for (const auto value : branch.compile_exemplar(builder, builder.input())) builder.output(value);
    return builder.take();
  }

  TensorView<const float, 4> weights(const TensorView<const float, 4>& z, const Comparison& how) {
    const Index channels = z.shape[1], height = z.shape[2], width = z.shape[3];
    const Index h = how.side > 0 ? std::min<Index>(how.side, height) : height;
    const Index w = how.side > 0 ? std::min<Index>(how.side, width) : width;
    const Index top = (height - h) / 2, left = (width - w) / 2;
    const bool pixelwise = how.kind == Comparison::Kind::pixelwise;
    const bool full = how.kind == Comparison::Kind::full;
    const auto out = weights_.view(pixelwise ? Shape<4>{h * w, channels, 1, 1}
                                   : full    ? Shape<4>{channels / how.channels, how.channels, h, w}
                                             : Shape<4>{channels, 1, h, w});
    for (Index c = 0; c < channels; ++c)
      for (Index i = 0; i < h; ++i)
        for (Index j = 0; j < w; ++j)
          out.data[pixelwise ? (i * w + j) * channels + c : (c * h + i) * w + j] = z(0, c, top + i, left + j);
    return out;
  }

  Plan<> exemplar_, search_;
  std::vector<Comparison> comparisons_;
  Buffer<float> weights_;
};

}  // namespace pursuit::inline v0::nn
