// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/buffer.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/kernels/complex_fft.hpp>
#include <pursuit/kernels/cross_correlation_training.hpp>
#include <pursuit/kernels/fft.hpp>

#include <algorithm>
#include <complex>

namespace pursuit::inline v0::kernels {

/// The cross-correlation of each search map of a batch with its own large exemplar, as many responses as cells:
///
///     q[n,i,j] = sum_{c,u,v} t[n,c,u,v] z[n,c,i+u-p,j+v-p]        p = (s - 1) / 2, z zero outside
///
///     forward(t, z, q)       writes q and keeps what backward() needs
///     backward(dq, dt, dz)   writes both
///
/// float goes through Fourier transforms, two channels as one complex map: with t = t_a + i t_b and z alike, the real
/// part of what conj(T) Z transforms back to is the sum of both channels' correlations, and the two gradients come back
/// from conj(DQ) Z and DQ T with channel a in the real part and b in the imaginary one. Nothing is unpacked. double is
/// for gradient checks, by the direct sums of kernels/cross_correlation_training.hpp.
///
/// Shapes  t (N,C,s,s) with s odd, z (N,C,h,w), q (N,h,w). Throws ShapeError where they do not fit.
template <class T>
class SameCorrelation;

namespace detail {

inline Index same_padding(const Shape<4>& t, const Shape<4>& z) {
  if (t[0] != z[0] || t[1] != z[1] || t[2] != t[3] || t[2] % 2 != 1)
    throw ShapeError(concat("kernels::SameCorrelation: exemplar ", t, " does not fit search ", z,
                            ": need equal N and C, and an exemplar that is square with an odd side"));
  return (t[2] - 1) / 2;
}

}  // namespace detail

template <>
class SameCorrelation<double> {
 public:
  void forward(const TensorView<const double, 4>& t, const TensorView<const double, 4>& z,
               const TensorView<double, 3>& q) {
    t_ = t, z_ = z;  // the caller's memory, until backward()
    cross_correlation<double>(t, z, detail::same_padding(t.shape, z.shape), q);
  }
  void backward(const TensorView<const double, 3>& dq, const TensorView<double, 4>& dt,
                const TensorView<double, 4>& dz) {
    std::fill(dt.begin(), dt.end(), 0.0);
    std::fill(dz.begin(), dz.end(), 0.0);
    cross_correlation_backward<double>(t_, z_, detail::same_padding(t_.shape, z_.shape), dq, dt, dz);
  }

 private:
  TensorView<const double, 4> t_, z_;
};

template <>
class SameCorrelation<float> {
 public:
  void forward(const TensorView<const float, 4>& t, const TensorView<const float, 4>& z,
               const TensorView<float, 3>& q) {
    const Index p = detail::same_padding(t.shape, z.shape);
    require_shape("kernels::SameCorrelation", "q", q.shape, {z.shape[0], z.shape[2], z.shape[3]});
    t_shape_ = t.shape;
    z_shape_ = z.shape;
    // Shifts go up to p, so p empty cells keep what wraps around from being seen. Rows are even, so that each map of
    // many lies on a 16-byte border.
    const Index rows = good_size(z.shape[2] + p), columns = 2 * good_size((z.shape[3] + p + 1) / 2);
    if (const Shape<3> size{1, rows, columns}; size != fft_.shape()) fft_ = ComplexFft2<>(1, rows, columns);
    t_spectra_.view(spectra_shape());
    z_spectra_.view(spectra_shape());
    each_image([&](Index n, Complex* sum, Complex* map) {
      std::fill_n(sum, cells(), Complex{});
      for (Index pair = 0; pair < pairs(); ++pair) {
        Complex* const ts = spectrum(t_spectra_, n, pair);
        Complex* const zs = spectrum(z_spectra_, n, pair);
        pack(t[n], pair, -p, map);
        transform(map, ts);
        pack(z[n], pair, 0, map);
        transform(map, zs);
        add_conjugate_product(ts, zs, sum);
      }
      inverse(sum, map);
      for (Index i = 0; i < q.shape[1]; ++i)
        for (Index j = 0; j < q.shape[2]; ++j) q(n, i, j) = map[i * fft_.shape()[2] + j].real();
    });
  }

  /// Pre: forward().
  void backward(const TensorView<const float, 3>& dq, const TensorView<float, 4>& dt, const TensorView<float, 4>& dz) {
    require_shape("kernels::SameCorrelation", "dq", dq.shape, {z_shape_[0], z_shape_[2], z_shape_[3]});
    require_shape("kernels::SameCorrelation", "dt", dt.shape, t_shape_);
    require_shape("kernels::SameCorrelation", "dz", dz.shape, z_shape_);
    const Index p = (t_shape_[2] - 1) / 2;
    upstream_.view(Shape<3>{threads(), fft_.shape()[1], fft_.shape()[2]});
    each_image([&](Index n, Complex* product, Complex* map, Index worker) {
      Complex* const ds = const_cast<Complex*>(upstream_.data()) + worker * cells();
      std::fill_n(map, cells(), Complex{});
      for (Index i = 0; i < dq.shape[1]; ++i)
        for (Index j = 0; j < dq.shape[2]; ++j) map[i * fft_.shape()[2] + j] = dq(n, i, j);
      transform(map, ds);
      for (Index pair = 0; pair < pairs(); ++pair) {
        std::fill_n(product, cells(), Complex{});
        add_conjugate_product(ds, spectrum(z_spectra_, n, pair), product);
        inverse(product, map);
        unpack(map, pair, -p, dt[n]);
        multiply(ds, spectrum(t_spectra_, n, pair), product);
        inverse(product, map);
        unpack(map, pair, 0, dz[n]);
      }
    });
  }

