// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/loss/channel_sum.hpp>

#include <concepts>
#include <cstddef>

namespace pursuit::inline v0::loss {

/// Where a student's map of one block responds, against where its teacher's does:
///
///     L    = 1/N sum_{n,i,j} (F_s - F_t)^2            F[n,i,j] = sum_c |U[n,c,i,j]|,  N = batch x cells
///     dL/dU_s[n,c,i,j] = 2/N (F_s - F_t)[n,i,j] sign(U_s[n,c,i,j])
///
/// The published loss sums this over blocks layer2 and layer3, for both patches of a pair. Maps are those before any
/// activation where the block ends in none, so the sign matters.
///
/// Shapes  student (N,C,H,W), teacher (N,C',H,W). Throws ShapeError unless N, H and W are equal.
/// Ref     Danier 2020, section 3.2.
template <std::floating_point T = float>
struct Fidelity {
  using scalar = T;

  T value(const TensorView<const T, 4>& student, const TensorView<const T, 4>& teacher) const {
    const auto error = difference(student, teacher);
    double sum = 0;
    for (const T e : error) sum += static_cast<double>(e) * static_cast<double>(e);
    return static_cast<T>(sum / static_cast<double>(error.size()));
  }
  /// Writes d.
  void gradient(const TensorView<const T, 4>& student, const TensorView<const T, 4>& teacher,
                const TensorView<T, 4>& d) const {
    auto error = difference(student, teacher);
    const T factor = 2 / static_cast<T>(error.size());
    for (T& e : error) e *= factor;
    channel_sum_backward<T>(student, {error.data(), maps(student)}, d);
  }

 private:
  static Shape<3> maps(const TensorView<const T, 4>& u) { return {u.shape[0], u.shape[2], u.shape[3]}; }

  static AlignedVector<T> difference(const TensorView<const T, 4>& student, const TensorView<const T, 4>& teacher) {
    require_shape("loss::Fidelity", "the teacher's maps without channels", maps(teacher), maps(student));
    AlignedVector<T> a(static_cast<std::size_t>(volume(maps(student)))), b(a.size());
    channel_sum<T>(student, {a.data(), maps(student)});
    channel_sum<T>(teacher, {b.data(), maps(student)});
    for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
    return a;
  }
};

}  // namespace pursuit::inline v0::loss
