// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/kernels/cpu/lanes.hpp>
#include <pursuit/kernels/cpu/six_points.hpp>
#include <pursuit/kernels/cpu/sums.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

namespace pursuit::inline v0::kernels::cpu {

/// See kernels::SampleFilter: filters of 4 x 4, with half the multiplications.
///
/// Along rows, three cells that meet four taps take six products (SixPoints) instead of twelve; down the columns taps
/// are taken one by one. The response is a matrix product for each point, with one row for each tap down, which are
/// moved and added; the gradient is summed in lanes over all samples.
///
/// A tile is three neighbouring cells of a row. Samples are packed as (C, 3, tiles): each third cell by itself, tiles
/// row after row. Two of the points take those as they are; the other four are made of them each time, since memory
/// would be too slow for twice as large samples. What B and G do takes place once a map or a filter.
///
/// In float, responses to 64 channels of normal numbers are within 4e-7 of those in double, to 256 channels within 8e-7
/// (root mean squares), where direct sums are within 1.4e-7 and 2.6e-7; gradients are as exact as direct ones.
template <std::floating_point T>
class MinimalSampleFilter {
  using Points = SixPoints<T>;
  using Lanes = typename LanesOf<T>::type;

 public:
  static constexpr Index kernel = 4;
  MinimalSampleFilter() = default;
  /// Pre: all are positive.
  MinimalSampleFilter(Index channels, Index height, Index width)
      : channels_(channels),
        height_(height),
        width_(width),
        block_(channels <= most_at_once ? channels : most_at_once / 2),
        tiles_((width + step - 1) / step),
        map_((height * tiles_ + lanes - 1) / lanes * lanes),
        rim_((2 * tiles_ + lanes - 1) / lanes * lanes),
        pitch_(rim_ + map_ + rim_),
        slab_(block_ * map_ + 16) {
    inner_[0].assign(size(map_), T(0));
    inner_[1] = inner_[0];
    for (Index f = 0; f < height * tiles_; ++f) {
      inner_[0][size(f)] = f % tiles_ > 0 ? T(1) : T(0);
      inner_[1][size(f)] = f % tiles_ < tiles_ - 1 ? T(1) : T(0);
    }
    filter_.assign(size(points * channels * kernel), T(0));
    spread_.assign(size((points - 2) * slab_), T(0));
    products_.assign(size(points * kernel * pitch_), T(0));
    sums_.assign(size(points * map_), T(0));
    planes_.assign(size(step * map_), T(0));
    beside_.assign(size(step * (map_ + lanes) + lanes), T(0));
    given_.assign(planes_.size(), T(0));
    turned_.assign(size(points * pitch_), T(0));
    collected_.assign(size(points * channels * kernel * lanes), T(0));
  }

  Index chunk() const { return step * map_; }
  Index sample_size(Index channels) const { return channels * chunk(); }

  void pack(const T* plain, T* x, T scale) const {
    std::fill_n(x, sample_size(channels_), T(0));
    for (Index c = 0; c < channels_; ++c)
      each_cell([&](Index place, Index cell) { x[c * chunk() + place] = scale * plain[c * height_ * width_ + cell]; });
  }
  void unpack(const T* x, T* plain) const {
    for (Index c = 0; c < channels_; ++c)
      each_cell([&](Index place, Index cell) { plain[c * height_ * width_ + cell] = x[c * chunk() + place]; });
  }

  void project(const T* x, const T* m, Index outputs, T* y, T scale) const {
    for (Index f = 0; f < chunk(); f += 3 * lanes)
      for (Index o = 0; o < outputs; o += 4)
        multiply<3>(x + f, chunk(), m + o, outputs, channels_, true, y + o * chunk() + f, chunk());
    if (scale != 1)
      for (Index i = 0; i < sample_size(outputs); ++i) y[i] *= scale;
  }

