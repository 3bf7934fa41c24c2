// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <vector>

namespace pursuit::inline v0 {

/// Moves boxes uphill on a predicted overlap, and answers with the mean of the best.
///
///     b_0        the box to start from;   b_r = b_0 with centre + (U - 1/2) jitter_position s and size
///                + (U - 1/2) jitter_size s, at least a third of the shorter side;   s = sqrt(w h), U uniform in [0, 1)
///     absolute   b <- b + step (w, h, w, h) dIoU/d(x, y, w, h)
///     relative   the same with step dIoU/d(cx / w_0, cy / h_0, log w, log h)
///
/// With `step_decay` below 1 a box whose overlap fell takes its last move back and goes on with step times decay. What
/// is left of the boxes at the end, when those that are no box or too long are dropped, is ranked by the overlap
/// before the last step. All numbers are in pixels of the patch.
///
/// Ref  Danelljan et al. 2019 (ATOM), section 3.3; visionml/pytracking.
class BoxRefinement {
 public:
  enum class Space { absolute, relative };

  struct Options {
    int jittered = 9;              ///< boxes beside the first
    double jitter_position = 0.1;  ///< shares of sqrt(w h)
    double jitter_size = 0.5;
    int steps = 5;
    Space space = Space::absolute;
    double step_position = 1;
    double step_size = 1;
    double step_decay = 1;      ///< 1: no step is taken back
    int best = 3;               ///< boxes whose mean is the answer
    double largest_aspect = 6;  ///< w / h and h / w
  };

  BoxRefinement() : BoxRefinement(Options{}) {}
  /// Throws Error unless there are 0 to 1000 more boxes, 1 to 1000 steps, a best one at least, and the rest is
  /// positive.
  explicit BoxRefinement(const Options& o) : options_(o) {
    if (o.jittered < 0 || o.jittered > 1000 || o.steps < 1 || o.steps > 1000 || o.best < 1 ||
        !(o.jitter_position >= 0) || !(o.jitter_size >= 0) || !(o.step_position >= 0) || !(o.step_size >= 0) ||
        !(o.step_decay > 0) || !(o.largest_aspect > 1))
      throw Error(concat("BoxRefinement: ", o.jittered, " boxes, ", o.steps, " steps, best ", o.best, ", jitter ",
                         o.jitter_position, " and ", o.jitter_size, ", step ", o.step_position, " and ", o.step_size,
                         ", decay ", o.step_decay, ", aspect ", o.largest_aspect,
                         ": need 0 to 1000, 1 to 1000, at least 1, numbers from 0 on, decay above 0, aspect above 1"));
  }

  const Options& options() const { return options_; }

  /// predict(boxes, overlaps, slopes) fills overlaps (R, 1) of boxes (R, 4) x, y, w, h, and their gradients (R, 4).
  /// Nothing, where no box is left.
  template <class Predict>
  std::optional<Box> refine(const Box& start, Random& random, Predict&& predict) {
    const auto count = static_cast<std::size_t>(options_.jittered) + 1;
    candidates_.assign(count, Candidate{});
    boxes_.resize(4 * count);
    overlaps_.resize(count);
    slopes_.resize(4 * count);
    scatter(start, random);
    const auto n = static_cast<Index>(count);
    for (int step = 0; step < options_.steps; ++step) {
      predict(TensorView<const double, 2>(boxes_.data(), {n, 4}), TensorView<double, 2>(overlaps_.data(), {n, 1}),
              TensorView<double, 2>(slopes_.data(), {n, 4}));
      for (std::size_t r = 0; r < count; ++r) move(r, step == 0, start);
    }
    return best_mean();
  }

 private:
  struct Candidate {
    std::array<double, 4> at{};    // in the space of the refinement
    std::array<double, 4> last{};  // the last move
    double length = 1;             // of a step
    double before = 0;             // the overlap at the step before
  };

  bool relative() const { return options_.space == Space::relative; }

  void scatter(const Box& start, Random& random) {
    const double side = std::sqrt(start.w * start.h), least = std::min(start.w, start.h) / 3;
    const Point middle = center(start);
    for (std::size_t r = 0; r < candidates_.size(); ++r) {
      Box b = start;
      if (r > 0) {
        const auto jitter = [&](double share) { return (random.uniform() - 0.5) * share * side; };
        const double dx = jitter(options_.jitter_position), dy = jitter(options_.jitter_position);
        const double w = std::max(start.w + jitter(options_.jitter_size), least);
        const double h = std::max(start.h + jitter(options_.jitter_size), least);
        b = box_around({middle.x + dx, middle.y + dy}, w, h);
      }
      candidates_[r].at = {b.x, b.y, b.w, b.h};
      if (relative()) candidates_[r].at = {center(b).x / start.w, center(b).y / start.h, std::log(b.w), std::log(b.h)};
      write(r, start);
    }
  }

  // The candidate as a box of the patch.
  void write(std::size_t r, const Box& start) {
    std::array<double, 4> b = candidates_[r].at;
    if (relative()) {
      const double w = std::exp(b[2]), h = std::exp(b[3]);
      b = {b[0] * start.w - w / 2, b[1] * start.h - h / 2, w, h};
    }
    std::copy(b.begin(), b.end(), boxes_.begin() + static_cast<std::ptrdiff_t>(4 * r));
  }

  void move(std::size_t r, bool first, const Box& start) {
    Candidate& c = candidates_[r];
    const double *const d = slopes_.data() + 4 * r, *const b = boxes_.data() + 4 * r;
    const bool up = first || overlaps_[r] > c.before || options_.step_decay >= 1;
    if (!up) c.length *= options_.step_decay;
    c.before = overlaps_[r];
    std::array<double, 4> slope{b[2] * d[0], b[3] * d[1], b[2] * d[2], b[3] * d[3]};
    if (relative()) slope = {start.w * d[0], start.h * d[1], b[2] * (d[2] - d[0] / 2), b[3] * (d[3] - d[1] / 2)};
    for (std::size_t k = 0; k < 4; ++k) {
      c.last[k] = up ? c.length * (k < 2 ? options_.step_position : options_.step_size) * slope[k] : -c.last[k];
      c.at[k] += c.last[k];
    }
    write(r, start);
  }

  std::optional<Box> best_mean() {
    order_.clear();
    order_.reserve(overlaps_.size());
    for (std::size_t r = 0; r < overlaps_.size(); ++r) {
      double* const b = boxes_.data() + 4 * r;
      b[2] = std::max(b[2], 1.0);
      b[3] = std::max(b[3], 1.0);
      const double aspect = b[2] / b[3];
      if (std::isfinite(b[0]) && std::isfinite(b[1]) && std::isfinite(b[2]) && std::isfinite(b[3]) &&
          std::isfinite(overlaps_[r]) && aspect < options_.largest_aspect && aspect > 1 / options_.largest_aspect)
        order_.push_back(r);
    }
    if (order_.empty()) return {};
    const auto count = std::min(order_.size(), static_cast<std::size_t>(options_.best));
    std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(count), order_.end(),
                      [&](std::size_t a, std::size_t b) { return overlaps_[a] > overlaps_[b]; });
    std::array<double, 4> sum{};
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t k = 0; k < 4; ++k) sum[k] += boxes_[4 * order_[i] + k] / static_cast<double>(count);
    return Box{sum[0], sum[1], sum[2], sum[3]};
  }

  Options options_;
  std::vector<Candidate> candidates_;
  std::vector<double> boxes_, overlaps_, slopes_;
  std::vector<std::size_t> order_;
};

}  // namespace pursuit::inline v0
