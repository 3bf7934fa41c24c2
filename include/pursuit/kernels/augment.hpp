// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/augmentation.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace pursuit::inline v0::kernels {

namespace detail {

/// The weights of a Gaussian at -radius .. radius, radius = ceil(2 sigma), that sum to 1; {1} where sigma is not
/// positive.
inline AlignedVector<double> gaussian_weights(double sigma) {
  if (!(sigma > 0)) return {1.0};
  const auto radius = static_cast<Index>(std::ceil(2 * sigma));
  AlignedVector<double> weights;
  double sum = 0;
  for (Index i = -radius; i <= radius; ++i) {
    const double d = static_cast<double>(i) / sigma;
    weights.push_back(std::exp(-0.5 * d * d));
    sum += weights.back();
  }
  for (double& w : weights) w /= sum;
  return weights;
}

/// The cells of an axis that a window of so many, from `from` on, shows when it is held inside, and `margin` more.
struct Part {
  Index first = 0, count = 0;

  Part(Index from, Index shown, Index cells, Index margin) {
    const auto inside = [&](Index i) { return std::clamp<Index>(i, 0, cells - 1); };
    first = inside(inside(from) - margin);
    count = inside(inside(from + shown - 1) + margin) + 1 - first;
  }
};

}  // namespace detail

/// One changed view of a large patch: flip, rotation about its centre (bilinear), Gaussian blur (zeros outside, as
/// zero-padded convolutions give), then the central part of out's size, moved by the shift. Rotation and cutting
/// repeat the patch's rim where they look outside of it.
///
/// Shapes  large (C, H, W) -> out (C, h, w).
/// For the first frame, not for every frame: it allocates.
/// Throws ShapeError where the channels differ or a tensor is empty, Error where a number is not finite.
inline void augment(const TensorView<const float, 3>& large, const Augmentation& view,
                    const TensorView<float, 3>& out) {
  const Index channels = large.shape[0], h = large.shape[1], w = large.shape[2];
  if (out.shape[0] != channels || large.size() < 1 || out.size() < 1)
    throw ShapeError(concat("augment: ", large.shape, " to ", out.shape, ": need equal channels and no empty side"));
  const double all[] = {view.shift.x, view.shift.y, view.rotation_degrees, view.blur_x, view.blur_y};
  for (const double v : all)
    if (!std::isfinite(v)) throw Error("augment: the view is not finite");

  const AlignedVector<double> across = detail::gaussian_weights(view.blur_x),
                              down = detail::gaussian_weights(view.blur_y);
  // The part of the patch that the result shows, and what a blur carries into it.
  const auto left = (w - out.shape[2]) / 2 - static_cast<Index>(std::lround(view.shift.x));
  const auto top = (h - out.shape[1]) / 2 - static_cast<Index>(std::lround(view.shift.y));
  const detail::Part rows(top, out.shape[1], h, static_cast<Index>(down.size() / 2)),
      columns(left, out.shape[2], w, static_cast<Index>(across.size() / 2));
  AlignedVector<float> turned(static_cast<std::size_t>(channels * rows.count * columns.count));
  const TensorView<float, 3> image(turned.data(), {channels, rows.count, columns.count});
  const auto column = [&](Index x) { return view.flip ? w - 1 - x : x; };

  if (view.rotation_degrees == 0) {
    for (Index c = 0; c < channels; ++c)
      for (Index i = 0; i < rows.count; ++i)
        for (Index j = 0; j < columns.count; ++j) image(c, i, j) = large(c, rows.first + i, column(columns.first + j));
  } else {
    const double angle = view.rotation_degrees * 3.141592653589793 / 180, cosine = std::cos(angle),
                 sine = std::sin(angle);
    const double cx = static_cast<double>(w - 1) / 2, cy = static_cast<double>(h - 1) / 2;
    for (Index i = 0; i < rows.count; ++i)
      for (Index j = 0; j < columns.count; ++j) {
        // y points down, so turning the content counter-clockwise looks up where it was, turned clockwise.
        const double dx = static_cast<double>(columns.first + j) - cx, dy = static_cast<double>(rows.first + i) - cy;
        const double x = std::clamp(cx + cosine * dx - sine * dy, 0.0, static_cast<double>(w - 1));
        const double y = std::clamp(cy + sine * dx + cosine * dy, 0.0, static_cast<double>(h - 1));
        const auto x0 = static_cast<Index>(x), y0 = static_cast<Index>(y);
        const Index near = column(x0), far = column(std::min(x0 + 1, w - 1)), y1 = std::min(y0 + 1, h - 1);
        const auto fx = static_cast<float>(x - static_cast<double>(x0)),
                   fy = static_cast<float>(y - static_cast<double>(y0));
        for (Index c = 0; c < channels; ++c) {
          const float *const upper = large.data + (c * h + y0) * w, *const lower = large.data + (c * h + y1) * w;
          const float above = upper[near] + (upper[far] - upper[near]) * fx;
          const float below = lower[near] + (lower[far] - lower[near]) * fx;
          image(c, i, j) = above + (below - above) * fy;
        }
      }
  }

  const auto blur = [&](const AlignedVector<double>& weights, Index step, Index n, auto first) {
    const auto radius = static_cast<Index>(weights.size() / 2);
    if (radius == 0) return;
    AlignedVector<float> line(static_cast<std::size_t>(n));
    for (Index k = 0; k < image.size() / n; ++k) {
      float* const start = first(k);
      for (Index i = 0; i < n; ++i) line[static_cast<std::size_t>(i)] = start[i * step];
      for (Index i = 0; i < n; ++i) {
        double sum = 0;
        for (Index d = std::max(-radius, -i); d <= std::min(radius, n - 1 - i); ++d)
          sum += weights[static_cast<std::size_t>(d + radius)] *
                 static_cast<double>(line[static_cast<std::size_t>(i + d)]);
        start[i * step] = static_cast<float>(sum);
      }
    }
  };
  blur(across, 1, columns.count, [&](Index k) { return image.data + k * columns.count; });
  blur(down, columns.count, rows.count,
       [&](Index k) { return image.data + k / columns.count * rows.count * columns.count + k % columns.count; });

  for (Index c = 0; c < channels; ++c)
    for (Index i = 0; i < out.shape[1]; ++i)
      for (Index j = 0; j < out.shape[2]; ++j)
        out(c, i, j) = image(c, std::clamp<Index>(top + i, 0, h - 1) - rows.first,
                             std::clamp<Index>(left + j, 0, w - 1) - columns.first);
}

}  // namespace pursuit::inline v0::kernels