  void use(const T* w) {
    for (Index k = 0; k < points; ++k) {
      const Taps g = taps(k);
      for (Index i = 0; i < channels_ * kernel; ++i) {
        const T* const v = w + i * kernel;
        filter_[size(k * channels_ * kernel + i)] = g[0] * v[0] + g[1] * v[1] + g[2] * v[2] + g[3] * v[3];
      }
    }
  }

  void look(const T* x) {
    x_ = x;
    if (block_ == channels_) spread(0, channels_);
  }

  void respond(T* s) {
    for (Index c = 0; c < channels_; c += block_) {
      const Index count = block(c);
      for (Index k = 0; k < points; ++k) {
        const auto [from, apart] = seen(k, c);
        const T* const w = filter_.data() + (k * channels_ + c) * kernel;
        T* const to = products_.data() + k * kernel * pitch_ + rim_;
        Index f = 0;
        for (; f + 3 * lanes <= map_; f += 3 * lanes)
          multiply<3>(from + f, apart, w, kernel, count, c == 0, to + f, pitch_);
        if (f + 2 * lanes == map_) multiply<2>(from + f, apart, w, kernel, count, c == 0, to + f, pitch_);
        if (f + lanes == map_) multiply<1>(from + f, apart, w, kernel, count, c == 0, to + f, pitch_);
      }
    }
    for (Index k = 0; k < points; ++k) {
      // What each tap says, moved by its rows.
      const auto moved = [&](Index p) {
        return products_.data() + (k * kernel + p) * pitch_ + rim_ + (p - kernel / 2) * tiles_;
      };
      const T *const p0 = moved(0), *const p1 = moved(1), *const p2 = moved(2), *const p3 = moved(3);
      T* const sum = sums_.data() + k * map_;
#pragma omp simd
      for (Index f = 0; f < map_; ++f) sum[f] = (p0[f] + p1[f]) + (p2[f] + p3[f]);
    }
    // Each tile says something of its three cells, of one before them and of two after them.
    T *const cell0 = planes_.data(), *const cell1 = cell0 + map_, *const cell2 = cell1 + map_;
    T *const before = beside_.data() + lanes, *const after0 = before + map_ + lanes,
             *const after1 = after0 + map_ + lanes;
    for (Index f = 0; f < map_; f += lanes) {
      Lanes m[points], y[points];
      for (Index k = 0; k < points; ++k) m[k] = load(sums_.data() + k * map_ + f);
      Points::spread(m, y);
      store(before + f, y[0]);
      store(cell0 + f, y[1]);
      store(cell1 + f, y[2]);
      store(cell2 + f, y[3]);
      store(after0 + f, y[4]);
      store(after1 + f, y[5]);
    }
    for (Index f = 0; f < map_; f += lanes) {
      const Lanes left = load(inner_[0].data() + f), right = load(inner_[1].data() + f);
      add_loose(at(cell0 + f), left, after0 + f - 1);
      add_loose(at(cell1 + f), left, after1 + f - 1);
      add_loose(at(cell2 + f), right, before + f + 1);
    }
    each_cell([&](Index place, Index cell) { s[cell] = planes_[size(place)]; });
  }

  /// Meanwhile `next` is brought to the second cache.
  void collect(const T* u, const T* next) {
    meet(u);
    for (Index c = 0; c < channels_; c += block_) {
      const Index count = block(c);
      for (Index k = 0; k < points; ++k)
        for (Index i = 0; i < count;) {
          const Index left = count - i;  // in threes, and twos: one sum for itself would wait
          if (left >= 3 && left != 4) {
            next = correlate<3>(k, c, i, next);
            i += 3;
          } else if (left >= 2) {
            next = correlate<2>(k, c, i, next);
            i += 2;
          } else {
            next = correlate<1>(k, c, i, next);
            i += 1;
          }
        }
    }
  }
  void deliver(T* g) {
    for (Index k = 0; k < points; ++k) {
      const Taps g_k = taps(k);
      for (Index i = 0; i < channels_ * kernel; ++i) {
        const T* const lane = collected_.data() + (k * channels_ * kernel + i) * lanes;
        T sum = 0;
#pragma omp simd reduction(+ : sum)
        for (Index l = 0; l < lanes; ++l) sum += lane[l];
        for (Index q = 0; q < kernel; ++q) g[i * kernel + q] += g_k[size(q)] * sum;
      }
    }
    std::fill(collected_.begin(), collected_.end(), T(0));
  }

