// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/features.hpp>
#include <pursuit/core/precision.hpp>
#include <pursuit/estimator/box_head_layers.hpp>
#include <pursuit/estimator/box_predictor.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/kernels/box_pooling.hpp>
#include <pursuit/kernels/pr_roi_pool.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/plan.hpp>
#include <pursuit/nn/plan_builder.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

/// A box head (BoxHeadLayers) at work: learns the target once, then answers for boxes in frame after frame.
///
/// Its convolutions over the searched frame are the dear part, and boxes see few of the cells. Only a window around
/// them is computed: a window of fixed size that may touch the border of the map, where padding belongs, and whose two
/// outer rings are not used elsewhere, since two convolutions of 3 x 3 reach that far. Boxes that leave what is known
/// get another window, so answers are those of the whole map, but for rounding.
///
/// Features are two levels, the fine one first (any before it are not looked at). The fully connected layers are
/// computed in float whatever the precision.
class BoxHead {
 public:
  /// Throws FileError where a tensor is missing or has another shape.
  BoxHead(const Weights& weights, const BoxHeadShape& shape, const std::string& prefix,
          Precision precision = Precision::float32)
      : BoxHead(loaded(weights, shape, prefix), precision) {}
  explicit BoxHead(const BoxHeadLayers<float>& layers, Precision precision = Precision::float32)
      : shape_(layers.shape),
        predictor_(layers),
        reference_{nn::Plan<>::of(layers.conv3_1r, shape_.fine, precision),
                   nn::Plan<>::of(layers.conv4_1r, shape_.coarse, precision)},
        joined_(nn::Plan<>::of(layers.fc3_1r, shape_.width / 2, precision)),
        modulation_(modulation_plan(layers, precision)),
        levels_{Level(search_plan(layers.conv3_1t, layers.conv3_2t, shape_.fine, precision)),
                Level(search_plan(layers.conv4_1t, layers.conv4_2t, shape_.coarse, precision))} {}

  /// The tensors that the head needs.
  static std::vector<TensorSpec> tensors(const BoxHeadShape& shape, const std::string& prefix) {
    BoxHeadLayers<float> layers(shape);
    return nn::tensor_specs(layers, prefix);
  }

  Index outputs() const { return predictor_.outputs(); }

  /// Makes ready for patches of so many pixels a side, so that init() need not pack weights and take memory.
  void prepare(Index side) {
    for (std::size_t l = 0; l < 2; ++l) {
      const Index stride = l == 0 ? 8 : 16, cells = (side + stride - 1) / stride;
      const Shape<4> maps{1, l == 0 ? shape_.fine : shape_.coarse, cells, cells};
      reference_[l].prepare(maps);
      levels_[l].prepare(maps);
    }
  }

  /// Learns the target from the first map of the sample. From then on nothing is allocated for features of the same
  /// size and as many boxes at once. Throws ShapeError where the features are not the head's.
  void init(const Sample<>& first, Index boxes) {
    const std::array<FeatureMap<>, 2> maps = both(first.features);
    const Box& target = first.targets.front();
    const std::array<float, 4> corners{static_cast<float>(target.x), static_cast<float>(target.y),
                                       static_cast<float>(target.x + target.w),
                                       static_cast<float>(target.y + target.h)};
    const TensorView<const float, 2> box(corners.data(), {1, 4});
    constexpr int bins = BoxHeadLayers<float>::fine_reference_bins;
    const auto pool = [&](std::size_t l, int side, const TensorView<float, 4>& to) {
      reference_[l].run(maps[l].values.slice(0, 1));
      kernels::pr_roi_pool<float>(reference_[l].output()[0], box, {side, side, 1 / maps[l].stride}, to);
    };
    Buffer<float> fine, both_levels;
    const auto fine_pooled = fine.view(Shape<4>{1, shape_.width / 2, bins, bins});
    const auto all = both_levels.view(Shape<4>{1, 2 * shape_.width, 1, 1});
    pool(0, bins, fine_pooled);
    joined_.run(fine_pooled);
    std::copy(joined_.output().begin(), joined_.output().end(), all.begin());
    pool(1, 1, {all.data + shape_.width, {1, shape_.width, 1, 1}});
    modulation_.run(all);
    for (std::size_t l = 0; l < 2; ++l) learned_[l].assign(modulation_.output(l).begin(), modulation_.output(l).end());
    predictor_.condition(learned_[0], learned_[1]);
    for (std::size_t l = 0; l < 2; ++l) levels_[l].warm_up(maps[l].values.slice(0, 1), maps[l].stride);
    warm_up(target, boxes);
  }

