// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/box.hpp>
#include <pursuit/kernels/same_correlation.hpp>
#include <pursuit/kernels/window.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>

namespace pursuit::inline v0::loss {

/// A bell over each map of a batch, centred on the target: the response that a correlation with it should give.
///
///     g[n,i,j] = exp(-((i + 1/2 - cy)^2 + (j + 1/2 - cx)^2) / (2 (sigma h)^2))
///
/// Shapes  g (N,h,w), one box a map. Units  boxes in pixels of the patch, `stride` pixels a cell; sigma is a share of
/// the map's height and width. The half cell is that of the published code. Throws ShapeError unless there are as many
/// boxes as maps.
template <class T>
void response_label(std::span<const Box> targets, double stride, double sigma, const TensorView<T, 3>& g) {
  if (static_cast<Index>(targets.size()) != g.shape[0])
    throw ShapeError(concat("loss::response_label: ", targets.size(), " boxes for maps ", g.shape));
  for (Index n = 0; n < g.shape[0]; ++n) {
    const Box& b = targets[static_cast<std::size_t>(n)];
    kernels::gaussian<T>(g[n], {sigma * static_cast<double>(g.shape[2]), sigma * static_cast<double>(g.shape[1])},
                         {(b.x + b.w / 2) / stride - 0.5, (b.y + b.h / 2) / stride - 0.5});
  }
}

/// Whether the features of one block are good to correlate with: the target's features, slid over the search region,
/// should respond where the target is and nowhere else.
///
///     Q[n,i,j] = sum_{c,u,v} T[n,c,u,v] Z[n,c,i+u-p,j+v-p]      L = 1/N sum (Q / m - G)^2,  m = max Q
///
///     D  = 2/N (Q / m - G)
///     dQ = D / m - [at the maximum] (sum D Q) / m^2             sum and maximum over each map or over the batch
///     dT[c,u,v] = sum_{i,j} dQ[i,j] Z[c,i+u-p,j+v-p]            dZ[c,a,b] = sum_{u,v} dQ[a-u+p,b-v+p] T[c,u,v]
///
/// T is pooled from the target's patch (kernels/pr_roi_pool.hpp), so its gradient goes on through that. Of several
/// equal maxima the first takes the gradient. Where m is not positive, Q / m counts as 0 and nothing has a gradient.
///
/// Shapes  target (N,C,s,s) with s odd, search (N,C,h,w), label (N,h,w).
/// Ref     Danier 2020, section 3.3. The thesis divides each map by its own maximum, the published code by that of the
///         batch.
template <std::floating_point T = float>
class CorrelationFilter {
 public:
  using scalar = T;
  enum class Maximum { of_map, of_batch };

  /// What gradient() needs of value().
  struct Cache {
    kernels::SameCorrelation<T> correlation{};
    AlignedVector<T> response{};
  };

  CorrelationFilter() = default;
  explicit CorrelationFilter(Maximum maximum) : maximum_(maximum) {}

  T value(const TensorView<const T, 4>& target, const TensorView<const T, 4>& search,
          const TensorView<const T, 3>& label, Cache& cache) const {
    require_shape("loss::CorrelationFilter", "label", label.shape, {search.shape[0], search.shape[2], search.shape[3]});
    cache.response.resize(static_cast<std::size_t>(label.size()));
    cache.correlation.forward(target, search, {cache.response.data(), label.shape});
    double sum = 0;
    each_group(cache, label, [&](std::span<T> q, const T* g) {
      const T scale = peak(q).scale;
      for (std::size_t i = 0; i < q.size(); ++i) {
        const double e = static_cast<double>(q[i] * scale - g[i]);
        sum += e * e;
      }
    });
    return static_cast<T>(sum / static_cast<double>(label.size()));
  }

  /// Writes the gradients. Pre: value() with the same arguments filled the cache, which is used up.
  void gradient(const TensorView<const T, 3>& label, Cache& cache, const TensorView<T, 4>& d_target,
                const TensorView<T, 4>& d_search) const {
    const T factor = 2 / static_cast<T>(label.size());
    each_group(cache, label, [&](std::span<T> q, const T* g) {
      const Peak m = peak(q);
      const T scale = m.scale;
      double product = 0;
      for (std::size_t i = 0; i < q.size(); ++i) {
        const T d = factor * (q[i] * scale - g[i]);
        product += static_cast<double>(d * q[i]);
        q[i] = d * scale;
      }
      q[m.at] -= static_cast<T>(product) * scale * scale;
    });
    cache.correlation.backward({cache.response.data(), label.shape}, d_target, d_search);
  }

 private:
  struct Peak {
    std::size_t at;
    T scale;  // 1 / m, or 0
  };
  static Peak peak(std::span<const T> q) {
    const auto found = std::max_element(q.begin(), q.end());
    constexpr T least = T(1e-8);
    return {static_cast<std::size_t>(found - q.begin()), *found > least ? 1 / *found : T(0)};
  }

  /// body(responses, their labels) for each group that one maximum belongs to.
  template <class Body>
  void each_group(Cache& cache, const TensorView<const T, 3>& label, Body&& body) const {
    const auto groups = static_cast<std::size_t>(maximum_ == Maximum::of_map ? label.shape[0] : 1);
    const std::size_t size = cache.response.size() / groups;
    for (std::size_t i = 0; i < groups; ++i)
      body(std::span<T>(cache.response.data() + i * size, size), label.data + i * size);
  }

  Maximum maximum_ = Maximum::of_batch;
};

}  // namespace pursuit::inline v0::loss
