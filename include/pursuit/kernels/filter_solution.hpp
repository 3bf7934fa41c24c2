// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/fft.hpp>

#include <algorithm>
#include <complex>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>

namespace pursuit::inline v0::kernels {

/// How a FilterSolution solves for its filter, and what it answers.
struct FilterOptions {
  double regularization = 1e-4;  ///< l1: relative to the energy of a frequency
  double context = 0.1;          ///< l2: how strongly responses to the surroundings are held down
  enum class Denominator { shared, of_channel } denominator = Denominator::shared;
  enum class Response { sum, each_channel } response = Response::sum;
};

/// A correlation filter that is solved within a network: features in, response out, and gradients through the solution.
/// With spectra in capitals, frames t of weight b_t, their target samples z_0t, surroundings z_it and labels y_t, for
/// each frequency:
///
///     D   = sum_t b_t (sum_c |Z_0tc|^2 + l1 + l2 sum_i sum_c |Z_itc|^2)      of_channel: D_c, without the sums over c
///     W_c = sum_t b_t Z_0tc conj(Y_t) / D
///     G   = sum_c conj(W_c) X_c                        of_channel: divided by C; each_channel: G_c = conj(W_c) X_c
///
/// and backward, with E the spectrum of dL/dg (of_channel: divided by C; each_channel: E_c), V_c = X_c conj(E) and
/// R = sum_c Re(conj(V_c) W_c) (of_channel: R_c, without the sum):
///
///     dx_c    of  W_c E
///     dz_0tc  of  b_t / D (Y_t V_c - 2 R Z_0tc)
///     dz_itc  of  -2 b_t l2 / D R Z_itc
///
/// The filter is exact for one frame without surroundings, and close to it otherwise.
///
/// Shapes  x (N,C,h,w); z (N,F,1+k,C,h,w), frames of a target and k surroundings; labels (N,F,h,w); weights (F);
///         g (N,1,h,w) or, each_channel, (N,C,h,w). The label's peak is at cell (0,0) plus the displacement, wrapped.
/// Ref     Gao et al. 2020 (RAR), eq. (5) to (9) with their gradients corrected; Wang et al. 2017 (DCFNet); Mueller et
///         al. 2017 (surroundings).
template <std::floating_point T = float>
class FilterSolution {
  using Complex = std::complex<T>;

  /// Half spectra of some maps.
  struct Spectra {
    void reset(Index count, Index h, Index w) {
      if (const Shape<3> shape{count, h, w}; !plan || shape != real) {
        plan.emplace(count, h, w);
        real = shape;
        values.resize(static_cast<std::size_t>(count * bins()));
      }
    }
    void forward(Index count, Index h, Index w, const T* from) {
      reset(count, h, w);
      plan->forward({from, real}, {values.data(), {count, h, w / 2 + 1}});
    }
    void inverse(T* to) { plan->inverse({values.data(), {real[0], real[1], real[2] / 2 + 1}}, {to, real}); }
    Index bins() const { return real[1] * (real[2] / 2 + 1); }
    Complex* operator[](Index map) { return values.data() + map * bins(); }

    std::optional<Fft2<T>> plan;
    Shape<3> real{};
    AlignedVector<Complex> values;
  };

 public:
  using Options = FilterOptions;

  /// Spectra of a forward pass, whose plans and memory serve the next one.
  class Cache {
    friend class FilterSolution;
    Spectra x, z, labels, response;         // response: of dg in backward()
    AlignedVector<std::complex<T>> filter;  // (N,C,bins)
    AlignedVector<T> denominator, r;        // (N,bins) or (N,C,bins)
    AlignedVector<T> weights;
    Shape<6> shape{};  // of z
  };

  FilterSolution() = default;
  explicit FilterSolution(const Options& options) : options_(options) {}

  Shape<4> output_shape(const Shape<4>& x) const {
    return {x[0], options_.response == Options::Response::sum ? 1 : x[1], x[2], x[3]};
  }