  /// What the target's features multiply the fine (0) and the coarse (1) level by: `width` numbers.
  std::span<const float> modulation(std::size_t level) const { return learned_[level]; }

  /// A new frame: the features of one crop, which must live until the last forward(). Throws ShapeError.
  void look(const FeatureMaps<>& features, std::size_t crop) {
    const std::array<FeatureMap<>, 2> maps = both(features);
    const auto n = static_cast<Index>(crop);
    for (std::size_t l = 0; l < 2; ++l) levels_[l].begin(maps[l].values.slice(n, n + 1), maps[l].stride);
  }

  /// Boxes (R, 4) as x, y, w, h in pixels of the patch give answers (R, outputs). Pre: init() and look() were called.
  void forward(const TensorView<const double, 2>& boxes, const TensorView<double, 2>& answers) {
    for (Level& level : levels_) level.cover(boxes);
    predictor_.forward(levels_[0].known(), levels_[1].known(), boxes, answers);
  }

  /// Cells (H, W) of the fine (0) or coarse (1) level that the convolutions went over for the last forward().
  Shape<2> window(std::size_t level) const {
    const auto known = levels_[level].known();
    return {known.height, known.width};
  }

  /// The gradient of each box's first answer in the last forward() for its x, y, w, h: d (R, 4).
  void backward(const TensorView<double, 2>& d) { predictor_.backward(d); }

 private:
  /// One level of the searched frame.
  class Level {
   public:
    explicit Level(nn::Plan<> plan) : plan_(std::move(plan)) {}

    void begin(const TensorView<const float, 4>& features, double stride) {
      features_ = features;
      level_.stride = stride;
      ready_ = false;
    }

    /// Makes plans for all sizes of windows, so that none is new later.
    void prepare(const Shape<4>& maps) {
      features_ = {nullptr, maps};
      for (Index side = smallest(); side < longest(); side = larger(side)) plan_.prepare(window(side));
      plan_.prepare(window(longest()));
    }
    void warm_up(const TensorView<const float, 4>& features, double stride) {
      prepare(features.shape);
      begin(features, stride);
      compute(0, 0, longest());
      ready_ = false;
    }

    BoxPredictor<float>::Level known() const {
      BoxPredictor<float>::Level level = level_;
      level.cells = cells_.data();
      return level;
    }

    /// Sees to it that all cells that the boxes see are known.
    void cover(const TensorView<const double, 2>& boxes) {
      const Range rows = seen(boxes, 1, features_.shape[2]), columns = seen(boxes, 0, features_.shape[3]);
      if (ready_ && known_rows_.holds(rows) && known_columns_.holds(columns)) return;
      const Index height = features_.shape[2], width = features_.shape[3];
      const Index need = std::max(rows.wanted(height), columns.wanted(width));
      Index side = smallest();
      while (side < need) side = larger(side);
      const auto from = [side](const Range& r, Index cells) {
        return std::clamp<Index>((r.first + r.last - side) / 2, 0, std::max<Index>(cells - side, 0));
      };
      compute(from(rows, height), from(columns, width), side);
      // Where the window still does not hold the boxes, it is the whole map.
      if (!known_rows_.holds(rows) || !known_columns_.holds(columns)) compute(0, 0, longest());
    }

   private:
    static constexpr Index reach = 2;   // cells that two convolutions of 3 x 3 look beyond their own
    static constexpr Index margin = 1;  // cells that boxes may move before they need another window

    /// Cells [first, last) of an axis.
    struct Range {
      Index first = 0, last = 0;
      bool holds(const Range& r) const { return r.first >= r.last || (first <= r.first && r.last <= last); }
      /// Cells that a window around it should have, of `cells` there are.
      Index wanted(Index cells) const { return std::min(last - first + 2 * (reach + margin), cells); }
    };

    /// The cells of an axis that any of the boxes sees.
    Range seen(const TensorView<const double, 2>& boxes, Index axis, Index cells) const {
      double low = static_cast<double>(cells), high = 0;
      for (Index r = 0; r < boxes.shape[0]; ++r) {
        const double from = boxes(r, axis) / level_.stride, to = from + boxes(r, axis + 2) / level_.stride;
        if (!(to > from) || !std::isfinite(to - from)) continue;
        low = std::min(low, std::floor(from));
        high = std::max(high, std::floor(to) + 2);
      }
      const auto cut = [&](double v) { return static_cast<Index>(std::clamp(v, 0.0, static_cast<double>(cells))); };
      return {cut(low), std::max(cut(high), cut(low))};
    }

