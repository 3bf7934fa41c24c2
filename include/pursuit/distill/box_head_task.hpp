// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/distill/box_batch.hpp>
#include <pursuit/distill/box_head_objective.hpp>
#include <pursuit/distill/box_network.hpp>
#include <pursuit/distill/box_teacher.hpp>
#include <pursuit/kernels/pr_roi_pool.hpp>
#include <pursuit/loss/cfkd.hpp>
#include <pursuit/loss/correlation_filter.hpp>
#include <pursuit/loss/filter_response.hpp>
#include <pursuit/loss/mean_squared.hpp>
#include <pursuit/loss/smooth_l1.hpp>
#include <pursuit/nn/gradients.hpp>
#include <pursuit/nn/training_plan.hpp>
#include <pursuit/train/learning_task.hpp>
#include <pursuit/train/loss_values.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0::distill {

/// Trains a tracker of ATOM's family (a LearningTask): IoU-Net or box regressor, from true boxes, from a teacher
/// (CFKD), or from both. Gradients of all losses go on to the backbone.
///
/// Each patch of a pair is a pass of its own through the backbone, so batch norm's statistics are those of reference
/// patches and of search patches, one after the other, as published. What the head should say is its proposals'
/// overlap (one output) or their change (four): see BoxBatch::truth.
///
/// Ref  Danelljan et al. 2019 (ATOM); Danier 2020 (CFKD); danielism97/CFKD.
template <class Backbone>
class BoxHeadTask {
 public:
  using Example = BoxPair;
  using Objective = BoxHeadObjective;
  using Draw = std::function<BoxPair(Random&)>;

  /// The network must stay where it is while the task is used. `draw` and `draw_validation` (empty: the same) are
  /// called from several threads at once. Throws Error where the objective needs a teacher and there is none, where
  /// nothing learns, or where the teacher's head is of another kind.
  BoxHeadTask(BoxNetwork<Backbone>& network, Draw draw, const Objective& objective = {},
              std::shared_ptr<BoxTeacher> teacher = nullptr, Draw draw_validation = {})
      : network_(&network),
        draw_(std::move(draw)),
        draw_validation_(std::move(draw_validation)),
        objective_(objective),
        teacher_(std::move(teacher)),
        backbone_(blocks_plan(network.backbone)),
        head_(head_plan(network.head)) {
    check();
    if (objective.backbone) gradients_.add(network.backbone, network.backbone_prefix);
    if (objective.head) gradients_.add(network.head, network.head_prefix);
    cfkd_.soft = static_cast<float>(objective.soft);
    cfkd_.hard = static_cast<float>(objective.hard);
    cfkd_.fidelity = static_cast<float>(objective.fidelity);
    cfkd_.filter = static_cast<float>(objective.filter);
    if (objective.maximum_of_map)
      cfkd_.filter_loss = loss::CorrelationFilter<float>(loss::CorrelationFilter<float>::Maximum::of_map);
  }

  BoxPair draw(Random& random) const { return draw_(random); }
  BoxPair draw_validation(Random& random) const { return draw_validation_ ? draw_validation_(random) : draw_(random); }
  /// Throws ShapeError for a single pair where the head learns: its batch norm would have one number for each channel.
  LossValues learn(std::span<const BoxPair> pairs) {
    if (pairs.size() == 1 && objective_.head && answers())
      throw ShapeError("distill::BoxHeadTask: a batch of 1 pair: batch norm needs 2 or more to learn from");
    const LossValues values = forward(pairs, true);
    backward();
    return values;
  }
  LossValues measure(std::span<const BoxPair> pairs) { return forward(pairs, false); }
  nn::Gradients<float>& gradients() { return gradients_; }
  template <class Visit>
  void tensors(Visit&& visit) {
    nn::visit_tensors(*network_, visit);
  }

 private:
  using View = TensorView<const float, 4>;
  using Out = TensorView<float, 4>;
  using Patch = BoxBatch::Patch;
  static constexpr std::size_t blocks = 4;
  static constexpr std::array<double, blocks> strides{2, 4, 8, 16};
  static constexpr std::array<Patch, 2> patches{BoxBatch::reference, BoxBatch::search};