  /// Throws ShapeError where the shapes do not fit.
  void forward(const TensorView<const T, 4>& x, const TensorView<const T, 6>& z, const TensorView<const T, 4>& labels,
               std::span<const T> weights, Cache& cache, const TensorView<T, 4>& g) const {
    const Index batch = x.shape[0], channels = x.shape[1], h = x.shape[2], w = x.shape[3], frames = z.shape[1];
    require_shape("kernels::FilterSolution", "z", z.shape, {batch, frames, z.shape[2], channels, h, w});
    require_shape("kernels::FilterSolution", "labels", labels.shape, {batch, frames, h, w});
    require_shape("kernels::FilterSolution", "g", g.shape, output_shape(x.shape));
    if (static_cast<Index>(weights.size()) != frames)
      throw ShapeError(concat("kernels::FilterSolution: ", weights.size(), " weights for ", frames, " frames"));
    cache.shape = z.shape;
    cache.weights.assign(weights.begin(), weights.end());
    cache.x.forward(batch * channels, h, w, x.data);
    cache.z.forward(z.size() / (h * w), h, w, z.data);
    cache.labels.forward(batch * frames, h, w, labels.data);
    const Index bins = cache.x.bins();
    cache.filter.resize(static_cast<std::size_t>(batch * channels * bins));
    cache.denominator.resize(static_cast<std::size_t>(batch * (shared() ? 1 : channels) * bins));
    cache.r.resize(cache.denominator.size());
    for (Index n = 0; n < batch; ++n) solve(n, cache);

    cache.response.reset(batch * g.shape[1], h, w);
    std::fill(cache.response.values.begin(), cache.response.values.end(), Complex{});
    for (Index m = 0; m < batch * channels; ++m) {
      const Complex *filter = cache.filter.data() + m * bins, *of_x = cache.x[m];
      Complex* const sum = cache.response[g.shape[1] == 1 ? m / channels : m];
      for (Index k = 0; k < bins; ++k) sum[k] += part(channels) * times(conjugate(filter[k]), of_x[k]);
    }
    cache.response.inverse(g.data);
  }

  /// Writes both gradients. Pre: forward() filled the cache.
  void backward(const TensorView<const T, 4>& dg, Cache& cache, const TensorView<T, 4>& dx,
                const TensorView<T, 6>& dz) const {
    const Shape<6>& shape = cache.shape;
    const Index batch = shape[0], channels = shape[3], h = shape[4], w = shape[5], bins = cache.x.bins();
    require_shape("kernels::FilterSolution", "dx", dx.shape, {batch, channels, h, w});
    require_shape("kernels::FilterSolution", "dg", dg.shape, output_shape(dx.shape));
    require_shape("kernels::FilterSolution", "dz", dz.shape, shape);
    cache.response.forward(batch * dg.shape[1], h, w, dg.data);
    // V takes the place of X, and the gradients' spectra then that of V and Z.
    std::fill(cache.r.begin(), cache.r.end(), T(0));
    for (Index m = 0; m < batch * channels; ++m) {
      const Complex *filter = cache.filter.data() + m * bins, *e = cache.response[dg.shape[1] == 1 ? m / channels : m];
      Complex* const v = cache.x[m];
      T* const r = cache.r.data() + (shared() ? m / channels : m) * bins;
      for (Index k = 0; k < bins; ++k) {
        v[k] = part(channels) * times(v[k], conjugate(e[k]));
        r[k] += v[k].real() * filter[k].real() + v[k].imag() * filter[k].imag();
      }
    }
    for (Index n = 0; n < batch; ++n)
      for (Index f = 0; f < shape[1]; ++f)
        for (Index s = 0; s < shape[2]; ++s)
          for (Index c = 0; c < channels; ++c) sample_gradient(n, f, s, c, cache);
    for (Index m = 0; m < batch * channels; ++m) {
      const Complex *filter = cache.filter.data() + m * bins, *e = cache.response[dg.shape[1] == 1 ? m / channels : m];
      Complex* const to = cache.x[m];
      for (Index k = 0; k < bins; ++k) to[k] = part(channels) * times(filter[k], e[k]);
    }
    cache.x.inverse(dx.data);
    cache.z.inverse(dz.data);
  }

