// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/buffer.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/convolution_training.hpp>
#include <pursuit/kernels/cpu/onednn_compat.hpp>
#include <pursuit/kernels/reference/convolution.hpp>
#include <pursuit/kernels/reference/convolution_training.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <unordered_map>

namespace pursuit::inline v0::kernels {

namespace detail {

/// diff_bias[o] += the sum of output o over batch and cells. Rows are summed in T, rows of rows in double.
template <class T>
void backward_bias(const TensorView<const T, 4>& diff_dst, const TensorView<T, 1>& diff_bias) {
  // Not a structured binding: clang 14 takes none into an OpenMP loop.
  const Index batch = diff_dst.shape[0], channels = diff_dst.shape[1], h = diff_dst.shape[2], w = diff_dst.shape[3];
  require_shape("kernels::TrainingConvolution::backward_bias", "diff_bias", diff_bias.shape, {channels});
  for (Index c = 0; c < channels; ++c) {
    double sum = 0;
    for (Index n = 0; n < batch; ++n)
      for (Index i = 0; i < h; ++i) {
        const T* row = diff_dst.data + ((n * channels + c) * h + i) * w;
        T part = 0;
#pragma omp simd reduction(+ : part)
        for (Index j = 0; j < w; ++j) part += row[j];
        sum += static_cast<double>(part);
      }
    diff_bias(c) += static_cast<T>(sum);
  }
}

/// The shapes of a convolution, and the checks that both element types share.
struct TrainingConvolutionShapes {
  static constexpr const char* name = "kernels::TrainingConvolution";

  TrainingConvolutionShapes(const Shape<4>& x, const Shape<4>& w, const ConvolutionOptions& o)
      : src(x), weights(w), dst(convolution_shape(name, x, w, o)), options(o) {}

  template <class A, class B, class C>
  void check(const A& x, const B& w, const C& y) const {
    require_shape(name, "src", x.shape, src);
    require_shape(name, "weights", w.shape, weights);
    require_shape(name, "dst", y.shape, dst);
  }

  Shape<4> src, weights, dst;
  ConvolutionOptions options;
};

}  // namespace detail

template <>
class TrainingConvolution<double, Cpu> {
 public:
  TrainingConvolution(const Shape<4>& src, const Shape<4>& weights, const ConvolutionOptions& options)
      : shapes_(src, weights, options) {}

  const Shape<4>& src_shape() const { return shapes_.src; }
  const Shape<4>& dst_shape() const { return shapes_.dst; }

  void forward(const TensorView<const double, 4>& src, const TensorView<const double, 4>& weights,
               const TensorView<const double, 1>& bias, const TensorView<double, 4>& dst) {
    shapes_.check(src, weights, dst);
    reference::convolution<double>(src, weights, bias, shapes_.options, dst);
  }
  void backward_data(const TensorView<const double, 4>& diff_dst, const TensorView<const double, 4>& weights,
                     const TensorView<double, 4>& diff_src) {
    shapes_.check(diff_src, weights, diff_dst);
    reference::convolution_backward_data<double>(diff_dst, weights, shapes_.options, diff_src);
  }
  void backward_weights(const TensorView<const double, 4>& src, const TensorView<const double, 4>& diff_dst,
                        const TensorView<double, 4>& diff_weights) {
    shapes_.check(src, diff_weights, diff_dst);
    reference::convolution_backward_weights<double>(src, diff_dst, shapes_.options, diff_weights);
  }
  void backward_bias(const TensorView<const double, 4>& diff_dst, const TensorView<double, 1>& diff_bias) {
    detail::backward_bias(diff_dst, diff_bias);
  }

 private:
  detail::TrainingConvolutionShapes shapes_;
};

template <>
class TrainingConvolution<float, Cpu> {
 public:
  TrainingConvolution(const Shape<4>& src, const Shape<4>& weights, const ConvolutionOptions& options)
      : shapes_(src, weights, options) {}

  const Shape<4>& src_shape() const { return shapes_.src; }
  const Shape<4>& dst_shape() const { return shapes_.dst; }

