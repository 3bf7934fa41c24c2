// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/complex_fft.hpp>
#include <pursuit/kernels/spectra.hpp>
#include <pursuit/kernels/window.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

namespace pursuit::inline v0 {

/// Spectra of feature maps under a Hann window, two channels at a time: what correlation filters work on.
///
/// Channels 2p and 2p+1 are the real and imaginary part of one complex map, of which the whole spectrum is kept. For a
/// filter w and features x that are both kept so, the real part of IDFT(sum_p conj(W_p) X_p) is the sum of the
/// correlations of all channels: what the parts of a pair have to do with each other is in the imaginary part. Real
/// maps are multiplied into both parts of a pair by their spectrum, so labels, learning rates and shared denominators
/// need no unpacking.
///
/// Shapes  features (N, C, H, W) -> spectrum (N, pairs, H, W), unnormalised; the missing half of the last pair is zero.
class FeatureSpectrum {
 public:
  using Complex = std::complex<float>;

  /// Sets the size of the maps. With `single`, each channel has a pair of its own, for whoever needs channels apart.
  void start(Index height, Index width, bool single = false) {
    height_ = height;
    width_ = width;
    single_ = single;
    kernels::hann(window_.view(Shape<2>{height, width}));
    forward_.clear();
    inverse_ = {};
  }

  /// Cells of one map, and numbers in its spectrum.
  Index plane() const { return height_ * width_; }
  Index pairs(Index channels) const { return single_ ? channels : (channels + 1) / 2; }

  /// The spectrum of the windowed maps; the memory is used again by the next call. Throws ShapeError unless the maps
  /// have the size given to start().
  TensorView<Complex, 4> operator()(const TensorView<const float, 4>& features) {
    const Index n = features.shape[0], channels = features.shape[1], count = pairs(channels);
    require_shape("FeatureSpectrum", "feature map", Shape<2>{features.shape[2], features.shape[3]}, {height_, width_});
    const auto packed = packed_.view(Shape<3>{n * count, height_, width_});
    const float* window = window_.view(Shape<2>{height_, width_}).data;
    for (Index i = 0; i < n; ++i)
      for (Index p = 0; p < count; ++p) {
        const float* re = features[i][single_ ? p : 2 * p].data;
        const float* im = single_ || 2 * p + 1 == channels ? nullptr : re + plane();
        kernels::pack_windowed(re, im, window, plane(), packed[i * count + p].data);
      }
    const auto spectrum = spectrum_.view(Shape<4>{n, count, height_, width_});
    plan(n * count).forward(packed, {spectrum.data, {n * count, height_, width_}});
    return spectrum;
  }

  /// Sets what a filter should answer: 1 where the target is, falling off like a Gaussian of `sigma` times the target's
  /// size (geometric mean, in cells of `stride` pixels).
  void set_label(const Box& target, double stride, double sigma) {
    const double cells = sigma * std::sqrt(target.w * target.h) / stride;
    Buffer<float> map;
    const auto y = map.view(Shape<2>{height_, width_});
    kernels::gaussian_label(y, cells, cells);
    const auto packed = packed_.view(Shape<3>{1, height_, width_});
    std::copy(y.begin(), y.end(), packed.begin());
    plan(1).forward(packed, label_.view(packed.shape));
  }
  /// Its spectrum (H, W), flattened.
  const Complex* label() const { return label_.data(); }

  /// The real parts of the inverse transforms: responses (N, H, W) of spectra (N, H, W).
  void invert(const TensorView<const Complex, 3>& spectra, const TensorView<float, 3>& responses) {
    if (inverse_.shape() != spectra.shape) inverse_ = {spectra.shape[0], height_, width_};
    const auto complex = packed_.view(spectra.shape);
    inverse_.inverse(spectra, complex);
    for (Index k = 0; k < complex.size(); ++k) responses.data[k] = complex.data[k].real();
  }

 private:
  /// Plans for the batches of this target: search crops, and what is learned from.
  const kernels::ComplexFft2<>& plan(Index batch) {
    for (const auto& p : forward_)
      if (p.shape()[0] == batch) return p;
    return forward_.emplace_back(batch, height_, width_);
  }

  Index height_ = 0;
  Index width_ = 0;
  bool single_ = false;
  Buffer<float> window_;
  Buffer<Complex> packed_, spectrum_, label_;
  std::vector<kernels::ComplexFft2<>> forward_;
  kernels::ComplexFft2<> inverse_;
};

}  // namespace pursuit::inline v0