 private:
  static constexpr Index points = Points::points, step = 3, lanes = sizeof(Lanes) / sizeof(T);
  static constexpr Index most_at_once = 128;  // channels whose spread sample the second cache holds

  using Taps = std::array<T, kernel>;
  /// G for a point, of taps that come in reverse.
  static Taps taps(Index point) {
    Taps g{};
    for (Index q = 0; q < kernel; ++q)
      g[size(q)] = static_cast<T>(Points::tap(static_cast<int>(point), kernel - 1 - q, kernel));
    return g;
  }

  static std::size_t size(Index n) { return static_cast<std::size_t>(n); }
  static const Lanes& load(const T* p) { return *reinterpret_cast<const Lanes*>(p); }
  /// sum += factor times the lanes at any address.
  static void add_loose(Lanes& sum, const Lanes& factor, const T* p) {
    Lanes v;
    std::memcpy(&v, p, sizeof v);
    sum += factor * v;
  }
  static Lanes& at(T* p) { return *reinterpret_cast<Lanes*>(p); }
  static void store(T* p, const Lanes& v) { at(p) = v; }

  /// use(place among three planes of tiles, cell of the map).
  template <class Use>
  void each_cell(const Use& use) const {
    for (Index i = 0; i < height_; ++i)
      for (Index o = 0; o < step; ++o)
        for (Index t = 0; t * step + o < width_; ++t) use(o * map_ + i * tiles_ + t, i * width_ + t * step + o);
  }

  /// The channels that are at work at once, from channel c on.
  Index block(Index c) {
    const Index count = std::min(block_, channels_ - c);
    if (block_ != channels_) spread(c, count);
    return count;
  }
  /// spread_ (points but the first and the last, channels, tiles) = A of the sample.
  void spread(Index first, Index count) {
    const Index map = map_, slab = slab_;  // the compiler cannot know that they stay what they are
    for (Index c = 0; c < count; ++c) {
      const T* const z = x_ + (first + c) * step * map;
      T* const to = spread_.data() + c * map;
      for (Index f = 0; f < map; f += lanes) {
        const Lanes y[step] = {load(z + f), load(z + map + f), load(z + 2 * map + f)};
        Lanes m[points];
        Points::adjoint(y, m);
        for (Index k = 1; k + 1 < points; ++k) store(to + (k - 1) * slab + f, m[k]);
      }
    }
  }
  /// What a point takes from channel c on, of those at work from `block` on, and how far channels are apart.
  std::pair<const T*, Index> seen(Index point, Index block, Index c = 0) const {
    if (point == 0 || point == points - 1)
      return {x_ + ((block + c) * step + (point == 0 ? 0 : step - 1)) * map_, step * map_};
    return {spread_.data() + (point - 1) * slab_ + c * map_, map_};
  }

  /// y[r] = sum_c w[c][r] x[c], added to y unless it is the first, for four rows and some lanes.
  template <int Columns>
  static void multiply(const T* x, Index x_step, const T* w, Index w_step, Index count, bool first, T* y,
                       Index y_step) {
    if constexpr (std::same_as<T, float>) {
      Sums<4, Columns> sums;
      if (first)
        sums.clear();
      else
        sums.load(y, lanes, y_step);
      for (Index c = 0; c < count; ++c) sums.add(w + c * w_step, 1, x + c * x_step);
      sums.store(y, lanes, y_step);
    } else {
      for (Index r = 0; r < 4; ++r)
        for (Index l = 0; l < Columns * lanes; l += lanes) {
          Lanes sum = first ? Lanes{} : load(y + r * y_step + l);
          for (Index c = 0; c < count; ++c) sum += w[c * w_step + r] * load(x + c * x_step + l);
          store(y + r * y_step + l, sum);
        }
    }
  }