 private:
  using Complex = std::complex<float>;

  Index cells() const { return fft_.shape()[1] * fft_.shape()[2]; }
  Index pairs() const { return (z_shape_[1] + 1) / 2; }
  Shape<4> spectra_shape() const { return {z_shape_[0], pairs(), fft_.shape()[1], fft_.shape()[2]}; }
  Complex* spectrum(Buffer<Complex>& all, Index n, Index pair) const {
    return const_cast<Complex*>(all.data()) + (n * pairs() + pair) * cells();
  }

  /// body(image, two maps of the worker's[, worker]).
  template <class Body>
  void each_image(Body&& body) {
    const int workers = static_cast<int>(std::min<Index>(threads(), z_shape_[0]));
    const auto maps = maps_.view(Shape<4>{workers, 2, fft_.shape()[1], fft_.shape()[2]});
    parallel_for(workers, z_shape_[0], [&](Index n, int worker) {
      if constexpr (requires { body(n, maps.data, maps.data, Index(0)); })
        body(n, maps[worker][0].data, maps[worker][1].data, Index(worker));
      else
        body(n, maps[worker][0].data, maps[worker][1].data);
    });
  }
  void transform(const Complex* x, Complex* X) const { fft_.forward({x, fft_.shape()}, {X, fft_.shape()}); }
  void inverse(const Complex* X, Complex* x) const { fft_.inverse({X, fft_.shape()}, {x, fft_.shape()}); }

  /// The cell of the transformed map for row or column i of a map that begins at `first`, negative ones from the end.
  static Index wrapped(Index i, Index first, Index size) { return i + first < 0 ? i + first + size : i + first; }

  /// Channels 2 pair and 2 pair + 1 as real and imaginary part, zeros around them.
  void pack(const TensorView<const float, 3>& x, Index pair, Index first, Complex* map) const {
    const Index h = fft_.shape()[1], w = fft_.shape()[2];
    const bool both = 2 * pair + 1 < x.shape[0];
    std::fill_n(map, h * w, Complex{});
    for (Index i = 0; i < x.shape[1]; ++i) {
      const float* const a = x.data + (2 * pair * x.shape[1] + i) * x.shape[2];
      const float* const b = a + x.shape[1] * x.shape[2];
      Complex* const row = map + wrapped(i, first, h) * w;
      for (Index j = 0; j < x.shape[2]; ++j) row[wrapped(j, first, w)] = {a[j], both ? b[j] : 0.0F};
    }
  }
  void unpack(const Complex* map, Index pair, Index first, const TensorView<float, 3>& x) const {
    const Index h = fft_.shape()[1], w = fft_.shape()[2];
    const bool both = 2 * pair + 1 < x.shape[0];
    for (Index i = 0; i < x.shape[1]; ++i) {
      float* const a = x.data + (2 * pair * x.shape[1] + i) * x.shape[2];
      float* const b = a + x.shape[1] * x.shape[2];
      const Complex* const row = map + wrapped(i, first, h) * w;
      for (Index j = 0; j < x.shape[2]; ++j) {
        const Complex value = row[wrapped(j, first, w)];
        a[j] = value.real();
        if (both) b[j] = value.imag();
      }
    }
  }

  // As pairs of floats: std::complex multiplication tests for infinities and does not vectorise.
  void add_conjugate_product(const Complex* a, const Complex* b, Complex* sum) const {
    const auto* x = reinterpret_cast<const float*>(a);
    const auto* y = reinterpret_cast<const float*>(b);
    auto* s = reinterpret_cast<float*>(sum);
    const Index n = cells();
#pragma omp simd
    for (Index k = 0; k < n; ++k) {
      s[2 * k] += x[2 * k] * y[2 * k] + x[2 * k + 1] * y[2 * k + 1];
      s[2 * k + 1] += x[2 * k] * y[2 * k + 1] - x[2 * k + 1] * y[2 * k];
    }
  }
  void multiply(const Complex* a, const Complex* b, Complex* product) const {
    const auto* x = reinterpret_cast<const float*>(a);
    const auto* y = reinterpret_cast<const float*>(b);
    auto* s = reinterpret_cast<float*>(product);
    const Index n = cells();
#pragma omp simd
    for (Index k = 0; k < n; ++k) {
      s[2 * k] = x[2 * k] * y[2 * k] - x[2 * k + 1] * y[2 * k + 1];
      s[2 * k + 1] = x[2 * k] * y[2 * k + 1] + x[2 * k + 1] * y[2 * k];
    }
  }

  Shape<4> t_shape_{}, z_shape_{};
  ComplexFft2<> fft_;
  Buffer<Complex> t_spectra_, z_spectra_, maps_, upstream_;
};

}  // namespace pursuit::inline v0::kernels