    // Sides of windows: 12, 16, ... 28 cells, then the whole map. A plan keeps six shapes.
    Index longest() const { return std::max(features_.shape[2], features_.shape[3]); }
    Index smallest() const { return std::min<Index>(longest() < 24 ? 8 : 12, longest()); }
    Index larger(Index side) const { return side + 4 > std::min<Index>(28, longest() - 2) ? longest() : side + 4; }

    Shape<4> window(Index side) const {
      return {1, features_.shape[1], std::min(side, features_.shape[2]), std::min(side, features_.shape[3])};
    }

    void compute(Index row, Index column, Index side) {
      const Index height = features_.shape[2], width = features_.shape[3];
      const auto window = window_.view(this->window(side));
      const Index channels = window.shape[1], h = window.shape[2], w = window.shape[3];
      for (Index c = 0; c < channels; ++c)
        for (Index i = 0; i < h; ++i)
          std::copy_n(features_.data + (c * height + row + i) * width + column, w, window.data + (c * h + i) * w);
      plan_.run(window);
      const auto y = plan_.output();
      cells_.resize(static_cast<std::size_t>((y.shape[1] + BoxPredictor<float>::block - 1) /
                                             BoxPredictor<float>::block * BoxPredictor<float>::block * h * w));
      kernels::to_blocks(y.data, 1, y.shape[1], h * w, cells_.data());
      ready_ = true;
      level_.height = h;
      level_.width = w;
      level_.row = row;
      level_.column = column;
      const auto inner = [](Index first, Index count, Index all) {
        return Range{first == 0 ? 0 : first + reach, first + count == all ? all : first + count - reach};
      };
      known_rows_ = inner(row, h, height);
      known_columns_ = inner(column, w, width);
    }

    nn::Plan<> plan_;
    TensorView<const float, 4> features_{};
    Buffer<float> window_;
    AlignedVector<float> cells_;
    BoxPredictor<float>::Level level_{};
    Range known_rows_{}, known_columns_{};
    bool ready_ = false;  // something is known of these features
  };

  // Pre: the levels know whole maps.
  void warm_up(const Box& target, Index boxes) {
    std::vector<double> all, answers(static_cast<std::size_t>(boxes * outputs())),
        slopes(static_cast<std::size_t>(4 * boxes));
    for (Index r = 0; r < boxes; ++r) all.insert(all.end(), {target.x, target.y, target.w, target.h});
    predictor_.forward(levels_[0].known(), levels_[1].known(), {all.data(), {boxes, 4}},
                       {answers.data(), {boxes, outputs()}});
    predictor_.backward({slopes.data(), {boxes, 4}});
  }

  static BoxHeadLayers<float> loaded(const Weights& weights, const BoxHeadShape& shape, const std::string& prefix) {
    BoxHeadLayers<float> layers(shape);
    nn::load(layers, weights, prefix);
    return layers;
  }

  using Convolution = BoxHeadLayers<float>::Convolution;
  static nn::Plan<> search_plan(const Convolution& first, const Convolution& second, int channels,
                                Precision precision) {
    nn::PlanBuilder builder(channels);
    builder.output(second.compile(builder, first.compile(builder, builder.input())));
    return nn::Plan<>(builder.take(), precision);
  }
  static nn::Plan<> modulation_plan(const BoxHeadLayers<float>& layers, Precision precision) {
    nn::PlanBuilder builder(2 * layers.shape.width);
    builder.output(layers.fc34_3r.compile(builder, builder.input()));
    builder.output(layers.fc34_4r.compile(builder, builder.input()));
    return nn::Plan<>(builder.take(), precision);
  }

  std::array<FeatureMap<>, 2> both(const FeatureMaps<>& features) const {
    if (features.levels < 2)
      throw ShapeError(concat("BoxHead: features of ", features.levels, " levels: need a fine and a coarse one"));
    const std::array<FeatureMap<>, 2> maps{features.level[features.levels - 2], features.top()};
    const std::array<int, 2> channels{shape_.fine, shape_.coarse};
    for (std::size_t l = 0; l < 2; ++l)
      if (maps[l].values.shape[1] != channels[l])
        throw ShapeError(concat("BoxHead: features ", maps[l].values.shape, ": need ", channels[l], " channels"));
    return maps;
  }

  BoxHeadShape shape_;
  BoxPredictor<float> predictor_;
  std::array<nn::Plan<>, 2> reference_;
  nn::Plan<> joined_, modulation_;
  std::array<Level, 2> levels_;
  std::array<std::vector<float>, 2> learned_;
};

}  // namespace pursuit::inline v0
