// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/fft_plans.hpp>

#include <complex>
#include <cstddef>
#include <memory>
#include <mutex>

#include <fftw3.h>

namespace pursuit::inline v0::kernels::cpu {

namespace detail {

/// FFTW has one set of names for each precision.
template <class T>
struct Fftw;

template <>
struct Fftw<float> {
  using Plan = fftwf_plan;
  using Complex = fftwf_complex;
  static void* allocate(std::size_t bytes) { return fftwf_malloc(bytes); }
  static void release(void* p) { fftwf_free(p); }
  static bool aligned(const void* p) { return fftwf_alignment_of(static_cast<float*>(const_cast<void*>(p))) == 0; }
  static Plan forward(const int* n, int batch, float* x, Complex* X, int dx, int dX, unsigned flags) {
    return fftwf_plan_many_dft_r2c(2, n, batch, x, nullptr, 1, dx, X, nullptr, 1, dX, flags);
  }
  static Plan inverse(const int* n, int batch, Complex* X, float* x, int dX, int dx, unsigned flags) {
    return fftwf_plan_many_dft_c2r(2, n, batch, X, nullptr, 1, dX, x, nullptr, 1, dx, flags);
  }
  static void run(Plan p, float* x, Complex* X) { fftwf_execute_dft_r2c(p, x, X); }
  static void run(Plan p, Complex* X, float* x) { fftwf_execute_dft_c2r(p, X, x); }
  static void destroy(Plan p) { fftwf_destroy_plan(p); }
};

template <>
struct Fftw<double> {
  using Plan = fftw_plan;
  using Complex = fftw_complex;
  static void* allocate(std::size_t bytes) { return fftw_malloc(bytes); }
  static void release(void* p) { fftw_free(p); }
  static bool aligned(const void* p) { return fftw_alignment_of(static_cast<double*>(const_cast<void*>(p))) == 0; }
  static Plan forward(const int* n, int batch, double* x, Complex* X, int dx, int dX, unsigned flags) {
    return fftw_plan_many_dft_r2c(2, n, batch, x, nullptr, 1, dx, X, nullptr, 1, dX, flags);
  }
  static Plan inverse(const int* n, int batch, Complex* X, double* x, int dX, int dx, unsigned flags) {
    return fftw_plan_many_dft_c2r(2, n, batch, X, nullptr, 1, dX, x, nullptr, 1, dx, flags);
  }
  static void run(Plan p, double* x, Complex* X) { fftw_execute_dft_r2c(p, x, X); }
  static void run(Plan p, Complex* X, double* x) { fftw_execute_dft_c2r(p, X, x); }
  static void destroy(Plan p) { fftw_destroy_plan(p); }
};

/// Both directions of one batch. Plans that may assume memory on FFTW's vector borders are faster.
template <class T>
class FftPlans {
  using F = Fftw<T>;

 public:
  FftPlans(const Shape<3>& shape, bool aligned) {
    const auto [batch, h, w] = shape;
    const int n[2] = {static_cast<int>(h), static_cast<int>(w)};
    const auto reals = static_cast<int>(h * w), bins = static_cast<int>(h * (w / 2 + 1)),
               many = static_cast<int>(batch);
    const auto count = static_cast<std::size_t>(batch);
    const std::unique_ptr<void, void (*)(void*)> x(F::allocate(count * reals * sizeof(T)), &F::release);
    const std::unique_ptr<void, void (*)(void*)> X(F::allocate(count * bins * 2 * sizeof(T)), &F::release);
    auto* const real = static_cast<T*>(x.get());
    auto* const half = static_cast<typename F::Complex*>(X.get());
    // FFTW_ESTIMATE reads no clock: the same plan, hence the same numbers, in every run.
    const unsigned flags = FFTW_ESTIMATE | (aligned ? 0U : FFTW_UNALIGNED);
    const std::lock_guard lock(fftw_planner());
    forward_ = F::forward(n, many, real, half, reals, bins, flags);
    inverse_ = F::inverse(n, many, half, real, bins, reals, flags);
  }
  FftPlans(const FftPlans&) = delete;
  FftPlans& operator=(const FftPlans&) = delete;
  ~FftPlans() {
    const std::lock_guard lock(fftw_planner());
    if (forward_ != nullptr) F::destroy(forward_);
    if (inverse_ != nullptr) F::destroy(inverse_);
  }

  bool complete() const { return forward_ != nullptr && inverse_ != nullptr; }
  void forward(const T* x, std::complex<T>* X) const {
    // FFTW takes a pointer to non-const, but a forward plan out of place does not write its input.
    F::run(forward_, const_cast<T*>(x), reinterpret_cast<typename F::Complex*>(X));
  }
  void inverse(std::complex<T>* X, T* x) const { F::run(inverse_, reinterpret_cast<typename F::Complex*>(X), x); }

 private:
  typename F::Plan forward_{};
  typename F::Plan inverse_{};
};

}  // namespace detail

/// kernels::Fft2 on FFTW.
template <class T>
class Fft2 {
 public:
  using Complex = std::complex<T>;

  Fft2(Index batch, Index h, Index w) : real_{batch, h, w}, half_{batch, h, w / 2 + 1} {
    detail::require_plannable("Fft2", real_);
    plans_ = plans(true);
  }

  void forward(const TensorView<const T, 3>& x, const TensorView<Complex, 3>& X) const {
    require_shape("Fft2::forward", "x", x.shape, real_);
    require_shape("Fft2::forward", "X", X.shape, half_);
    with_plans(x.data, X.data, [&](const auto& plans) { plans.forward(x.data, X.data); });
  }

  void inverse(const TensorView<Complex, 3>& X, const TensorView<T, 3>& x) const {
    require_shape("Fft2::inverse", "X", X.shape, half_);
    require_shape("Fft2::inverse", "x", x.shape, real_);
    with_plans(x.data, X.data, [&](const auto& plans) { plans.inverse(X.data, x.data); });
    const T scale = T(1) / static_cast<T>(real_[1] * real_[2]);
    T* const v = x.data;
    const Index n = x.size();
#pragma omp simd
    for (Index i = 0; i < n; ++i) v[i] *= scale;
  }

 private:
  std::shared_ptr<const detail::FftPlans<T>> plans(bool aligned) const {
    return detail::kept_plans<detail::FftPlans<T>>("Fft2", real_, aligned);
  }

  template <class Body>
  void with_plans(const void* x, const void* X, const Body& body) const {
    if (detail::Fftw<T>::aligned(x) && detail::Fftw<T>::aligned(X))
      body(*plans_);
    else
      body(*plans(false));
  }

  Shape<3> real_;
  Shape<3> half_;
  std::shared_ptr<const detail::FftPlans<T>> plans_;
};

}  // namespace pursuit::inline v0::kernels::cpu
