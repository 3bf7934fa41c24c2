// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/window.hpp>
#include <pursuit/loss/response_l2.hpp>
#include <pursuit/nn/filter_layer.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/train/dcf_pairs.hpp>
#include <pursuit/train/learning_task.hpp>
#include <pursuit/train/pair_task.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace pursuit::inline v0 {

/// What a FilterTask learns towards.
struct FilterTaskOptions {
  double regularization = 1e-4;  ///< of the filter
  double padding = 3;            ///< patch over target, per side
  double sigma = 0.1;            ///< of the label, of the target's size
  bool window = true;            ///< features are faded out towards the border, as in the tracker; published: false
  std::string prefix = "feature.";
};

/// Trains DCFNet's network (a LearningTask): a correlation filter that is solved on one patch should respond on the
/// other where the target is, and gradients go through the solution (nn::FilterLayer). Features have the patch's size.
///
///     f = network(patch) hann;   g = response of f(search) to the filter of f(target);   L = loss::ResponseL2(g, y)
///
/// y is a bell around the target's displacement, wrapped. Ref  Wang et al. 2017; foolwood/DCFNet_pytorch.
template <class Network>
class FilterTask : public PairTask<FilterPair> {
 public:
  using Options = FilterTaskOptions;

  /// The network must stay where it is while the task is used. `draw` and `draw_validation` (empty: the same) are
  /// called from several threads at once.
  FilterTask(Network& network, Draw draw, Options options = {}, Draw draw_validation = {})
      : PairTask(network, options.prefix, std::move(draw), std::move(draw_validation)),
        network_(&network),
        options_(std::move(options)),
        filter_(nn::FilterOptions{.regularization = options_.regularization, .context = 0}) {}

  LossValues learn(std::span<const FilterPair> pairs) {
    const LossValues values = forward(pairs, true);
    AlignedVector<float> d_response(response_.size());
    loss_.gradient(response_, label_, d_response);
    const auto dz = d_features(0), dx = d_features(1);
    const Shape<4>& shape = dz.shape;
    filter_.backward({d_response.data(), {shape[0], 1, shape[2], shape[3]}}, filter_cache_, dx,
                     {dz.data, {shape[0], 1, 1, shape[1], shape[2], shape[3]}});
    fade(dz, dz);
    fade(dx, dx);
    backward_features();
    return values;
  }
  LossValues measure(std::span<const FilterPair> pairs) { return forward(pairs, false); }
  template <class Visit>
  void tensors(Visit&& visit) {
    nn::visit_tensors(*network_, visit, options_.prefix);
  }

 private:
  LossValues forward(std::span<const FilterPair> pairs, bool learning) {
    forward_features(pairs, &FilterPair::target, &FilterPair::search, learning);
    for (std::size_t i = 0; i < 2; ++i) {
      const auto f = features(i);
      faded_[i].resize(static_cast<std::size_t>(f.size()));
      fade(f, {faded_[i].data(), f.shape});
    }
    const Shape<4> shape = features(0).shape;
    const Index n = shape[0], h = shape[2], w = shape[3];
    make_labels(pairs, h, w);
    response_.resize(label_.size());
    const float weight = 1;
    filter_.forward({faded_[1].data(), shape}, {faded_[0].data(), {n, 1, 1, shape[1], h, w}},
                    {middle_label_.data(), {n, 1, h, w}}, std::span(&weight, 1), filter_cache_,
                    {response_.data(), {n, 1, h, w}});
    loss_.maps = static_cast<int>(n);
    const auto value = static_cast<double>(loss_.value(response_, label_));
    return {value, {{"response", value}}};
  }

  /// y = x times the window.
  void fade(const TensorView<const float, 4>& x, const TensorView<float, 4>& y) {
    const Index cells = x.shape[2] * x.shape[3];
    if (window_shape_ != Shape<2>{x.shape[2], x.shape[3]}) {
      window_shape_ = {x.shape[2], x.shape[3]};
      window_.assign(static_cast<std::size_t>(cells), 1.0F);
      if (options_.window) kernels::hann({window_.data(), window_shape_});
    }
    parallel_for(x.shape[0] * x.shape[1], [&](Index m) {
      const float *const from = x.data + m * cells, *const w = window_.data();
      float* const to = y.data + m * cells;
      for (Index i = 0; i < cells; ++i) to[i] = from[i] * w[i];
    });
  }

  void make_labels(std::span<const FilterPair> pairs, Index h, Index w) {
    const double share = options_.sigma / options_.padding;
    const double sigma_y = share * static_cast<double>(h), sigma_x = share * static_cast<double>(w);
    const auto size = static_cast<std::size_t>(h * w);
    label_.resize(pairs.size() * size);
    middle_label_.resize(label_.size());
    for (std::size_t n = 0; n < pairs.size(); ++n) {
      kernels::gaussian_label({middle_label_.data() + n * size, {h, w}}, sigma_y, sigma_x);
      kernels::gaussian_label({label_.data() + n * size, {h, w}}, sigma_y, sigma_x, pairs[n].displacement);
    }
  }

  Network* network_;
  Options options_;
  nn::FilterLayer<float> filter_;
  loss::ResponseL2<float> loss_{};

  nn::FilterLayer<float>::Cache filter_cache_;
  std::array<AlignedVector<float>, 2> faded_;
  AlignedVector<float> response_, label_, middle_label_, window_;
  Shape<2> window_shape_{};
};

}  // namespace pursuit::inline v0
