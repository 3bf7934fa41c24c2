// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace pursuit::inline v0::kernels::cpu {

namespace detail {

/// One axis of a crop: what turns a patch pixel into the two frame pixels it is blended from.
struct CropAxis {
  double start, step;
  int window_low, window_high;
  int frame_low, frame_high;  ///< one pixel of border on each side stands for all of it
  bool u8;
  int every, phase;  ///< windows and ends of the frame count only these pixels

  struct Tap {
    int first, second;
    float fraction;
    bool single;  ///< both pixels fell together at the window's edge
  };

  CropAxis(double first, double step_, int low, int high, int frame, const Crop& c, std::size_t axis)
      : start(first), step(step_), u8(c.rounding == Rounding::u8), every(c.every), phase(c.phase[axis]) {
    const auto number = [this](int pixel) {
      return every == 1 ? pixel : static_cast<int>(std::floor((static_cast<double>(pixel) - phase) / every));
    };
    const int margin = c.border == Border::constant ? 1 : 0;
    window_low = number(low);
    window_high = number(high);
    frame_low = -margin;
    frame_high = number(frame - 1) + margin;
  }

  Tap tap(int i) const {
    const double at = every == 1 ? start + i * step : (start + i * step - phase) / every;
    double cell = std::floor(at);
    auto fraction = static_cast<float>(at - cell);
    if (u8) {  // cv::resize counts in float from the first pixel of what it is given
      const double origin = window_low > -(1 << 24) ? window_low : std::floor(start);
      const auto relative = static_cast<float>(at - origin);
      cell = origin + static_cast<double>(std::floor(relative));
      fraction = std::isfinite(relative) ? relative - std::floor(relative) : 0.0F;
    }
    const auto inside = [](double v, int low, int high) { return std::clamp<double>(v, low, high); };
    const double a = inside(cell, window_low, window_high), b = inside(cell + 1, window_low, window_high);
    const auto pixel = [&](double v) { return static_cast<int>(inside(v, frame_low, frame_high)) * every + phase; };
    return {pixel(a), pixel(b), fraction, a == b};
  }
};

/// A pair of weights in 1/2048, as cv::resize rounds them.
inline std::array<int, 2> fixed_weights(float fraction) {
  return {static_cast<int>(std::nearbyint((1 - fraction) * 2048)), static_cast<int>(std::nearbyint(fraction * 2048))};
}

/// (p wa / 2^16 + q wb / 2^16 + 2) / 4, all rounded down.
inline void blend_rows(const std::int16_t* p, std::int16_t wa, const std::int16_t* q, std::int16_t wb, int count,
                       float* out) {
  int i = 0;
#if defined(__AVX2__)  // the upper half of products of 16 bits is one instruction, which compilers do not find
  const __m256i first = _mm256_set1_epi16(wa), second = _mm256_set1_epi16(wb), two = _mm256_set1_epi16(2);
  const auto load = [](const std::int16_t* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); };
  for (; i + 16 <= count; i += 16) {
    const __m256i sum =
        _mm256_add_epi16(_mm256_mulhi_epi16(load(p + i), first), _mm256_mulhi_epi16(load(q + i), second));
    const __m256i value = _mm256_srai_epi16(_mm256_add_epi16(sum, two), 2);
    const __m256i low = _mm256_cvtepi16_epi32(_mm256_castsi256_si128(value)),
                  high = _mm256_cvtepi16_epi32(_mm256_extracti128_si256(value, 1));
    _mm256_storeu_ps(out + i, _mm256_cvtepi32_ps(low));
    _mm256_storeu_ps(out + i + 8, _mm256_cvtepi32_ps(high));
  }
#endif
  for (; i < count; ++i) out[i] = static_cast<float>((((p[i] * wa) >> 16) + ((q[i] * wb) >> 16) + 2) >> 2);
}

/// Resamples a frame of C interleaved channels, a strip of the patch's columns at a time. A strip reads at most
/// `span` pixels of a row, so that all it works on is small and on the stack.
template <int C>
class Cropper {
  static constexpr int strip = 256;
  static constexpr int span = 2048;
  using Float4 [[gnu::vector_size(16)]] = float;
  using Int4 [[gnu::vector_size(16)]] = std::int32_t;
  using Short4 [[gnu::vector_size(8)]] = std::int16_t;

 public:
  Cropper(const ImageView& frame, const Crop& c, const PixelFormat& format, const TensorView<float, 3>& patch)
      : frame_(frame),
        crop_(c),
        format_(format),
        patch_(patch),
        x_(c.x, c.step_x, c.window.x0, c.window.x1, frame.width, c, 0),
        y_(c.y, c.step_y, c.window.y0, c.window.y1, frame.height, c, 1) {
    for (std::size_t k = 0; k < 3; ++k)
      bytes_of_colour_[k] = static_cast<std::uint8_t>(std::clamp(std::nearbyint(c.colour[k]), 0.0F, 255.0F));
  }

