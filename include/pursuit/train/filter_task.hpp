// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/window.hpp>
#include <pursuit/loss/response_l2.hpp>
#include <pursuit/nn/filter_layer.hpp>
#include <pursuit/nn/gradients.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/training_plan.hpp>
#include <pursuit/train/dcf_pairs.hpp>
#include <pursuit/train/learning_task.hpp>
#include <pursuit/train/patch_batch.hpp>

#include <array>
#include <cstddef>
#include <functional>
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
class FilterTask {
 public:
  using Example = FilterPair;
  using Options = FilterTaskOptions;
  using Draw = std::function<FilterPair(Random&)>;

  /// The network must stay where it is while the task is used. `draw` and `draw_validation` (empty: the same) are
  /// called from several threads at once.
  FilterTask(Network& network, Draw draw, Options options = {}, Draw draw_validation = {})
      : network_(&network),
        draw_(std::move(draw)),
        draw_validation_(std::move(draw_validation)),
        options_(std::move(options)),
        features_(network),
        filter_(nn::FilterOptions{.regularization = options_.regularization, .context = 0}) {
    gradients_.add(network, options_.prefix);
  }

  FilterPair draw(Random& random) const { return draw_(random); }
  FilterPair draw_validation(Random& random) const {
    return draw_validation_ ? draw_validation_(random) : draw_(random);
  }
  LossValues learn(std::span<const FilterPair> pairs) {
    const LossValues values = forward(pairs, true);
    const Shape<4> shape = caches_[0].output().shape;
    AlignedVector<float> d_response(response_.size());
    loss_.gradient(response_, label_, d_response);
    for (auto& d : d_) d.resize(static_cast<std::size_t>(volume(shape)));
    const TensorView<float, 4> dz(d_[0].data(), shape), dx(d_[1].data(), shape);
    filter_.backward({d_response.data(), {shape[0], 1, shape[2], shape[3]}}, filter_cache_, dx,
                     {dz.data, {shape[0], 1, 1, shape[1], shape[2], shape[3]}});
    fade(dz, dz);
    fade(dx, dx);
    for (std::size_t i = 0; i < 2; ++i) {
      features_.backward({TensorView<const float, 4>(d_[i].data(), shape)}, caches_[i], gradients_);
      features_.gather_statistics(caches_[i]);
    }
    return values;
  }
  LossValues measure(std::span<const FilterPair> pairs) { return forward(pairs, false); }
  nn::Gradients<float>& gradients() { return gradients_; }
  template <class Visit>
  void tensors(Visit&& visit) {
    nn::visit_tensors(*network_, visit, options_.prefix);
  }

 private:
  LossValues forward(std::span<const FilterPair> pairs, bool learning) {
    images_[0].fill(pairs, &FilterPair::target);
    images_[1].fill(pairs, &FilterPair::search);
    for (std::size_t i = 0; i < 2; ++i) {
      features_.forward(images_[i].view(), caches_[i], !learning);
      const auto f = caches_[i].output();
      faded_[i].resize(static_cast<std::size_t>(f.size()));
      fade(f, {faded_[i].data(), f.shape});
    }
    const Shape<4> shape = caches_[0].output().shape;
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
  Draw draw_, draw_validation_;
  Options options_;
  nn::TrainingPlan<float> features_;
  nn::FilterLayer<float> filter_;
  nn::Gradients<float> gradients_;
  loss::ResponseL2<float> loss_{};

  std::array<PatchBatch, 2> images_;  // with the target in the middle, and to be searched
  std::array<nn::TrainingCache<float>, 2> caches_;
  nn::FilterLayer<float>::Cache filter_cache_;
  std::array<AlignedVector<float>, 2> faded_, d_;
  AlignedVector<float> response_, label_, middle_label_, window_;
  Shape<2> window_shape_{};
};

}  // namespace pursuit::inline v0