  /// What is known of one block of one patch.
  struct Map {
    AlignedVector<float> d;         // of all losses to what the block gives
    AlignedVector<float> fidelity;  // of that one
    Out view(AlignedVector<float>& memory, const Shape<4>& shape) {
      memory.resize(static_cast<std::size_t>(volume(shape)));
      return {memory.data(), shape};
    }
  };
  /// What a block's correlation needs.
  struct Correlation {
    AlignedVector<float> target, d_target, label;
  };

  void check() const {
    const Objective& o = objective_;
    const bool compares = o.fidelity != 0 || o.filter != 0 || o.response != 0;
    for (const double weight : {o.truth, o.soft, o.hard, o.fidelity, o.filter, o.response})
      if (!(weight >= 0) || !std::isfinite(weight))
        throw Error(concat("distill::BoxHeadTask: a loss of weight ", weight, ": need 0 or more"));
    if (asks_teacher() && teacher_ == nullptr)
      throw Error("distill::BoxHeadTask: the losses soft, hard and fidelity need a teacher");
    if ((o.soft != 0 || o.hard != 0) && teacher_->outputs() != outputs())
      throw Error(concat("distill::BoxHeadTask: the teacher says ", teacher_->outputs(),
                         " numbers about a box, the student ", outputs()));
    if (compares && !o.backbone)
      throw Error("distill::BoxHeadTask: the losses fidelity, filter and response teach the backbone, which is frozen");
    if (!(answers() && (o.backbone || o.head)) && !compares)
      throw Error("distill::BoxHeadTask: no loss has a weight, or none reaches what learns");
  }

  int outputs() const { return network_->head.shape.outputs; }
  bool asks_teacher() const { return objective_.soft != 0 || objective_.hard != 0 || objective_.fidelity != 0; }
  bool answers() const { return objective_.truth != 0 || objective_.soft != 0 || objective_.hard != 0; }

  View block(Patch patch, std::size_t b) const { return caches_[patch].output(b); }

  LossValues forward(std::span<const BoxPair> pairs, bool learning) {
    batch_.fill(pairs);
    for (const Patch p : patches) backbone_.forward(batch_.images(p), caches_[p], !learning || !objective_.backbone);
    if (asks_teacher()) teacher_->look(batch_);
    loss_ = {};
    if (answers()) {
      head_.forward({block(BoxBatch::reference, 2), block(BoxBatch::reference, 3), batch_.reference_boxes(),
                     block(BoxBatch::search, 2), block(BoxBatch::search, 3), batch_.proposals()},
                    head_cache_, !learning || !objective_.head);
      const View y = head_cache_.output();
      d_answer_.resize(static_cast<std::size_t>(y.size()));
      loss_.student = {y.data, d_answer_.size()};
      loss_.truth = batch_.truth(outputs());
      loss_.d_student = d_answer_;
      if (objective_.soft != 0 || objective_.hard != 0) loss_.teacher = teacher_->answer(batch_);
    }
    if (objective_.fidelity != 0) compare();
    if (objective_.filter != 0) correlate();

    const auto v = cfkd_.value(loss_, cfkd_cache_);
    LossValues values{static_cast<double>(v.total), {}};
    const auto part = [&](const char* name, double weight, double value) {
      if (weight != 0) values.parts.emplace_back(name, value);
    };
    if (objective_.truth != 0) {
      const double truth = truth_value();
      values.total += objective_.truth * truth;
      part("truth", objective_.truth, truth);
    }
    part("soft", objective_.soft, static_cast<double>(v.soft));
    part("hard", objective_.hard, static_cast<double>(v.hard));
    part("fidelity", objective_.fidelity, static_cast<double>(v.fidelity));
    part("filter", objective_.filter, static_cast<double>(v.filter));
    if (objective_.response != 0) {
      const double response = respond();
      values.total += objective_.response * response;
      part("response", objective_.response, response);
    }
    return values;
  }

  void compare() {
    for (const Patch p : patches)
      for (std::size_t b = 2; b < blocks; ++b) {
        const View student = block(p, b);
        Map& map = maps_[p][b];
        loss_.compared.push_back({student, teacher_->level(p, b - 2), map.view(map.fidelity, student.shape)});
      }
  }

