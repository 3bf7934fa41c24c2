// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/buffer.hpp>
#include <pursuit/core/precision.hpp>
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
  ExemplarPlan(const Branch& branch, int channels, Precision precision = Precision::float32)
      : exemplar_(exemplar_definition(branch, channels), precision),
        search_(Plan<>::of(branch, channels, precision)),
        comparisons_(branch.comparisons()) {}

  /// Learns the exemplar z (1, C, h, w). Throws ShapeError where it has not the size that the layers are made for.
  void init(const TensorView<const float, 4>& z) {
    exemplar_.run(z);
    learned_.resize(comparisons_.size());
    for (std::size_t slot = 0; slot < comparisons_.size(); ++slot) {
      const auto given = weights(exemplar_.output(slot), comparisons_[slot]);
      learned_[slot].exemplar.assign(given.begin(), given.end());
      search_.give(slot, given);
    }
    others_weight_ = 0;
  }

  /// Takes another thing d of the exemplar's shape into the running mean of all others since init(), with a weight
  /// above zero. The search side changes with the next blend(). Throws Error before init().
  void add_other(const TensorView<const float, 4>& d, double weight) {
    if (learned_.empty()) throw Error("nn::ExemplarPlan::add_other: there is no exemplar yet: call init(z) first");
    exemplar_.run(d);
    others_weight_ += weight;
    const auto share = static_cast<float>(weight / others_weight_);
    for (std::size_t slot = 0; slot < comparisons_.size(); ++slot) {
      const auto given = weights(exemplar_.output(slot), comparisons_[slot]);
      std::vector<float>& mean = learned_[slot].others;
      mean.resize(learned_[slot].exemplar.size());
      if (share == 1) std::ranges::fill(mean, 0.0F);  // the first one
      for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += share * (given.data[i] - mean[i]);
    }
  }

  /// Compares with `keep` times the exemplar's weights and `add` times the mean of the others'. A correlation is
  /// linear in its weights, so this one pass answers keep f(z, x) + add f(others, x). Throws Error before add_other().
  void blend(double keep, double add) {
    if (others_weight_ <= 0) throw Error("nn::ExemplarPlan::blend: nothing to blend with: call add_other(d) first");
    const auto a = static_cast<float>(keep), b = static_cast<float>(add);
    for (std::size_t slot = 0; slot < comparisons_.size(); ++slot) {
      const Learned& learned = learned_[slot];
      const auto out = weights_.view(weight_shape(exemplar_.output(slot).shape, comparisons_[slot]));
      for (std::size_t i = 0; i < learned.exemplar.size(); ++i)
        out.data[i] = a * learned.exemplar[i] + b * learned.others[i];
      search_.give(slot, out);
    }
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

  static Index compared(Index cells, const Comparison& how) {
    return how.side > 0 ? std::min<Index>(how.side, cells) : cells;
  }

  static Shape<4> weight_shape(const Shape<4>& z, const Comparison& how) {
    const Index h = compared(z[2], how), w = compared(z[3], how);
    switch (how.kind) {
      case Comparison::Kind::pixelwise: return {h * w, z[1], 1, 1};
      case Comparison::Kind::full: return {z[1] / how.channels, how.channels, h, w};
      case Comparison::Kind::depthwise: break;
    }
    return {z[1], 1, h, w};
  }

  TensorView<const float, 4> weights(const TensorView<const float, 4>& z, const Comparison& how) {
    const Index channels = z.shape[1], h = compared(z.shape[2], how), w = compared(z.shape[3], how);
    const Index top = (z.shape[2] - h) / 2, left = (z.shape[3] - w) / 2;
    const bool pixelwise = how.kind == Comparison::Kind::pixelwise;
    const auto out = weights_.view(weight_shape(z.shape, how));
    for (Index c = 0; c < channels; ++c)
      for (Index i = 0; i < h; ++i)
        for (Index j = 0; j < w; ++j)
          out.data[pixelwise ? (i * w + j) * channels + c : (c * h + i) * w + j] = z(0, c, top + i, left + j);
    return out;
  }

  struct Learned {
    std::vector<float> exemplar, others;  // weights; those of others are a mean
  };

  Plan<> exemplar_, search_;
  std::vector<Comparison> comparisons_;
  std::vector<Learned> learned_;  // by slot
  double others_weight_ = 0;
  Buffer<float> weights_;
};

}  // namespace pursuit::inline v0::nn
