// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/cross_correlation_training.hpp>
#include <pursuit/kernels/pr_roi_pool.hpp>
#include <pursuit/nn/training_steps.hpp>

#include <algorithm>
#include <cstddef>
#include <span>

// Steps of a TrainingPlan in which two values meet.
namespace pursuit::inline v0::nn::detail {

/// y[n,c,i,j] = x[n,c,i,j] v[n,c].
template <class T>
struct ScaleStep : PlainStep<T> {
  using typename TrainingStep<T>::In;
  using typename TrainingStep<T>::Out;

  ScaleStep() { this->reads_x = true; }
  Shape<4> shape(std::span<const Shape<4>> x) const override {
    require_shape("nn::TrainingPlan::scale", "factors", x[1], {x[0][0], x[0][1], 1, 1});
    return x[0];
  }
  void forward(std::span<const In> x, StepCache&, const Out& y) const override {
    each_plane(x[0].shape, [&](Index plane, Index first, Index end) {
      const T factor = x[1].data[plane];
      for (Index i = first; i < end; ++i) y.data[i] = factor * x[0].data[i];
    });
  }
  void backward(std::span<const In> x, const In&, const In& dy, StepCache&, std::span<const Out> dx,
                Gradients<T>&) const override {
    each_plane(x[0].shape, [&](Index plane, Index first, Index end) {
      const T factor = x[1].data[plane];
      T sum = 0;
      for (Index i = first; i < end; ++i) sum += dy.data[i] * x[0].data[i];
      if (dx[1].data != nullptr) dx[1].data[plane] = sum;
      if (dx[0].data == nullptr) return;
      for (Index i = first; i < end; ++i) dx[0].data[i] = factor * dy.data[i];
    });
  }

 private:
  template <class Body>
  static void each_plane(const Shape<4>& shape, Body&& body) {
    const Index cells = shape[2] * shape[3];
    for (Index plane = 0; plane < shape[0] * shape[1]; ++plane) body(plane, plane * cells, (plane + 1) * cells);
  }
};

/// Precise pooling of each image over boxes of its own.
template <class T>
class RoiPoolStep : public PlainStep<T> {
 public:
  using typename TrainingStep<T>::In;
  using typename TrainingStep<T>::Out;

  explicit RoiPoolStep(const kernels::RoiOptions& options) : options_(options) { this->reads_x = true; }

  Shape<4> shape(std::span<const Shape<4>> x) const override {
    require_shape("nn::TrainingPlan::pool", "boxes", x[1], {x[0][0], x[1][1], 4, 1});
    return {x[1][0] * x[1][1], x[0][1], options_.rows, options_.columns};
  }
  void forward(std::span<const In> x, StepCache&, const Out& y) const override {
    const Index count = x[1].shape[1];
    for (Index n = 0; n < x[0].shape[0]; ++n)
      kernels::pr_roi_pool<T>(x[0][n], boxes(x[1], n), options_, y.slice(n * count, (n + 1) * count));
  }
  void backward(std::span<const In> x, const In&, const In& dy, StepCache&, std::span<const Out> dx,
                Gradients<T>&) const override {
    const Index count = x[1].shape[1];
    for (const Out& d : dx)
      if (d.data != nullptr) std::fill(d.begin(), d.end(), T(0));  // the kernels add
    for (Index n = 0; n < x[0].shape[0]; ++n) {
      const In upstream = dy.slice(n * count, (n + 1) * count);
      if (dx[0].data != nullptr) kernels::pr_roi_pool_backward<T>(boxes(x[1], n), options_, upstream, dx[0][n]);
      if (dx[1].data != nullptr)
        kernels::pr_roi_pool_backward_boxes<T>(x[0][n], boxes(x[1], n), options_, upstream, boxes(dx[1], n));
    }
  }

 private:
  template <class U>
  static TensorView<U, 2> boxes(const TensorView<U, 4>& all, Index n) {
    return {all[n].data, {all.shape[1], 4}};
  }

  kernels::RoiOptions options_;
};

/// Each exemplar over its own search map.
template <class T>
class CorrelationStep : public PlainStep<T> {
 public:
  using typename TrainingStep<T>::In;
  using typename TrainingStep<T>::Out;

  explicit CorrelationStep(T factor) : factor_(factor) { this->reads_x = true; }

  Shape<4> shape(std::span<const Shape<4>> x) const override {
    const Shape<3> y = kernels::cross_correlation_shape(x[0], x[1], 0);
    return {y[0], 1, y[1], y[2]};
  }
  void forward(std::span<const In> x, StepCache&, const Out& y) const override {
    kernels::cross_correlation<T>(x[0], x[1], 0, {y.data, {y.shape[0], y.shape[2], y.shape[3]}});
    for (T& v : y) v *= factor_;
  }
  void backward(std::span<const In> x, const In&, const In& dy, StepCache&, std::span<const Out> dx,
                Gradients<T>&) const override {
    for (const Out& d : dx)
      if (d.data != nullptr) std::fill(d.begin(), d.end(), T(0));  // the kernel adds
    kernels::cross_correlation_backward<T>(x[0], x[1], 0, {dy.data, {dy.shape[0], dy.shape[2], dy.shape[3]}}, dx[0],
                                           dx[1]);
    for (const Out& d : dx)
      if (d.data != nullptr)
        for (T& v : d) v *= factor_;
  }

 private:
  T factor_;
};

}  // namespace pursuit::inline v0::nn::detail