  void run() {
    for (int u = 0; u < crop_.width; u += count_) {
      choose_strip(u);
      if (crop_.rounding == Rounding::u8)
        resample_bytes(u);
      else
        resample(u);
    }
  }

 private:
  static constexpr std::size_t at(int i) { return static_cast<std::size_t>(i); }

  /// As many columns from u on as fit; makes their taps relative to the strip's first pixel.
  void choose_strip(int u) {
    const int most = std::min(strip, crop_.width - u);
    int low = std::numeric_limits<int>::max(), high = std::numeric_limits<int>::min();
    for (count_ = 0; count_ < most; ++count_) {
      const auto tap = x_.tap(u + count_);
      const int l = std::min(low, tap.first), h = std::max(high, tap.second);
      if (h - l >= span) break;
      low = l;
      high = h;
      first_[at(count_)] = tap.first;
      second_[at(count_)] = tap.second;
      fraction_[at(count_)] = tap.single && crop_.rounding == Rounding::u8 ? 0 : tap.fraction;
    }
    low_ = low;
    pixels_ = high - low + 1;
    for (int i = 0; i < count_; ++i) {
      first_[at(i)] = (first_[at(i)] - low) * C;
      second_[at(i)] = (second_[at(i)] - low) * C;
    }
    for (int i = count_; i < strip && i % 4 != 0; ++i) {  // whole vectors
      first_[at(i)] = second_[at(i)] = 0;
      fraction_[at(i)] = 0;
    }
  }

  bool in_frame(int row) const { return row >= 0 && row < frame_.height; }

  /// Row blends, then column blends: the row blend is contiguous, and its result serves all three channels.
  void resample(int u) {
    const int inner_low = std::max(low_, 0), inner_high = std::min(low_ + pixels_, frame_.width);
    const int inner = std::max(inner_high - inner_low, 0) * C, offset = inner > 0 ? (inner_low - low_) * C : 0;
    for (int i = 0; i < offset; ++i) line_[at(i)] = crop_.colour[at(i % C)];
    for (int i = offset + inner; i < pixels_ * C; ++i) line_[at(i)] = crop_.colour[at(i % C)];
    for (int v = 0; v < crop_.height; ++v) {
      const auto tap = y_.tap(v);
      float* const out = line_.data() + offset;
      if (in_frame(tap.first) && in_frame(tap.second)) {
        const std::uint8_t* const a = frame_.row(tap.first) + inner_low * C;
        const std::uint8_t* const b = frame_.row(tap.second) + inner_low * C;
        const float t = tap.fraction;
#pragma omp simd
        for (int i = 0; i < inner; ++i) {
          const auto top = static_cast<float>(a[i]);
          out[i] = top + (static_cast<float>(b[i]) - top) * t;
        }
      } else {
        const auto pixel = [&](int row, int i) {
          return in_frame(row) ? static_cast<float>(frame_.row(row)[inner_low * C + i]) : crop_.colour[at(i % C)];
        };
        for (int i = 0; i < inner; ++i) {
          const float top = pixel(tap.first, i);
          out[i] = top + (pixel(tap.second, i) - top) * tap.fraction;
        }
      }
      blend_columns();
      store(u, v);
    }
  }

  void blend_columns() {
    if constexpr (C == 3) {
      const float* const line = line_.data();
      const auto pixel = [&](int i) {
        Float4 a, b;  // the fourth element belongs to the next pixel and is dropped
        std::memcpy(&a, line + first_[at(i)], sizeof a);
        std::memcpy(&b, line + second_[at(i)], sizeof b);
        return a + (b - a) * fraction_[at(i)];
      };
      for (int i = 0; i < count_; i += 4) {
        const Float4 p = pixel(i), q = pixel(i + 1), r = pixel(i + 2), s = pixel(i + 3);
        const Float4 pq = __builtin_shufflevector(p, q, 0, 4, 1, 5), rs = __builtin_shufflevector(r, s, 0, 4, 1, 5);
        const Float4 c0 = __builtin_shufflevector(pq, rs, 0, 1, 4, 5);
        const Float4 c1 = __builtin_shufflevector(pq, rs, 2, 3, 6, 7);
        const Float4 c2 = __builtin_shufflevector(__builtin_shufflevector(p, q, 2, 6, 3, 7),
                                                  __builtin_shufflevector(r, s, 2, 6, 3, 7), 0, 1, 4, 5);
        std::memcpy(planes_[0].data() + i, &c0, sizeof c0);
        std::memcpy(planes_[1].data() + i, &c1, sizeof c1);
        std::memcpy(planes_[2].data() + i, &c2, sizeof c2);
      }
    } else {
      for (int i = 0; i < count_; ++i) {
        const float a = line_[at(first_[at(i)])], b = line_[at(second_[at(i)])];
        planes_[0][at(i)] = a + (b - a) * fraction_[at(i)];
      }
    }
  }

