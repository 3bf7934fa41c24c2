// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/classifier.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/kernels/cross_correlation.hpp>

#include <algorithm>

namespace pursuit::inline v0 {

/// Compares with the exemplar of the first frame and learns nothing more.
///
///     response[i,j] = scale * sum_{c,u,v} z[c,u,v] x[c,i+u,j+v]
///
/// Shapes  exemplar (1, Channels, h, w), search (N, Channels, H, W) -> response (N, H-h+1, W-w+1), no displacement
///         in the middle of the map. Throws ShapeError where the exemplar is larger than the search map.
/// Ref     Bertinetto et al. 2016, eq. (2).
template <int Channels = any_channels>
class SiameseClassifier {
 public:
  static constexpr int channels = Channels;

  struct Options {
    double scale = 0.001;  ///< of the response, so that training starts near zero
  };

  SiameseClassifier() = default;
  explicit SiameseClassifier(const Options& options) : options_(options) {}

  void init(const Sample<>& first) {
    const auto z = first.features.top().values.slice(0, 1);
    const auto mine = exemplar_.view(z.shape);
    std::copy(z.begin(), z.end(), mine.begin());
    shape_ = z.shape;
  }

  ResponseMap<> respond(const FeatureMaps<>& features) {
    const FeatureMap<>& x = features.top();
    const auto z = exemplar_.view(shape_);
    const auto response = response_.view(
        Shape<3>{x.values.shape[0], x.values.shape[2] - shape_[2] + 1, x.values.shape[3] - shape_[3] + 1});
    kernels::cross_correlation(z, x.values, response, static_cast<float>(options_.scale));
    return {.values = response, .stride = x.stride, .origin = ResponseMap<>::Origin::middle};
  }

 private:
  Options options_{};
  Shape<4> shape_{};
  Buffer<float> exemplar_, response_;
};

}  // namespace pursuit::inline v0
