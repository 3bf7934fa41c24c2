// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/fft.hpp>
#include <pursuit/kernels/cpu/fft_plans.hpp>

#include <complex>
#include <memory>
#include <mutex>

#include <fftw3.h>

namespace pursuit::inline v0::kernels::cpu {

namespace detail {

/// Both directions of one batch of complex maps in float, for memory at any alignment that FFTW likes.
class ComplexFftPlans {
 public:
  explicit ComplexFftPlans(const Shape<3>& shape) {
    const auto [batch, h, w] = shape;
    const int n[2] = {static_cast<int>(h), static_cast<int>(w)};
    const auto cells = static_cast<int>(h * w), many = static_cast<int>(batch);
    const std::size_t bytes = static_cast<std::size_t>(batch * h * w) * sizeof(fftwf_complex);
    const std::unique_ptr<void, void (*)(void*)> x(fftwf_malloc(bytes), &fftwf_free);
    const std::unique_ptr<void, void (*)(void*)> X(fftwf_malloc(bytes), &fftwf_free);
    auto* const in = static_cast<fftwf_complex*>(x.get());
    auto* const out = static_cast<fftwf_complex*>(X.get());
    const std::lock_guard lock(fftw_planner());
    // FFTW_ESTIMATE reads no clock: the same plan, hence the same numbers, in every run. Without buffers, whose flag
    // fftw3.h has among those beyond its manual, plans allocate nothing when they run, and at 30, 40 or 60 cells they
    // take two thirds of the time (10 % more at 125).
    constexpr unsigned no_buffering = 1U << 11;
    for (const unsigned flags : {FFTW_ESTIMATE | no_buffering, FFTW_ESTIMATE}) {
      const auto plan = [&](int sign) {
        return fftwf_plan_many_dft(2, n, many, in, nullptr, 1, cells, out, nullptr, 1, cells, sign, flags);
      };
      if (forward_ == nullptr) forward_ = plan(FFTW_FORWARD);
      if (inverse_ == nullptr) inverse_ = plan(FFTW_BACKWARD);
    }
  }
  ComplexFftPlans(const ComplexFftPlans&) = delete;
  ComplexFftPlans& operator=(const ComplexFftPlans&) = delete;
  ~ComplexFftPlans() {
    const std::lock_guard lock(fftw_planner());
    if (forward_ != nullptr) fftwf_destroy_plan(forward_);
    if (inverse_ != nullptr) fftwf_destroy_plan(inverse_);
  }

  bool complete() const { return forward_ != nullptr && inverse_ != nullptr; }
  fftwf_plan forward() const { return forward_; }
  fftwf_plan inverse() const { return inverse_; }

 private:
  fftwf_plan forward_{};
  fftwf_plan inverse_{};
};

}  // namespace detail

/// kernels::ComplexFft2 on FFTW. Views must lie on 16-byte borders, as those of Tensor and Buffer do.
class ComplexFft2 {
 public:
  using Complex = std::complex<float>;

  ComplexFft2() = default;
  ComplexFft2(Index batch, Index h, Index w) : shape_{batch, h, w} {
    detail::require_plannable("ComplexFft2", shape_);
    plans_ = detail::kept_plans<detail::ComplexFftPlans>("ComplexFft2", shape_);
  }

  const Shape<3>& shape() const { return shape_; }

  void forward(const TensorView<const Complex, 3>& x, const TensorView<Complex, 3>& X) const {
    check("ComplexFft2::forward", x, X);
    fftwf_execute_dft(plans_->forward(), raw(x.data), raw(X.data));
  }
  void inverse(const TensorView<const Complex, 3>& X, const TensorView<Complex, 3>& x) const {
    check("ComplexFft2::inverse", X, x);
    fftwf_execute_dft(plans_->inverse(), raw(X.data), raw(x.data));
    const float scale = 1.0F / static_cast<float>(shape_[1] * shape_[2]);
    auto* const values = reinterpret_cast<float*>(x.data);
    const Index n = 2 * x.size();
#pragma omp simd
    for (Index i = 0; i < n; ++i) values[i] *= scale;
  }

 private:
  void check(const char* where, const TensorView<const Complex, 3>& in, const TensorView<Complex, 3>& out) const {
    require_shape(where, "input", in.shape, shape_);
    require_shape(where, "output", out.shape, shape_);
    if (in.data == out.data) throw Error(concat(where, ": input and output are the same memory"));
    for (const void* p : {static_cast<const void*>(in.data), static_cast<const void*>(out.data)})
      if (!detail::Fftw<float>::aligned(p)) throw Error(concat(where, ": memory does not lie on a 16-byte border"));
  }
  // FFTW takes pointers to non-const, but a plan out of place does not write its input.
  static fftwf_complex* raw(const Complex* p) { return reinterpret_cast<fftwf_complex*>(const_cast<Complex*>(p)); }

  Shape<3> shape_{};
  std::shared_ptr<const detail::ComplexFftPlans> plans_;
};

}  // namespace pursuit::inline v0::kernels::cpu