  /// Pools the target out of each block of the reference patch, of the size that it has in the search patch.
  void correlate() {
    const double size = std::ceil(mean_size(batch_.reference_boxes()));  // published: 58, a fifth of the patch
    for (std::size_t b = 0; b < blocks; ++b) {
      const View from = block(BoxBatch::reference, b), search = block(BoxBatch::search, b);
      int cells = static_cast<int>(std::ceil(size / strides[b]));
      cells += cells % 2 == 0 ? 1 : 0;
      Correlation& c = correlations_[b];
      options_[b] = {cells, cells, 1 / strides[b]};
      const Shape<4> shape{from.shape[0], from.shape[1], cells, cells};
      c.target.resize(static_cast<std::size_t>(volume(shape)));
      c.d_target.resize(c.target.size());
      const Out target(c.target.data(), shape);
      const View boxes = batch_.reference_boxes();
      for (Index n = 0; n < shape[0]; ++n)
        kernels::pr_roi_pool<float>(from[n], {boxes[n].data, {1, 4}}, options_[b], target.slice(n, n + 1));
      const Shape<3> maps{search.shape[0], search.shape[2], search.shape[3]};
      c.label.resize(static_cast<std::size_t>(volume(maps)));
      const TensorView<float, 3> label(c.label.data(), maps);
      loss::response_label(batch_.search_boxes(), strides[b], 0.15, label);
      Map& map = maps_[BoxBatch::search][b];
      loss_.correlated.push_back({target, search, label, Out(c.d_target.data(), shape), map.view(map.d, search.shape)});
    }
  }

  /// The filter's label is a bell of a quarter of the target's size, as the tracker's.
  double respond() {
    const View x = block(BoxBatch::reference, 3), z = block(BoxBatch::search, 3);
    const Shape<3> maps{z.shape[0], z.shape[2], z.shape[3]};
    std::vector<Box> boxes;
    for (Index n = 0; n < maps[0]; ++n) {
      const float* const b = batch_.reference_boxes()[n].data;
      boxes.push_back({b[0], b[1], b[2] - b[0], b[3] - b[1]});
    }
    const double sigma = mean_size(batch_.reference_boxes()) / (4 * static_cast<double>(batch_.side()));
    const auto label = [&](std::span<const Box> of, AlignedVector<float>& to) {
      to.resize(static_cast<std::size_t>(volume(maps)));
      loss::response_label(of, strides[3], sigma, TensorView<float, 3>(to.data(), maps));
      return TensorView<const float, 3>(to.data(), maps);
    };
    const auto first = label(boxes, response_labels_[0]), second = label(batch_.search_boxes(), response_labels_[1]);
    return static_cast<double>(response_.value(x, z, first, second, response_cache_));
  }
  void add_response_gradient() {
    const Shape<4>& shape = block(BoxBatch::search, 3).shape;
    for (auto& d : d_response_) d.resize(static_cast<std::size_t>(volume(shape)));
    response_.gradient(response_cache_, {d_response_[0].data(), shape}, {d_response_[1].data(), shape});
    const auto weight = static_cast<float>(objective_.response);
    for (const Patch p : patches)
      for (std::size_t i = 0; i < d_response_[p].size(); ++i) maps_[p][3].d[i] += weight * d_response_[p][i];
  }

  /// The geometric mean of width and height, over all boxes (N,1,4,1) of corners.
  static double mean_size(const View& boxes) {
    double sum = 0;
    for (Index n = 0; n < boxes.shape[0]; ++n) {
      const float* const b = boxes[n].data;
      sum += std::sqrt(static_cast<double>((b[2] - b[0]) * (b[3] - b[1])));
    }
    return sum / static_cast<double>(boxes.shape[0]);
  }

  double truth_value() const {
    const auto value = [&](const auto& loss) { return static_cast<double>(loss.value(loss_.student, loss_.truth)); };
    return mean_squared() ? value(loss::MeanSquared<float>{}) : value(loss::SmoothL1<float>{});
  }
  void add_truth_gradient() {
    std::vector<float> d(d_answer_.size());
    if (mean_squared())
      loss::MeanSquared<float>{}.gradient(loss_.student, loss_.truth, d);
    else
      loss::SmoothL1<float>{}.gradient(loss_.student, loss_.truth, d);
    const auto weight = static_cast<float>(objective_.truth);
    for (std::size_t i = 0; i < d.size(); ++i) d_answer_[i] += weight * d[i];
  }
  bool mean_squared() const { return objective_.truth_loss == Objective::TruthLoss::mean_squared; }

