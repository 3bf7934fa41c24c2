// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/classifier/feature_spectrum.hpp>
#include <pursuit/concepts/classifier.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/kernels/spectra.hpp>

#include <array>
#include <complex>
#include <span>

namespace pursuit::inline v0 {

/// A correlation filter that answers with a Gaussian on the target and with nothing on its surroundings.
///
/// Per frequency (hat: unnormalised DFT; z_0 the target's features, z_i those of its surroundings; c the channel):
///
///     b_c = z_0c conj(y)                                       D = sum_c |z_0c|^2 + l1 + l2 sum_i sum_c |z_ic|^2
///     w_c = b_c / D                                            response = IDFT( sum_c conj(w_c) x_c )
///
/// and from frame to frame b <- (1-r) b + r b_new, D <- (1-r) D + r D_new. Without contexts and on one frame it is the
/// exact minimiser of |sum_c w_c * z_0c - y|^2 + l1 |w|^2; with contexts the shared denominator is an approximation.
/// With `per_channel` each channel has its own D_c, as Mueller et al. print it, and the response is divided by C.
///
/// Shapes  features (N, Channels, H, W), one size for a target; response (N, H, W), no displacement at cell (0, 0).
/// Units   `sigma` is a share of the target's size in cells: its geometric mean.
/// Ref     Mueller et al. 2017, eqs. (7) to (13); Li et al., "Learning reinforced attentional representation", eqs. (5)
///         to (7), with the conjugate that they drop (Eq. 5 as printed does not return y on its own training patch).
template <int Channels = any_channels>
class ContextCorrelationFilter {
 public:
  static constexpr int channels = Channels;
  static constexpr UpdateFrom update_from = UpdateFrom::new_crop;

  struct Options {
    double lambda1 = 1e-4;     ///< regulariser, in units of the features' energy spectrum
    double lambda2 = 25;       ///< weight of the surroundings; 0: they are not looked at
    double rate = 0.015;       ///< share of the newest frame
    double sigma = 0.1;        ///< of the label
    bool per_channel = false;  ///< a denominator for each channel
  };

  ContextCorrelationFilter() = default;
  /// Throws Error unless the regulariser is positive, surroundings do not weigh less than nothing, the rate a share and
  /// the label has an extent.
  explicit ContextCorrelationFilter(const Options& options) : options_(options) {
    if (!(options.lambda1 > 0) || !(options.lambda2 >= 0) || !(options.rate >= 0 && options.rate <= 1) ||
        !(options.sigma > 0))
      throw Error(concat("ContextCorrelationFilter: lambda1 ", options.lambda1, ", lambda2 ", options.lambda2,
                         ", rate ", options.rate, ", sigma ", options.sigma,
                         ": need lambda1 and sigma above 0, lambda2 of at least 0 and a rate in [0, 1]"));
  }

  std::span<const Point> contexts() const {
    static constexpr std::array<Point, 4> around{{{0, -1}, {-1, 0}, {0, 1}, {1, 0}}};
    return options_.lambda2 > 0 ? std::span<const Point>(around) : std::span<const Point>();
  }

  void init(const Sample<>& first) {
    const FeatureMap<>& map = first.features.top();
    height_ = map.values.shape[2];
    width_ = map.values.shape[3];
    spectrum_.start(height_, width_, options_.per_channel);
    count_ = spectrum_.pairs(map.values.shape[1]);
    spectrum_.set_label(first.targets[0], map.stride, options_.sigma);
    learn(first, 1.0F);
  }

  ResponseMap<> respond(const FeatureMaps<>& features) {
    const FeatureMap<>& map = features.top();
    const Index n = map.values.shape[0], plane = spectrum_.plane();
    const auto x = spectrum_(map.values);
    const auto sum = sum_.view(Shape<3>{n, height_, width_});
    const Complex* w = filter_.view(Shape<2>{count_, plane}).data;
    for (Index i = 0; i < n; ++i) kernels::conjugate_products(w, x[i].data, count_, plane, sum[i].data);
    const auto response = response_.view(Shape<3>{n, height_, width_});
    spectrum_.invert(sum, response);
    return {.values = response, .stride = map.stride, .origin = ResponseMap<>::Origin::corner};
  }

  void update(const Sample<>& sample, const Track&) { learn(sample, static_cast<float>(options_.rate)); }

 private:
  using Complex = std::complex<float>;

  void learn(const Sample<>& sample, float rate) {
    const Index plane = spectrum_.plane();
    const Index denominators = options_.per_channel ? count_ : 1;
    const auto z = spectrum_(sample.features.top().values);
    const Complex* y = spectrum_.label();
    Complex* b = numerator_.view(Shape<1>{count_ * plane}).data;
    float* d = denominator_.view(Shape<1>{denominators * plane}).data;
    float* fresh = energy_.view(Shape<1>{plane}).data;
    Complex* w = filter_.view(Shape<1>{count_ * plane}).data;
    const float keep = 1 - rate;
    const bool first = rate == 1.0F;

    const auto start = static_cast<float>(options_.lambda1 + 1e-8);
    const auto weight = [&](Index i) { return i == 0 ? 1.0F : static_cast<float>(options_.lambda2); };
    for (Index c = 0; c < count_; ++c) {
      kernels::blend_label_products(z[0].data + c * plane, y, plane, first ? 0.0F : keep, rate, b + c * plane);
      if (c == 0 || options_.per_channel)
        for (Index k = 0; k < plane; ++k) fresh[k] = start;
      for (Index i = 0; i < static_cast<Index>(1 + sample.contexts); ++i)
        kernels::add_energy(z[i].data + c * plane, plane, weight(i), fresh);
      if (c + 1 == count_ || options_.per_channel) {
        if (!options_.per_channel) kernels::symmetrise(fresh, height_, width_);
        float* own = options_.per_channel ? d + c * plane : d;
        for (Index k = 0; k < plane; ++k) own[k] = first ? fresh[k] : keep * own[k] + rate * fresh[k];
      }
    }
    for (Index c = 0; c < count_; ++c) {
      const float* own = options_.per_channel ? d + c * plane : d;
      const float share = options_.per_channel ? 1.0F / static_cast<float>(count_) : 1.0F;
      for (Index k = 0; k < plane; ++k) w[c * plane + k] = b[c * plane + k] * (share / own[k]);
    }
  }

  Options options_{};
  Index count_ = 0;  // pairs of channels, or channels where each has a denominator
  Index height_ = 0;
  Index width_ = 0;
  FeatureSpectrum spectrum_;
  Buffer<Complex> numerator_, filter_, sum_;
  Buffer<float> denominator_, energy_, response_;
};

}  // namespace pursuit::inline v0