  void forward(const TensorView<const float, 4>& src, const TensorView<const float, 4>& weights,
               const TensorView<const float, 1>& bias, const TensorView<float, 4>& dst) {
    shapes_.check(src, weights, dst);
    follow_threads();
    std::optional<Pass>& pass = bias.data != nullptr ? biased_ : forward_;
    if (!pass) {
      const auto pd = forward_desc(bias.data != nullptr);
      pass.emplace(dnnl::convolution_forward(pd), pd.scratchpad_desc(),
                   std::array{Operand{DNNL_ARG_SRC, plain_src(), pd.src_desc()},
                              Operand{DNNL_ARG_WEIGHTS, plain_weights(), pd.weights_desc()}},
                   Operand{DNNL_ARG_DST, plain_dst(), pd.dst_desc()});
    }
    pass->run({src.data, weights.data}, dst.data, bias.data);
  }

  void backward_data(const TensorView<const float, 4>& diff_dst, const TensorView<const float, 4>& weights,
                     const TensorView<float, 4>& diff_src) {
    shapes_.check(diff_src, weights, diff_dst);
    follow_threads();
    if (!backward_data_) {
      const auto pd = onednn::backward_desc<dnnl::convolution_backward_data>(
          forward_desc(false), dnnl::algorithm::convolution_direct, any(plain_src()), any(plain_weights()),
          any(plain_dst()), strides(), dilates(), padding_before(), padding_after());
      backward_data_.emplace(dnnl::convolution_backward_data(pd), pd.scratchpad_desc(),
                             std::array{Operand{DNNL_ARG_DIFF_DST, plain_dst(), pd.diff_dst_desc()},
                                        Operand{DNNL_ARG_WEIGHTS, plain_weights(), pd.weights_desc()}},
                             Operand{DNNL_ARG_DIFF_SRC, plain_src(), pd.diff_src_desc()});
    }
    backward_data_->run({diff_dst.data, weights.data}, diff_src.data);
  }

  void backward_weights(const TensorView<const float, 4>& src, const TensorView<const float, 4>& diff_dst,
                        const TensorView<float, 4>& diff_weights) {
    shapes_.check(src, diff_weights, diff_dst);
    follow_threads();
    if (!backward_weights_) {
      const auto pd = onednn::backward_desc<dnnl::convolution_backward_weights>(
          forward_desc(false), dnnl::algorithm::convolution_direct, any(plain_src()), any(plain_weights()),
          any(plain_dst()), strides(), dilates(), padding_before(), padding_after());
      backward_weights_.emplace(dnnl::convolution_backward_weights(pd), pd.scratchpad_desc(),
                                std::array{Operand{DNNL_ARG_SRC, plain_src(), pd.src_desc()},
                                           Operand{DNNL_ARG_DIFF_DST, plain_dst(), pd.diff_dst_desc()}},
                                Operand{DNNL_ARG_DIFF_WEIGHTS, plain_weights(), pd.diff_weights_desc()});
    }
    const auto fresh = fresh_.view(diff_weights.shape);
    backward_weights_->run({src.data, diff_dst.data}, fresh.data);
    for (Index i = 0; i < fresh.size(); ++i) diff_weights.data[i] += fresh.data[i];
  }

  void backward_bias(const TensorView<const float, 4>& diff_dst, const TensorView<float, 1>& diff_bias) {
    detail::backward_bias(diff_dst, diff_bias);
  }

 private:
  using Dims = onednn::Dims;
  using Desc = onednn::Desc;

  /// A tensor of the primitive: in rows outside, in the layout that the primitive likes inside.
  struct Operand {
    int argument;
    Desc rows, own;
  };

  /// A primitive and the reorders around it. The memory between them belongs to the thread: it lives only within a
  /// call, so one block serves all convolutions.
  class Pass {
   public:
    Pass(dnnl::primitive primitive, const Desc& scratchpad, const std::array<Operand, 2>& in, const Operand& out)
        : primitive_(std::move(primitive)), scratchpad_(scratchpad), in_(in), out_(out) {
      for (std::size_t i = 0; i < in.size(); ++i) before_[i] = reorder(in[i].rows, in[i].own);
      after_ = reorder(out.own, out.rows);
    }

