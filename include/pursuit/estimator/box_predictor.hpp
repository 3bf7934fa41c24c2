// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/estimator/box_head_layers.hpp>
#include <pursuit/kernels/box_pooling.hpp>
#include <pursuit/kernels/thin_product.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace pursuit::inline v0 {

/// What a box head does for each box: pools both levels of the searched frame, multiplies by the target's modulation,
/// and answers through two fully connected layers and the predictor, for all boxes at once. Its gradient for the boxes
/// goes the same way back.
///
/// Batch norm is folded into the packed weights, which copies share. Nothing is allocated from the second call on.
template <std::floating_point T = float>
class BoxPredictor {
 public:
  static constexpr Index block = kernels::BoxPooling<T>::block;

  /// A level of the searched frame: blocks of channels (ceil(C / block), height, width, block), of which cell (0, 0)
  /// lies at (row, column) of the whole map. Cells beyond it are taken for 0.
  struct Level {
    const T* cells = nullptr;
    Index height = 0, width = 0;
    Index row = 0, column = 0;
    double stride = 1;  ///< pixels of the patch
  };

  explicit BoxPredictor(const BoxHeadLayers<T>& layers)
      : packed_(std::make_shared<const Packed>(layers)),
        levels_{State(BoxHeadLayers<T>::fine_bins), State(BoxHeadLayers<T>::coarse_bins)} {}

  Index outputs() const { return packed_->outputs; }

  /// The target's modulation, `width` numbers for each level.
  void condition(std::span<const T> fine, std::span<const T> coarse) {
    const std::array<std::span<const T>, 2> both{fine, coarse};
    for (std::size_t l = 0; l < 2; ++l) {
      if (static_cast<Index>(both[l].size()) != packed_->width)
        throw ShapeError(concat("BoxPredictor: a modulation of ", both[l].size(), " numbers: need ", packed_->width));
      levels_[l].modulation.assign(static_cast<std::size_t>(blocks() * block), T(0));
      std::copy(both[l].begin(), both[l].end(), levels_[l].modulation.begin());
    }
  }

  /// Boxes (R, 4) as x, y, w, h in pixels of the patch give answers (R, outputs). Pre: condition() was called.
  void forward(const Level& fine, const Level& coarse, const TensorView<const double, 2>& boxes,
               const TensorView<double, 2>& answers) {
    boxes_ = boxes.shape[0];
    for (Index r = 0; r < boxes_; ++r)
      for (Index k = 0; k < outputs(); ++k) answers(r, k) = static_cast<double>(packed_->predictor_bias[index(k)]);
    for (std::size_t l = 0; l < 2; ++l) {
      const Level& given = l == 0 ? fine : coarse;
      State& level = levels_[l];
      const kernels::ThinProduct<T>& product = packed_->product[l];
      level.stride = given.stride;
      level.corners.resize(index(boxes_ * 4));
      for (Index r = 0; r < boxes_; ++r) {
        double* const corners = level.corners.data() + r * 4;
        corners[0] = boxes(r, 0) / given.stride - static_cast<double>(given.column);
        corners[1] = boxes(r, 1) / given.stride - static_cast<double>(given.row);
        corners[2] = corners[0] + boxes(r, 2) / given.stride;
        corners[3] = corners[1] + boxes(r, 3) / given.stride;
      }
      level.pooled.resize(index(boxes_ * product.inputs()));
      level.hidden.resize(index(boxes_ * product.outputs()));
      level.pooling.forward(given.cells, {blocks(), given.height, given.width}, {level.corners.data(), {boxes_, 4}},
                            level.modulation.data(), level.pooled.data(), product.inputs());
      product.forward(level.pooled.data(), boxes_, level.hidden.data());
      for (Index r = 0; r < boxes_; ++r)
        for (Index k = 0; k < outputs(); ++k) {
          const T* const hidden = level.hidden.data() + r * product.outputs();
          const T* const w = packed_->predictor.data() + (k * 2 + static_cast<Index>(l)) * packed_->width;
          double sum = 0;
          for (Index i = 0; i < packed_->width; ++i)
            sum += hidden[i] > 0 ? static_cast<double>(hidden[i]) * static_cast<double>(w[i]) : 0;
          answers(r, k) += sum;
        }
    }
  }