  void backward() {
    cfkd_.gradient(loss_, cfkd_cache_);
    if (objective_.truth != 0) add_truth_gradient();
    gather_gradients();
    if (objective_.response != 0) add_response_gradient();
    if (answers()) head_backward();
    if (!objective_.backbone) return;
    for (const Patch p : patches) {
      std::vector<View> dy;
      for (std::size_t b = 0; b < blocks; ++b) {
        const bool reached = objective_.filter != 0 || (b > 1 && (answers() || objective_.fidelity != 0)) ||
                             (b == 3 && objective_.response != 0);
        dy.emplace_back(reached ? maps_[p][b].d.data() : nullptr, block(p, b).shape);
      }
      backbone_.backward(dy, caches_[p], gradients_);
      backbone_.gather_statistics(caches_[p]);
    }
  }

  /// Sums up what the losses that look at blocks give to each of them.
  void gather_gradients() {
    if (!objective_.backbone) return;
    for (const Patch p : patches)
      for (std::size_t b = objective_.filter != 0 ? 0 : 2; b < blocks; ++b) {
        Map& map = maps_[p][b];
        const Out d = map.view(map.d, block(p, b).shape);
        const bool written = p == BoxBatch::search && objective_.filter != 0;  // by the loss itself
        if (!written) std::fill(d.begin(), d.end(), 0.0F);
        if (p == BoxBatch::reference && objective_.filter != 0) add_pooled_gradient(b, d);
        if (objective_.fidelity != 0 && b > 1)
          for (Index i = 0; i < d.size(); ++i) d.data[i] += map.fidelity[static_cast<std::size_t>(i)];
      }
  }
  void add_pooled_gradient(std::size_t b, const Out& d) {
    const auto& correlated = loss_.correlated[b];
    const View boxes = batch_.reference_boxes(), d_target = correlated.d_target;
    parallel_for(d.shape[0], [&](Index n) {
      kernels::pr_roi_pool_backward<float>({boxes[n].data, {1, 4}}, options_[b], d_target.slice(n, n + 1), d[n]);
    });
  }

  void head_backward() {
    std::array<Out, 6> dx{};
    if (objective_.backbone)
      for (std::size_t i = 0; i < 4; ++i) {
        const View x = block(patches[i / 2], 2 + i % 2);
        d_head_[i].resize(static_cast<std::size_t>(x.size()));
        dx[input_of(i)] = {d_head_[i].data(), x.shape};
      }
    const View dy(d_answer_.data(), head_cache_.output().shape);
    head_.backward(std::span(&dy, 1), head_cache_, gradients_, dx);
    if (objective_.head) head_.gather_statistics(head_cache_);
    if (!objective_.backbone) return;
    for (std::size_t i = 0; i < 4; ++i) {
      auto& d = maps_[patches[i / 2]][2 + i % 2].d;
      for (std::size_t k = 0; k < d.size(); ++k) d[k] += d_head_[i][k];
    }
  }
  /// The head's input that has the level i % 2 of patch i / 2.
  static constexpr std::size_t input_of(std::size_t i) { return i < 2 ? i : i + 1; }

  BoxNetwork<Backbone>* network_;
  Draw draw_, draw_validation_;
  Objective objective_;
  std::shared_ptr<BoxTeacher> teacher_;
  nn::TrainingPlan<float> backbone_, head_;
  nn::Gradients<float> gradients_;
  loss::Cfkd<float> cfkd_{};
  loss::FilterResponse<float> response_{};

  BoxBatch batch_;
  std::array<nn::TrainingCache<float>, 2> caches_;
  nn::TrainingCache<float> head_cache_;
  typename loss::Cfkd<float>::Batch loss_{};
  typename loss::Cfkd<float>::Cache cfkd_cache_;
  std::array<std::array<Map, blocks>, 2> maps_;
  std::array<Correlation, blocks> correlations_;
  std::array<kernels::RoiOptions, blocks> options_{};
  loss::FilterResponse<float>::Cache response_cache_{};
  std::array<AlignedVector<float>, 2> response_labels_, d_response_;
  std::array<AlignedVector<float>, 4> d_head_;
  AlignedVector<float> d_answer_;
};

}  // namespace pursuit::inline v0::distill
