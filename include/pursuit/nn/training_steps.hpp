// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/gradients.hpp>
#include <pursuit/nn/trainable_layer.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

// The steps that a TrainingPlan is a list of.
namespace pursuit::inline v0::nn::detail {

/// What a step keeps from forward to backward.
struct StepCache {
  virtual ~StepCache() = default;
};

/// From some values to one, and back.
template <class T>
struct TrainingStep {
  using In = TensorView<const T, 4>;
  using Out = TensorView<T, 4>;

  virtual ~TrainingStep() = default;
  virtual std::unique_ptr<StepCache> make_cache() const = 0;
  virtual Shape<4> shape(std::span<const Shape<4>> x) const = 0;
  virtual void forward(std::span<const In> x, StepCache& cache, const Out& y) const = 0;
  /// Writes each dx that is not a view of nothing.
  virtual void backward(std::span<const In> x, const In& y, const In& dy, StepCache& cache, std::span<const Out> dx,
                        Gradients<T>& gradients) const = 0;
  /// Whether one of its parameters has a gradient.
  virtual bool trains(Gradients<T>&) const { return false; }
  virtual void use_running_statistics(StepCache&, bool) const {}
  virtual void gather_statistics(const StepCache&, double) const {}

  std::vector<std::size_t> reads{};  ///< numbers of values: inputs come first, then what each step writes
  bool reads_x = true;               ///< in backward()
  bool reads_y = true;
  bool in_place = false;           ///< y may be x's memory
  bool gradient_in_place = false;  ///< the first dx may be dy's memory
};

/// A layer: a reference to one of the network's, or, without parameters, a copy.
template <class T, class Held>
class LayerStep : public TrainingStep<T> {
 public:
  using Layer = std::remove_reference_t<Held>;
  using typename TrainingStep<T>::In;
  using typename TrainingStep<T>::Out;
  static_assert(TrainableLayer<Layer, T>,
                "pursuit::nn::TrainingPlan: the layer has no forward and backward in the plan's type of number: see "
                "nn/trainable_layer.hpp");

  explicit LayerStep(Held layer) : layer_(layer) {
    if constexpr (requires { Layer::backward_reads_x; }) this->reads_x = Layer::backward_reads_x;
    if constexpr (requires { Layer::backward_reads_y; }) this->reads_y = Layer::backward_reads_y;
    if constexpr (requires { Layer::in_place; }) this->in_place = Layer::in_place;
    if constexpr (requires { Layer::gradient_in_place; }) this->gradient_in_place = Layer::gradient_in_place;
  }

  std::unique_ptr<StepCache> make_cache() const override { return std::make_unique<Cache>(); }
  Shape<4> shape(std::span<const Shape<4>> x) const override { return layer_.output_shape(x[0]); }
  void forward(std::span<const In> x, StepCache& cache, const Out& y) const override {
    layer_.forward(x[0], own(cache), y);
  }
  void backward(std::span<const In> x, const In& y, const In& dy, StepCache& cache, std::span<const Out> dx,
                Gradients<T>& gradients) const override {
    layer_.backward(x[0], y, dy, own(cache), dx[0], gradients);
  }
  bool trains(Gradients<T>& gradients) const override {
    bool any = false;
    visit_parameters(layer_, [&](const std::string&, auto& p) { any = any || gradients.of(p).data != nullptr; });
    return any;
  }
  void use_running_statistics(StepCache& cache, bool running) const override {
    if constexpr (requires(typename Layer::Cache & c) { c.running = running; }) own(cache).running = running;
  }
  void gather_statistics(const StepCache& cache, double momentum) const override {
    if constexpr (requires(const typename Layer::Cache& c) { layer_.gather(c, momentum); })
      layer_.gather(static_cast<const Cache&>(cache).layer, momentum);
  }

 private:
  struct Cache : StepCache {
    typename Layer::Cache layer;
  };
  static typename Layer::Cache& own(StepCache& cache) { return static_cast<Cache&>(cache).layer; }