    void run(const std::array<const float*, 2>& in, float* out, const float* bias = nullptr) {
      static thread_local std::array<Buffer<float>, 4> scratch;
      const dnnl::engine& engine = onednn::cpu_engine();
      dnnl::stream stream(engine);
      std::unordered_map<int, dnnl::memory> arguments;
      for (std::size_t i = 0; i < in_.size(); ++i) {
        dnnl::memory rows(in_[i].rows, engine, const_cast<float*>(in[i]));  // only read
        if (before_[i]) {
          dnnl::memory own(in_[i].own, engine, block(scratch[i], in_[i].own));
          before_[i].execute(stream, rows, own);
          rows = own;
        }
        arguments.emplace(in_[i].argument, rows);
      }
      const dnnl::memory rows(out_.rows, engine, out);
      const dnnl::memory own = after_ ? dnnl::memory(out_.own, engine, block(scratch[2], out_.own)) : rows;
      arguments.emplace(out_.argument, own);
      arguments.emplace(DNNL_ARG_SCRATCHPAD, dnnl::memory(scratchpad_, engine, block(scratch[3], scratchpad_)));
      if (bias != nullptr) {
        const Desc desc = onednn::plain({out_.rows.dims()[1]});
        arguments.emplace(DNNL_ARG_BIAS, dnnl::memory(desc, engine, const_cast<float*>(bias)));
      }
      primitive_.execute(stream, arguments);
      if (after_) {
        dnnl::memory to = rows, from = own;
        after_.execute(stream, from, to);
      }
      stream.wait();
    }

   private:
    static dnnl::reorder reorder(const Desc& from, const Desc& to) {
      if (from == to) return {};
      const dnnl::engine& engine = onednn::cpu_engine();
      return dnnl::reorder(dnnl::reorder::primitive_desc(engine, from, engine, to));
    }
    static float* block(Buffer<float>& buffer, const Desc& desc) {
      return buffer.view(Shape<1>{static_cast<Index>(desc.get_size() / sizeof(float) + 1)}).data;
    }

    dnnl::primitive primitive_;
    Desc scratchpad_;
    std::array<Operand, 2> in_;
    Operand out_;
    std::array<dnnl::reorder, 2> before_;  // empty where the layout is that of rows
    dnnl::reorder after_;
  };

  // The backend divides its work when a primitive is made.
  void follow_threads() {
    if (threads_ == threads()) return;
    threads_ = threads();
    for (std::optional<Pass>* pass : {&forward_, &biased_, &backward_data_, &backward_weights_}) pass->reset();
  }

  static Desc any(const Desc& rows) { return onednn::any(rows.dims()); }
  Desc plain_src() const { return onednn::plain(onednn::dims_of(shapes_.src)); }
  Desc plain_dst() const { return onednn::plain(onednn::dims_of(shapes_.dst)); }
  Desc plain_weights() const {
    Dims dims = onednn::dims_of(shapes_.weights);
    if (shapes_.options.groups > 1) {
      dims[0] /= shapes_.options.groups;
      dims.insert(dims.begin(), shapes_.options.groups);
    }
    return onednn::plain(dims);
  }
  Dims strides() const { return {shapes_.options.stride, shapes_.options.stride}; }
  Dims dilates() const { return {shapes_.options.dilation - 1, shapes_.options.dilation - 1}; }
  /// Of axis 2 or 3.
  Padding padding(std::size_t axis) const {
    const Index reach = (shapes_.weights[axis] - 1) * shapes_.options.dilation + 1;
    return padding_of(shapes_.src[axis], reach, shapes_.options);
  }
  Dims padding_before() const { return {padding(2).before, padding(3).before}; }
  Dims padding_after() const { return {padding(2).after, padding(3).after}; }

  dnnl::convolution_forward::primitive_desc forward_desc(bool bias) const {
    return onednn::convolution_desc(onednn::attributes(), any(plain_src()), any(plain_weights()),
                                    bias ? onednn::plain({shapes_.weights[0]}) : Desc(), any(plain_dst()), strides(),
                                    dilates(), padding_before(), padding_after());
  }

  detail::TrainingConvolutionShapes shapes_;
  std::optional<Pass> forward_, biased_, backward_data_, backward_weights_;
  int threads_ = 0;  // that the passes were made for
  Buffer<float> fresh_;
};

}  // namespace pursuit::inline v0::kernels
