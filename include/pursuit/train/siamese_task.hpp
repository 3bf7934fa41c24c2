// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/loss/logistic.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/training_plan.hpp>
#include <pursuit/train/learning_task.hpp>
#include <pursuit/train/pair_task.hpp>
#include <pursuit/train/siamfc_pairs.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

namespace pursuit::inline v0 {

/// What a SiameseTask learns towards.
struct SiameseTaskOptions {
  double scale = 0.001;    ///< of the response, as in the tracker
  double radius = 2;       ///< cells from the middle, across and down together, that count as the target
  double momentum = 0.05;  ///< share of a batch in batch norm's statistics
  std::string prefix = "backbone.";
};

/// Trains SiamFC's network (a LearningTask): the response of a search patch to its exemplar should be positive in the
/// middle, where the target is, and negative elsewhere.
///
///     r[n,i,j] = scale * sum_{c,u,v} z[n,c,u,v] x[n,c,i+u,j+v]
///     y[i,j]   = 1 where |i - middle| + |j - middle| <= radius, 0 elsewhere
///
/// Both patches go through the same network, each with batch statistics of its own. The loss is loss::Logistic.
/// Ref  Bertinetto et al. 2016; huanglianghua/siamfc-pytorch.
template <class Network>
class SiameseTask : public PairTask<SiamesePair> {
 public:
  using Options = SiameseTaskOptions;

  /// The network must stay where it is while the task is used. `draw` and `draw_validation` (empty: the same) are
  /// called from several threads at once.
  SiameseTask(Network& network, Draw draw, Options options = {}, Draw draw_validation = {})
      : PairTask(network, options.prefix, std::move(draw), std::move(draw_validation)),
        network_(&network),
        options_(std::move(options)),
        response_(response_plan(options_.scale)) {}

  LossValues learn(std::span<const SiamesePair> pairs) {
    const LossValues values = forward(pairs, true);
    const auto r = response_cache_.output();
    d_response_.resize(static_cast<std::size_t>(r.size()));
    loss_.gradient({r.data, d_response_.size()}, label_, d_response_);
    const std::array d{d_features(0), d_features(1)};
    const TensorView<const float, 4> dr(d_response_.data(), r.shape);
    response_.backward(std::span(&dr, 1), response_cache_, gradients(), d);
    backward_features(options_.momentum);
    return values;
  }
  LossValues measure(std::span<const SiamesePair> pairs) { return forward(pairs, false); }
  template <class Visit>
  void tensors(Visit&& visit) {
    nn::visit_tensors(*network_, visit, options_.prefix);
  }

 private:
  static nn::TrainingPlan<float> response_plan(double scale) {
    nn::TrainingBuilder<float> builder(2);
    builder.output(builder.cross_correlation(builder.input(0), builder.input(1), scale));
    return nn::TrainingPlan<float>(std::move(builder));
  }

  LossValues forward(std::span<const SiamesePair> pairs, bool learning) {
    forward_features(pairs, &SiamesePair::exemplar, &SiamesePair::search, learning);
    response_.forward({features(0), features(1)}, response_cache_);
    const auto r = response_cache_.output();
    make_label(r.shape);
    const auto value = static_cast<double>(loss_.value({r.data, static_cast<std::size_t>(r.size())}, label_));
    return {value, {{"logistic", value}}};
  }

  void make_label(const Shape<4>& r) {
    label_.clear();
    for (Index n = 0; n < r[0]; ++n)
      for (Index i = 0; i < r[2]; ++i)
        for (Index j = 0; j < r[3]; ++j) {
          const double away = std::abs(static_cast<double>(2 * i + 1 - r[2])) +
                              std::abs(static_cast<double>(2 * j + 1 - r[3]));  // in half cells
          label_.push_back(away <= 2 * options_.radius ? 1.0F : 0.0F);
        }
  }

  Network* network_;
  Options options_;
  nn::TrainingPlan<float> response_;
  loss::Logistic<float> loss_;

  nn::TrainingCache<float> response_cache_;
  AlignedVector<float> d_response_, label_;
};

}  // namespace pursuit::inline v0