  /// cv::resize of 8-bit pixels: columns, then rows, in whole numbers.
  void resample_bytes(int u) {
    for (int i = 0; i < (count_ + 3) / 4 * 4; ++i) weights_[at(i)] = fixed_weights(fraction_[at(i)]);
    held_ = {std::numeric_limits<int>::min(), std::numeric_limits<int>::min()};
    for (int v = 0; v < crop_.height; ++v) {
      const auto tap = y_.tap(v);
      const auto weight = fixed_weights(tap.fraction);
      const auto& a = stretched_row(tap.first);
      const auto& b = stretched_row(tap.second);
      const auto wa = static_cast<std::int16_t>(weight[0]), wb = static_cast<std::int16_t>(weight[1]);
      for (std::size_t k = 0; k < C; ++k) {
        const std::int16_t *const p = a[k].data(), *const q = b[k].data();
        float* const out = is_plain() ? patch_row(shown_as(k), u, v) : planes_[k].data();
        blend_rows(p, wa, q, wb, count_, out);
      }
      if (!is_plain()) store(u, v);
    }
  }

  /// Whether the patch holds the frame's channels as they are, in one order or the other.
  bool is_plain() const {
    return C == 3 && format_.order != PixelOrder::grey && format_.mean == std::array<float, 3>{} &&
           format_.scale == std::array<float, 3>{1, 1, 1};
  }
  /// The channel of the patch that the frame's channel k becomes.
  std::size_t shown_as(std::size_t k) const { return frame_.order != format_.order ? 2 - k : k; }
  float* patch_row(std::size_t k, int u, int v) const {
    return patch_.data + (static_cast<Index>(k) * crop_.height + v) * crop_.width + u;
  }

  using Stretched = std::array<std::array<std::int16_t, strip>, C>;

  /// Row r of the frame with its columns blended. The two rows that a patch row reads have different parity or are
  /// the same row, so two places are enough.
  const Stretched& stretched_row(int r) {
    const auto place = static_cast<std::size_t>(r & 1);
    Stretched& row = stretched_[place];
    if (held_[place] == r) return row;
    held_[place] = r;
    const int inner_low = std::max(low_, 0), inner_high = std::min(low_ + pixels_, frame_.width);
    const bool shows_frame = in_frame(r) && inner_high > inner_low;
    const int offset = shows_frame ? (inner_low - low_) * C : pixels_ * C;
    const int inner = shows_frame ? (inner_high - inner_low) * C : 0;
    std::int32_t* const line = bytes_.data();
    for (int i = 0; i < offset; ++i) line[i] = bytes_of_colour_[at(i % C)];
    if (inner > 0) {
      const std::uint8_t* const from = frame_.row(r) + inner_low * C;
#pragma omp simd
      for (int i = 0; i < inner; ++i) line[offset + i] = from[i];
    }
    for (int i = offset + inner; i < pixels_ * C; ++i) line[i] = bytes_of_colour_[at(i % C)];
    stretch(line, row);
    return row;
  }

  /// Blends the columns of a line of bytes.
  void stretch(const std::int32_t* line, Stretched& row) const {
    if constexpr (C == 3) {
      const auto pixel = [&](int i) {
        Int4 a, b;  // the fourth element belongs to the next pixel and is dropped
        std::memcpy(&a, line + first_[at(i)], sizeof a);
        std::memcpy(&b, line + second_[at(i)], sizeof b);
        const auto [wa, wb] = weights_[at(i)];
        return (a * wa + b * wb) >> 4;
      };
      const auto put = [](const Int4& from, std::int16_t* to) {
        const auto half = __builtin_convertvector(from, Short4);
        std::memcpy(to, &half, sizeof half);
      };
      for (int i = 0; i < count_; i += 4) {
        const Int4 p = pixel(i), q = pixel(i + 1), r = pixel(i + 2), s = pixel(i + 3);
        const Int4 pq = __builtin_shufflevector(p, q, 0, 4, 1, 5), rs = __builtin_shufflevector(r, s, 0, 4, 1, 5);
        put(__builtin_shufflevector(pq, rs, 0, 1, 4, 5), row[0].data() + i);
        put(__builtin_shufflevector(pq, rs, 2, 3, 6, 7), row[1].data() + i);
        put(__builtin_shufflevector(__builtin_shufflevector(p, q, 2, 6, 3, 7),
                                    __builtin_shufflevector(r, s, 2, 6, 3, 7), 0, 1, 4, 5),
            row[2].data() + i);
      }
    } else {
      for (int i = 0; i < count_; ++i) {
        const auto [wa, wb] = weights_[at(i)];
        row[0][at(i)] = static_cast<std::int16_t>((line[first_[at(i)]] * wa + line[second_[at(i)]] * wb) >> 4);
      }
    }
  }

