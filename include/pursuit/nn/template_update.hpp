// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/buffer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/nn/layer_list.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/plan.hpp>

#include <algorithm>
#include <concepts>
#include <string>
#include <vector>

namespace pursuit::inline v0::nn {

/// How the features of an exemplar go with the target.
///
///   init(z)   forgets everything and begins with z (1, C, h, w)
///   next(z)   the exemplar to use from now on, where the target looks like z, which has the same shape; the memory is
///             the rule's and lives until its next call
template <class R>
concept TemplateRule = std::copyable<R> && requires(R& rule, const TensorView<const float, 4>& z) {
  rule.init(z);
  { rule.next(z) } -> std::convertible_to<TensorView<const float, 4>>;
};

/// A running mean: exemplar = (1 - rate) exemplar + rate z. Published rate: that of Zhang et al. 2019.
class LinearTemplate {
 public:
  explicit LinearTemplate(double rate = 0.0102) : rate_(rate) {}

  void init(const TensorView<const float, 4>& z) {
    const auto exemplar = exemplar_.view(z.shape);
    std::copy(z.begin(), z.end(), exemplar.begin());
    shape_ = z.shape;
  }

  TensorView<const float, 4> next(const TensorView<const float, 4>& z) {
    require_shape("nn::LinearTemplate", "features", z.shape, shape_);
    const auto exemplar = exemplar_.view(shape_);
    const auto rate = static_cast<float>(rate_);
    for (Index i = 0; i < exemplar.size(); ++i) exemplar.data[i] += rate * (z.data[i] - exemplar.data[i]);
    return exemplar;
  }

 private:
  double rate_;
  Buffer<float> exemplar_;
  Shape<4> shape_{};
};

/// A small network that was trained to say what the exemplar should be by now.
///
///     exemplar = first + W_2 relu(W_0 [first, exemplar before, z])        W: convolutions of 1 x 1
///
/// Shapes  (1, C, h, w); C to 3 C / 8 channels inside, as published for 512 and 256 channels.
/// Names   update.0, update.2, as in the published files.
/// Ref     Zhang et al. 2019, "Learning the Model Update for Siamese Trackers".
class UpdateNet {
 public:
  /// Throws FileError where a tensor is missing or has another shape.
  UpdateNet(const Weights& weights, int channels, const std::string& prefix = "",
            Precision precision = Precision::float32)
      : plan_(compile(weights, channels, prefix, precision)), channels_(channels) {}

  /// The tensors that the network needs.
  static std::vector<TensorSpec> tensors(int channels, const std::string& prefix = "") {
    Layers layers(channels);
    return tensor_specs(layers, prefix);
  }

  void init(const TensorView<const float, 4>& z) {
    require_shape("nn::UpdateNet", "features", z.shape, {1, channels_, z.shape[2], z.shape[3]});
    shape_ = z.shape;
    const auto all = all_.view(Shape<4>{1, 3 * channels_, z.shape[2], z.shape[3]});
    for (Index part = 0; part < 3; ++part) std::copy(z.begin(), z.end(), all.data + part * z.size());
  }

  TensorView<const float, 4> next(const TensorView<const float, 4>& z) {
    require_shape("nn::UpdateNet", "features", z.shape, shape_);
    const auto all = all_.view(Shape<4>{1, 3 * channels_, z.shape[2], z.shape[3]});
    std::copy(z.begin(), z.end(), all.data + 2 * z.size());
    plan_.run(all);
    const auto exemplar = plan_.output();
    std::copy(exemplar.begin(), exemplar.end(), all.data + z.size());
    return exemplar;
  }

 private:
  struct Layers {
    explicit Layers(int c)
        : channels(c), update{Conv2d<float>(3 * c, 3 * c / 8, 1), ReLU{}, Conv2d<float>(3 * c / 8, c, 1)} {}

    template <class Visit>
    void parts(Visit&& visit) {
      visit("update.", update);
    }

    template <class Builder>
    typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
      const auto first = builder.slice(x, 0, channels);
      return builder.add(update.compile(builder, x), first);
    }

    int channels;
    LayerList update;
  };

  static Plan<> compile(const Weights& weights, int channels, const std::string& prefix, Precision precision) {
    Layers layers(channels);
    load(layers, weights, prefix);
    return Plan<>::of(layers, 3 * channels, precision);
  }

  Plan<> plan_;
  int channels_;
  Buffer<float> all_;  // first, before, now
  Shape<4> shape_{};
};

}  // namespace pursuit::inline v0::nn
