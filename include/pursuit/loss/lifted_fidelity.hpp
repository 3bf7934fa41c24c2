// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>

namespace pursuit::inline v0::loss {

/// A student's map of one block against its teacher's, number by number, after a linear map of the student's channels
/// to as many as the teacher has. The linear map is not learned.
///
///     L = 1/(N C' H W) sum |A u - v|^2          dL/du = 2/(N C' H W) A^T (A u - v)      at each cell
///
/// Shapes  student u (N,C,H,W), teacher v (N,C',H,W), A (C',C).
/// Ref     Wang et al. 2020, "Real-Time Correlation Tracking via Joint Model Compression and Transfer"; as published
///         with CFKD, for blocks layer2 and layer3 at a weight of 0.01, A random and fixed, of which no text speaks.
template <std::floating_point T = float>
class LiftedFidelity {
 public:
  using scalar = T;

  /// A as it is given, row by row. Throws ShapeError unless it has that many numbers, and at least one.
  LiftedFidelity(Index student, Index teacher, AlignedVector<T> lifting)
      : from_(student), to_(teacher), lifting_(std::move(lifting)) {
    if (student < 1 || teacher < 1 || static_cast<Index>(lifting_.size()) != student * teacher)
      throw ShapeError(
          concat("loss::LiftedFidelity: ", lifting_.size(), " numbers to lift ", student, " channels to ", teacher));
  }
  /// A of normal numbers, of variance 2 / (C + C').
  LiftedFidelity(Index student, Index teacher, Random random)
      : LiftedFidelity(student, teacher, random_lifting(student, teacher, random)) {}

  T value(const TensorView<const T, 4>& student, const TensorView<const T, 4>& teacher) const {
    double sum = 0;
    each_error(student, teacher, [&](Index, Index, const AlignedVector<T>& error) {
      for (const T e : error) sum += static_cast<double>(e) * static_cast<double>(e);
    });
    return static_cast<T>(sum / static_cast<double>(teacher.size()));
  }
  /// Writes d.
  void gradient(const TensorView<const T, 4>& student, const TensorView<const T, 4>& teacher,
                const TensorView<T, 4>& d) const {
    require_shape("loss::LiftedFidelity", "the gradient", d.shape, student.shape);
    std::fill(d.begin(), d.end(), T(0));
    const T factor = 2 / static_cast<T>(teacher.size());
    each_error(student, teacher, [&](Index n, Index o, const AlignedVector<T>& error) {
      for (Index c = 0; c < from_; ++c) add(factor * lifting_at(o, c), error.data(), d[n][c]);
    });
  }

 private:
  static AlignedVector<T> random_lifting(Index student, Index teacher, Random& random) {
    AlignedVector<T> lifting(static_cast<std::size_t>(student * teacher));
    const double deviation = std::sqrt(2.0 / static_cast<double>(student + teacher));
    for (T& v : lifting) v = static_cast<T>(deviation * random.normal());
    return lifting;
  }

  T lifting_at(Index o, Index c) const { return lifting_[static_cast<std::size_t>(o * from_ + c)]; }
  static void add(T factor, const T* from, const TensorView<T, 2>& map) {
    T* const to = map.data;
    const Index cells = map.size();
#pragma omp simd
    for (Index i = 0; i < cells; ++i) to[i] += factor * from[i];
  }

  /// body(n, o, A u - v) for each image and channel of the teacher.
  template <class Body>
  void each_error(const TensorView<const T, 4>& student, const TensorView<const T, 4>& teacher, Body&& body) const {
    const Shape<4>& s = student.shape;
    require_shape("loss::LiftedFidelity", "the student's maps", s, {s[0], from_, s[2], s[3]});
    require_shape("loss::LiftedFidelity", "the teacher's maps", teacher.shape, {s[0], to_, s[2], s[3]});
    AlignedVector<T> error(static_cast<std::size_t>(s[2] * s[3]));
    const TensorView<T, 2> map{error.data(), {s[2], s[3]}};
    for (Index n = 0; n < s[0]; ++n)
      for (Index o = 0; o < to_; ++o) {
        std::fill(error.begin(), error.end(), T(0));
        add(T(-1), teacher[n][o].data, map);
        for (Index c = 0; c < from_; ++c) add(lifting_at(o, c), student[n][c].data, map);
        body(n, o, error);
      }
  }

  Index from_, to_;
  AlignedVector<T> lifting_;
};

}  // namespace pursuit::inline v0::loss
