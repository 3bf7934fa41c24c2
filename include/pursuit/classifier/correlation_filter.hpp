// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/classifier/feature_spectrum.hpp>
#include <pursuit/concepts/classifier.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/kernels/fft.hpp>
#include <pursuit/kernels/spectra.hpp>

#include <algorithm>
#include <complex>

namespace pursuit::inline v0 {

/// The discriminative correlation filter of DCFNet: a linear kernel in dual form. Per frequency
///
///     alpha = y / (sum_c |z_c|^2 + lambda)             response = IDFT( alpha sum_c x_c conj(z_c) )
///
/// and from frame to frame z and alpha both follow the newest frame by `rate`.
///
/// Shapes  features (N, Channels, H, W), one size for a target; response (N, H, W), no displacement at cell (0, 0).
/// Units   `sigma` is a share of the target's size in cells: its geometric mean.
/// Ref     Wang et al. 2017 (DCFNet), eqs. (1) to (3); foolwood/DCFNet_pytorch.
template <int Channels = any_channels>
class CorrelationFilter {
 public:
  static constexpr int channels = Channels;
  static constexpr UpdateFrom update_from = UpdateFrom::new_crop;

  struct Options {
    double lambda = 1e-4;  ///< regulariser, in units of the features' energy spectrum
    double rate = 0.01;    ///< share of the newest frame
    double sigma = 0.1;    ///< of the label
    /// Repeats what the published code does to maps of odd width: its inverse transform is not told the width and gives
    /// one column less, and the place of the peak is then read as if that column were there.
    bool published_inverse = false;
  };

  CorrelationFilter() = default;
  /// Throws Error unless the regulariser is positive, the rate a share and the label has an extent.
  explicit CorrelationFilter(const Options& options) : options_(options) {
    if (!(options.lambda > 0) || !(options.rate >= 0 && options.rate <= 1) || !(options.sigma > 0))
      throw Error(concat("CorrelationFilter: lambda ", options.lambda, ", rate ", options.rate, ", sigma ",
                         options.sigma, ": need lambda and sigma above 0 and a rate in [0, 1]"));
  }

  void init(const Sample<>& first) {
    const FeatureMap<>& map = first.features.top();
    height_ = map.values.shape[2];
    width_ = map.values.shape[3];
    spectrum_.start(height_, width_);
    count_ = spectrum_.pairs(map.values.shape[1]);
    spectrum_.set_label(first.targets[0], map.stride, options_.sigma);
    learn(first, 1.0F);
  }

  ResponseMap<> respond(const FeatureMaps<>& features) {
    const FeatureMap<>& map = features.top();
    const Index n = map.values.shape[0], plane = spectrum_.plane();
    const auto x = spectrum_(map.values);
    const auto sum = sum_.view(Shape<3>{n, height_, width_});
    const Complex* z = target_.view(Shape<2>{count_, plane}).data;
    const Complex* alpha = alpha_.view(Shape<1>{plane}).data;
    for (Index i = 0; i < n; ++i) {
      kernels::conjugate_products(z, x[i].data, count_, plane, sum[i].data);
      kernels::multiply(alpha, plane, sum[i].data);
    }
    const auto response = response_.view(Shape<3>{n, height_, width_});
    if (options_.published_inverse && width_ % 2 == 1)
      invert_as_published(sum, response);
    else
      spectrum_.invert(sum, response);
    return {.values = response, .stride = map.stride, .origin = ResponseMap<>::Origin::corner};
  }

  void update(const Sample<>& sample, const Track&) { learn(sample, static_cast<float>(options_.rate)); }

 private:
  using Complex = std::complex<float>;

  void learn(const Sample<>& sample, float rate) {
    const Index plane = spectrum_.plane();
    const auto fresh = spectrum_(sample.features.top().values);
    float* energy = energy_.view(Shape<1>{plane}).data;
    for (Index k = 0; k < plane; ++k) energy[k] = static_cast<float>(options_.lambda);
    for (Index p = 0; p < count_; ++p) kernels::add_energy(fresh.data + p * plane, plane, 1.0F, energy);
    kernels::symmetrise(energy, height_, width_);
    const Complex* y = spectrum_.label();
    Complex* alpha = alpha_.view(Shape<1>{plane}).data;
    Complex* z = target_.view(Shape<1>{count_ * plane}).data;
    const float keep = 1 - rate;
    if (rate == 1.0F) {
      for (Index k = 0; k < plane; ++k) alpha[k] = y[k] / energy[k];
      for (Index k = 0; k < count_ * plane; ++k) z[k] = fresh.data[k];
    } else {
      for (Index k = 0; k < plane; ++k) alpha[k] = keep * alpha[k] + y[k] * (rate / energy[k]);
      for (Index k = 0; k < count_ * plane; ++k) z[k] = keep * z[k] + rate * fresh.data[k];
    }
  }

  /// From the left 63 of 125 columns of a spectrum, as if they were the half of 124.
  void invert_as_published(const TensorView<const Complex, 3>& spectra, const TensorView<float, 3>& response) {
    const Index n = response.shape[0], bins = width_ / 2 + 1, cells = height_ * (width_ - 1);
    const auto half = half_.view(Shape<3>{n, height_, bins});
    const auto narrow = narrow_.view(Shape<3>{n, height_, width_ - 1});
    for (Index i = 0; i < n; ++i)
      for (Index r = 0; r < height_; ++r)
        for (Index j = 0; j < bins; ++j)  // the spectrum of the real part
          half(i, r, j) =
              0.5F * (spectra(i, r, j) + std::conj(spectra(i, (height_ - r) % height_, (width_ - j) % width_)));
    kernels::Fft2<float>(n, height_, width_ - 1).inverse(half, narrow);
    for (Index i = 0; i < n; ++i) {
      const float* in = narrow[i].data;
      const float lowest = *std::min_element(in, in + cells);
      float* out = std::copy(in, in + cells, response[i].data);
      std::fill(out, response[i].end(), lowest);
    }
  }

  Options options_{};
  Index count_ = 0;  // pairs of channels
  Index height_ = 0;
  Index width_ = 0;
  FeatureSpectrum spectrum_;
  Buffer<Complex> target_, alpha_, sum_, half_;
  Buffer<float> energy_, response_, narrow_;
};

}  // namespace pursuit::inline v0