  /// turned_[point] = what B^T makes of u.
  void meet(const T* u) {
    each_cell([&](Index place, Index cell) { given_[size(place)] = u[cell]; });
    // Of a neighbouring plane, which is what lies before the first tile and after the last, nothing counts.
    const T *const u0 = given_.data(), *const u1 = u0 + map_, *const u2 = u1 + map_;
    for (Index f = 0; f < map_; f += lanes) {
      const Lanes left = load(inner_[0].data() + f), right = load(inner_[1].data() + f);
      Lanes d[points] = {Lanes{}, load(u0 + f), load(u1 + f), load(u2 + f), Lanes{}, Lanes{}};
      add_loose(d[0], left, u2 + f - 1);
      add_loose(d[4], right, u0 + f + 1);
      add_loose(d[5], right, u1 + f + 1);
      Lanes t[points];
      Points::forward(d, t);
      for (Index k = 0; k < points; ++k) store(turned_.data() + k * pitch_ + rim_ + f, t[k]);
    }
  }

  /// Adds to collected_ what some channels say, from channel c of the block on. Answers what of `next` is to be brought
  /// then.
  template <int Channels>
  const T* correlate(Index k, Index block, Index c, const T* next) {
    T* const to = collected_.data() + (k * channels_ + block + c) * kernel * lanes;
    const auto [from, apart] = seen(k, block, c);
    // A tap down meets the tiles of another row.
    const T* const met = turned_.data() + k * pitch_ + rim_ + kernel / 2 * tiles_;
    if constexpr (std::same_as<T, float>) {
      Sums<Channels, kernel> sums;
      sums.load(to, lanes, kernel * lanes);
      for (Index f = 0; f < map_; f += lanes) {
        __builtin_prefetch(next + f * Channels / 2, 0, 2);
        sums.add_lanes(from + f, apart, met + f, -tiles_);
      }
      sums.store(to, lanes, kernel * lanes);
    } else {
      for (Index i = 0; i < Channels; ++i)
        for (Index p = 0; p < kernel; ++p) {
          Lanes sum = load(to + (i * kernel + p) * lanes);
          for (Index f = 0; f < map_; f += lanes) add_loose(sum, load(from + i * apart + f), met + f - p * tiles_);
          store(to + (i * kernel + p) * lanes, sum);
        }
    }
    return next + map_ * Channels / 2;  // so that all points together bring a sample
  }

  Index channels_ = 0, height_ = 0, width_ = 0;
  Index block_ = 0;            // channels that are spread at once
  Index tiles_ = 0;            // of a row
  Index map_ = 0;              // tiles, filled up to whole lanes
  Index rim_ = 0, pitch_ = 0;  // of planes of tiles that are moved by rows
  Index slab_ = 0;             // of what is spread, from one point to the next: odd lines keep them apart in the cache
  const T* x_ = nullptr;
  AlignedVector<T> inner_[2];   // (tiles): 0 where there is none before it, or after it, in its row
  AlignedVector<T> filter_;     // (points, C, kernel): G along rows
  AlignedVector<T> spread_;     // (points - 2, block, tiles)
  AlignedVector<T> products_;   // (points, kernel, rim + tiles + rim): the rims stay 0
  AlignedVector<T> sums_;       // (points, tiles)
  AlignedVector<T> planes_;     // (3, tiles): a response, each third column by itself
  AlignedVector<T> beside_;     // (3, rim + tiles): what tiles say of the cells of others
  AlignedVector<T> given_;      // the same of u; what is no cell stays 0
  AlignedVector<T> turned_;     // (points, rim + tiles + rim): the rims stay 0
  AlignedVector<T> collected_;  // (points, C, kernel, lanes)
};

}  // namespace pursuit::inline v0::kernels::cpu