 private:
  // std::complex's own product tests for infinities.
  static Complex times(Complex a, Complex b) {
    return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
  }
  static Complex conjugate(Complex a) { return {a.real(), -a.imag()}; }
  static T energy(Complex a) { return a.real() * a.real() + a.imag() * a.imag(); }

  bool shared() const { return options_.denominator == Options::Denominator::shared; }
  /// What a channel's response counts in the sum.
  T part(Index channels) const {
    return shared() || options_.response == Options::Response::each_channel ? T(1) : 1 / static_cast<T>(channels);
  }

  void solve(Index n, Cache& cache) const {
    const auto [batch, frames, samples, channels, h, w] = cache.shape;
    const Index bins = cache.x.bins();
    // In float a frequency without energy would otherwise divide by next to nothing.
    const T least = sizeof(T) < 8 ? T(1e-8) : T(0);
    for (Index c = 0; c < channels; ++c) {
      Complex* const filter = cache.filter.data() + (n * channels + c) * bins;
      T* const d = cache.denominator.data() + (shared() ? n : n * channels + c) * bins;
      std::fill_n(filter, bins, Complex{});
      if (c == 0 || !shared()) std::fill_n(d, bins, least);
      for (Index f = 0; f < frames; ++f) {
        const T weight = cache.weights[static_cast<std::size_t>(f)];
        const Complex* const label = cache.labels[n * frames + f];
        const T constant = c == 0 || !shared() ? static_cast<T>(options_.regularization) : T(0);
        for (Index s = 0; s < samples; ++s) {
          const Complex* const sample = cache.z[((n * frames + f) * samples + s) * channels + c];
          const T share = s == 0 ? weight : weight * static_cast<T>(options_.context);
          for (Index k = 0; k < bins; ++k) d[k] += share * energy(sample[k]);
          if (s > 0) continue;
          for (Index k = 0; k < bins; ++k) {
            d[k] += weight * constant;
            filter[k] += weight * times(sample[k], conjugate(label[k]));
          }
        }
      }
    }
    for (Index c = 0; c < channels; ++c) {
      Complex* const filter = cache.filter.data() + (n * channels + c) * bins;
      const T* const d = cache.denominator.data() + (shared() ? n : n * channels + c) * bins;
      for (Index k = 0; k < bins; ++k) filter[k] /= d[k];
    }
  }

  /// Writes the spectrum of a sample's gradient over the sample's.
  void sample_gradient(Index n, Index f, Index s, Index c, Cache& cache) const {
    const auto [batch, frames, samples, channels, h, w] = cache.shape;
    const Index bins = cache.x.bins(), of_d = (shared() ? n : n * channels + c) * bins;
    const T *d = cache.denominator.data() + of_d, *r = cache.r.data() + of_d;
    const Complex *label = cache.labels[n * frames + f], *v = cache.x[n * channels + c];
    Complex* const sample = cache.z[((n * frames + f) * samples + s) * channels + c];
    const T weight = cache.weights[static_cast<std::size_t>(f)];
    if (s == 0) {
      for (Index k = 0; k < bins; ++k) sample[k] = weight / d[k] * (times(label[k], v[k]) - 2 * r[k] * sample[k]);
    } else {
      const T factor = -2 * weight * static_cast<T>(options_.context);
      for (Index k = 0; k < bins; ++k) sample[k] *= factor / d[k] * r[k];
    }
  }

  Options options_{};
};

}  // namespace pursuit::inline v0::kernels