  Held layer_;
};

/// A step without memory.
template <class T>
struct PlainStep : TrainingStep<T> {
  PlainStep() { this->reads_x = this->reads_y = false; }
  std::unique_ptr<StepCache> make_cache() const override { return std::make_unique<StepCache>(); }
};

/// y = a + b.
template <class T>
struct AddStep : PlainStep<T> {
  using typename TrainingStep<T>::In;
  using typename TrainingStep<T>::Out;

  AddStep() { this->gradient_in_place = true; }
  Shape<4> shape(std::span<const Shape<4>> x) const override {
    require_shape("nn::TrainingPlan::add", "second summand", x[1], x[0]);
    return x[0];
  }
  void forward(std::span<const In> x, StepCache&, const Out& y) const override {
    const T *a = x[0].data, *b = x[1].data;
    T* const to = y.data;
    const Index n = y.size();
#pragma omp simd
    for (Index i = 0; i < n; ++i) to[i] = a[i] + b[i];
  }
  void backward(std::span<const In>, const In&, const In& dy, StepCache&, std::span<const Out> dx,
                Gradients<T>&) const override {
    for (const Out& d : dx)
      if (d.data != nullptr && d.data != dy.data) std::copy(dy.begin(), dy.end(), d.data);
  }
};

/// The channels of all, one after the other.
template <class T>
struct ConcatenateStep : PlainStep<T> {
  using typename TrainingStep<T>::In;
  using typename TrainingStep<T>::Out;

  Shape<4> shape(std::span<const Shape<4>> x) const override {
    Shape<4> y = x[0];
    y[1] = 0;
    for (const Shape<4>& part : x) {
      if (part[0] != y[0] || part[2] != y[2] || part[3] != y[3])
        throw ShapeError(concat("nn::TrainingPlan::concatenate: ", part, " does not fit ", x[0],
                                ": need shapes that differ in channels only"));
      y[1] += part[1];
    }
    return y;
  }
  void forward(std::span<const In> x, StepCache&, const Out& y) const override {
    T* to = y.data;
    for (Index n = 0; n < y.shape[0]; ++n)
      for (const In& part : x) to = std::copy(part[n].begin(), part[n].end(), to);
  }
  void backward(std::span<const In> x, const In&, const In& dy, StepCache&, std::span<const Out> dx,
                Gradients<T>&) const override {
    const T* from = dy.data;
    for (Index n = 0; n < dy.shape[0]; ++n)
      for (std::size_t i = 0; i < x.size(); ++i) {
        const Index size = volume(x[i].shape) / x[i].shape[0];
        if (dx[i].data != nullptr) std::copy_n(from, size, dx[i].data + n * size);
        from += size;
      }
  }
};

/// Channels [first, first + count).
template <class T>
class SliceStep : public PlainStep<T> {
 public:
  using typename TrainingStep<T>::In;
  using typename TrainingStep<T>::Out;

  SliceStep(Index first, Index count) : first_(first), count_(count) {}

  Shape<4> shape(std::span<const Shape<4>> x) const override {
    if (first_ < 0 || count_ < 1 || first_ + count_ > x[0][1])
      throw ShapeError(concat("nn::TrainingPlan::slice: ", count_, " channels from ", first_, " of ", x[0]));
    return {x[0][0], count_, x[0][2], x[0][3]};
  }
  void forward(std::span<const In> x, StepCache&, const Out& y) const override {
    const Index cells = y.shape[2] * y.shape[3];
    for (Index n = 0; n < y.shape[0]; ++n) std::copy_n(x[0][n].data + first_ * cells, count_ * cells, y[n].data);
  }
  void backward(std::span<const In>, const In&, const In& dy, StepCache&, std::span<const Out> dx,
                Gradients<T>&) const override {
    if (dx[0].data == nullptr) return;
    const Index cells = dy.shape[2] * dy.shape[3];
    std::fill(dx[0].begin(), dx[0].end(), T(0));
    for (Index n = 0; n < dy.shape[0]; ++n) std::copy_n(dy[n].data, count_ * cells, dx[0][n].data + first_ * cells);
  }

 private:
  Index first_, count_;
};

}  // namespace pursuit::inline v0::nn::detail
