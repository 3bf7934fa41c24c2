// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/buffer.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/fft.hpp>
#include <pursuit/kernels/window.hpp>

#include <complex>

namespace pursuit::inline v0 {

/// The spectrum of each channel of feature maps under a Hann window: what correlation filters work on.
///
/// Shapes  features (N, C, H, W) -> spectrum (N, C, H, W/2 + 1), half of a real transform, unnormalised.
template <Device D = Cpu>
class FeatureSpectrum {
 public:
  using Complex = std::complex<float>;

  /// Sets the size of the maps.
  void start(Index height, Index width) {
    height_ = height;
    width_ = width;
    kernels::hann(window_.view(Shape<2>{height, width}));
  }

  Index bins() const { return width_ / 2 + 1; }
  /// Bins of one channel.
  Index plane() const { return height_ * bins(); }

  /// Writes the spectrum of the windowed maps. Throws ShapeError unless the maps have the size given to start().
  TensorView<Complex, 4> operator()(const TensorView<const float, 4, D>& features) {
    const Index n = features.shape[0], channels = features.shape[1], batch = n * channels;
    require_shape("FeatureSpectrum", "feature map", Shape<2>{features.shape[2], features.shape[3]}, {height_, width_});
    const auto windowed = windowed_.view(Shape<3>{batch, height_, width_});
    const float* window = window_.view(Shape<2>{height_, width_}).data;
    const Index cells = height_ * width_;
    for (Index i = 0; i < batch; ++i) {
      const float* in = features.data + i * cells;
      float* out = windowed.data + i * cells;
      for (Index k = 0; k < cells; ++k) out[k] = in[k] * window[k];
    }
    const auto spectrum = spectrum_.view(Shape<4>{n, channels, height_, bins()});
    kernels::Fft2<float, D>(batch, height_, width_)
        .forward(windowed, TensorView<Complex, 3>(spectrum.data, {batch, height_, bins()}));
    return spectrum;
  }

  /// The spectrum of a real map, e.g. a label.
  void transform(const TensorView<const float, 2, D>& map, const TensorView<Complex, 2, D>& spectrum) const {
    kernels::Fft2<float, D>(1, height_, width_)
        .forward({map.data, {1, height_, width_}}, {spectrum.data, {1, height_, bins()}});
  }

  /// Responses (N, H, W) of their spectra (N, H, W/2 + 1), which are destroyed.
  void invert(const TensorView<Complex, 3, D>& spectra, const TensorView<float, 3, D>& responses) const {
    kernels::Fft2<float, D>(spectra.shape[0], height_, width_).inverse(spectra, responses);
  }

 private:
  Index height_ = 0;
  Index width_ = 0;
  Buffer<float, D> window_;
  Buffer<float, D> windowed_;
  Buffer<Complex, D> spectrum_;
};

}  // namespace pursuit::inline v0