  /// The gradient of each box's first answer in the last forward() for its x, y, w, h: d (R, 4).
  void backward(const TensorView<double, 2>& d) {
    std::fill(d.begin(), d.end(), 0.0);
    for (std::size_t l = 0; l < 2; ++l) {
      State& level = levels_[l];
      const kernels::ThinProduct<T>& product = packed_->product[l];
      const T* const w = packed_->predictor.data() + static_cast<Index>(l) * packed_->width;
      for (Index r = 0; r < boxes_; ++r) {
        T* const hidden = level.hidden.data() + r * product.outputs();
        for (Index i = 0; i < packed_->width; ++i) hidden[i] = hidden[i] > 0 ? w[i] : T(0);
      }
      level.dpooled.resize(level.pooled.size());
      product.backward(level.hidden.data(), boxes_, level.dpooled.data(), active_);
      std::fill(level.corners.begin(), level.corners.end(), 0.0);
      const TensorView<double, 2> corners(level.corners.data(), {boxes_, 4});
      level.pooling.backward(level.dpooled.data(), product.inputs(), level.modulation.data(), corners);
      for (Index r = 0; r < boxes_; ++r)
        for (Index k = 0; k < 2; ++k) {
          d(r, k) += (corners(r, k) + corners(r, k + 2)) / level.stride;
          d(r, k + 2) += corners(r, k + 2) / level.stride;
        }
    }
  }

 private:
  struct Packed {
    explicit Packed(const BoxHeadLayers<T>& layers)
        : width(layers.shape.width),
          outputs(layers.shape.outputs),
          product{pack(layers.fc3_rt, width, BoxHeadLayers<T>::fine_bins),
                  pack(layers.fc4_rt, width, BoxHeadLayers<T>::coarse_bins)},
          predictor(layers.predictor.weight.begin(), layers.predictor.weight.end()),
          predictor_bias(layers.predictor.bias.begin(), layers.predictor.bias.end()) {}

    // The columns of a matrix stand in the order (channel, bin); what is pooled comes in blocks of channels.
    static kernels::ThinProduct<T> pack(const typename BoxHeadLayers<T>::Block& layer, Index width, Index side) {
      const Index bins = side * side, blocks = (width + block - 1) / block, inputs = blocks * bins * block;
      auto w = make_tensor<T, 2>({width, inputs});
      std::vector<T> bias(index(width));
      for (Index o = 0; o < width; ++o) {
        const double factor = static_cast<double>(layer.bn.weight(index(o))) /
                              std::sqrt(static_cast<double>(layer.bn.running_var(index(o))) + layer.bn.epsilon);
        bias[index(o)] = static_cast<T>(
            (static_cast<double>(layer.linear.bias(index(o))) - static_cast<double>(layer.bn.running_mean(index(o)))) *
                factor +
            static_cast<double>(layer.bn.bias(index(o))));
        for (Index c = 0; c < width; ++c)
          for (Index b = 0; b < bins; ++b)
            w(index(o), index(((c / block) * bins + b) * block + c % block)) =
                static_cast<T>(static_cast<double>(layer.linear.weight(index(o), index(c * bins + b))) * factor);
      }
      return kernels::ThinProduct<T>(w, bias.data());
    }

    Index width, outputs;
    std::array<kernels::ThinProduct<T>, 2> product;
    std::vector<T> predictor, predictor_bias;  // (outputs, 2, width)
  };

  struct State {
    explicit State(int bins) : pooling(bins, bins) {}
    kernels::BoxPooling<T> pooling;
    AlignedVector<T> modulation;
    AlignedVector<T> pooled, dpooled, hidden;
    std::vector<double> corners;
    double stride = 1;
  };

  static std::size_t index(Index i) { return static_cast<std::size_t>(i); }
  Index blocks() const { return (packed_->width + block - 1) / block; }

  std::shared_ptr<const Packed> packed_;
  std::array<State, 2> levels_;
  std::vector<Index> active_;
  Index boxes_ = 0;
};

}  // namespace pursuit::inline v0