  /// Writes the strip's planes to the patch in the wanted format.
  void store(int u, int v) {
    const auto plane = [&](std::size_t k) { return planes_[C == 1 ? 0 : k].data(); };
    const auto write = [&](std::size_t k, auto value) {
      float* const out = patch_row(k, u, v);
      const float mean = format_.mean[k], scale = format_.scale[k];
#pragma omp simd
      for (int i = 0; i < count_; ++i) out[i] = (value(i) - mean) * scale;
    };
    const bool swap = C == 3 && frame_.order != format_.order;
    if (format_.order != PixelOrder::grey) {
      for (std::size_t k = 0; k < 3; ++k) {
        const float* const in = plane(swap ? 2 - k : k);
        write(k, [in](int i) { return in[i]; });
      }
    } else if (C == 1) {
      const float* const in = plane(0);
      write(0, [in](int i) { return in[i]; });
    } else {
      const bool reversed = frame_.order == PixelOrder::bgr;
      const float *const r = plane(reversed ? 2 : 0), *const g = plane(1), *const b = plane(reversed ? 0 : 2);
      write(0, [=](int i) { return 0.299F * r[i] + 0.587F * g[i] + 0.114F * b[i]; });
    }
  }

  const ImageView frame_;
  const Crop& crop_;
  const PixelFormat& format_;
  const TensorView<float, 3> patch_;
  CropAxis x_, y_;
  std::array<std::uint8_t, 3> bytes_of_colour_{};
  int count_ = 0;   // columns of the strip
  int low_ = 0;     // first frame column it reads
  int pixels_ = 0;  // how many it reads
  std::array<int, strip> first_, second_;
  std::array<float, strip> fraction_;
  std::array<std::array<int, 2>, strip> weights_;
  alignas(64) std::array<std::array<float, strip>, C> planes_;
  std::array<int, 2> held_{};
  alignas(64) std::array<float, span * C + 4> line_;
  alignas(64) std::array<std::int32_t, span * C + 4> bytes_;
  std::array<Stretched, 2> stretched_;
};

}  // namespace detail

inline void crop(const ImageView& frame, const Crop& c, const PixelFormat& format, const TensorView<float, 3>& patch) {
  if (frame.channels == 3)
    detail::Cropper<3>(frame, c, format, patch).run();
  else
    detail::Cropper<1>(frame, c, format, patch).run();
}

/// Sums in whole numbers: 16-bit lanes that are emptied before they can overflow.
inline std::array<float, 3> mean_colour(const ImageView& frame) {
  constexpr int lanes = 48;  // a multiple of the three channels and of the vector
  const std::ptrdiff_t bytes = static_cast<std::ptrdiff_t>(frame.width) * frame.channels;
  std::array<std::uint64_t, 3> sum{};
  const auto add = [&](std::ptrdiff_t byte, std::uint64_t value) {
    sum[frame.channels == 3 ? static_cast<std::size_t>(byte % 3) : 0] += value;
  };
  for (int y = 0; y < frame.height; ++y) {
    const std::uint8_t* const row = frame.row(y);
    std::ptrdiff_t i = 0;
    while (i + lanes <= bytes) {
      std::array<std::uint16_t, lanes> partial{};
      const std::ptrdiff_t end = std::min(bytes - lanes, i + 256 * lanes);
      for (; i <= end; i += lanes)
#pragma omp simd
        for (int k = 0; k < lanes; ++k)
          partial[static_cast<std::size_t>(k)] =
              static_cast<std::uint16_t>(partial[static_cast<std::size_t>(k)] + row[i + k]);
      for (int k = 0; k < lanes; ++k) add(k, partial[static_cast<std::size_t>(k)]);
    }
    for (; i < bytes; ++i) add(i, row[i]);
  }
  const double pixels = static_cast<double>(frame.width) * frame.height;
  std::array<float, 3> mean{};
  for (std::size_t k = 0; k < 3; ++k)
    mean[k] = static_cast<float>(static_cast<double>(sum[frame.channels == 3 ? k : 0]) / pixels);
  return mean;
}

}  // namespace pursuit::inline v0::kernels::cpu
