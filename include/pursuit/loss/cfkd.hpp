// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/tensor_view.hpp>
#include <pursuit/loss/adaptive_hard.hpp>
#include <pursuit/loss/correlation_filter.hpp>
#include <pursuit/loss/fidelity.hpp>
#include <pursuit/loss/teacher_soft.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace pursuit::inline v0::loss {

/// Correlation-filter specific distillation of a tracker: the weighted sum of the four losses.
///
///     L = soft TeacherSoft + hard AdaptiveHard + fidelity sum_blocks Fidelity + filter sum_blocks CorrelationFilter
///
/// A weight of 0 leaves its loss out, which makes the ablations and the separate schedule. Gradients are to each input
/// by itself: a map that is compared, correlated and pooled from gets the sum of several, which the caller adds up.
///
/// Ref  Danier 2020, eq. (3.8): weights 1, 0.1, 100 and 0.1; the published code has 0.01 for the last.
template <std::floating_point T = float>
struct Cfkd {
  using scalar = T;

  T soft = 1, hard = T(0.1), fidelity = 100, filter = T(0.01);
  TeacherSoft<T> soft_loss{};
  AdaptiveHard<T> hard_loss{};
  Fidelity<T> fidelity_loss{};
  CorrelationFilter<T> filter_loss{};

  /// One block's map of one patch, and where the gradient to the student's goes.
  struct Compared {
    TensorView<const T, 4> student, teacher;
    TensorView<T, 4> d_student;
  };
  /// One block's pooled target and search map of the student.
  struct Correlated {
    TensorView<const T, 4> target, search;
    TensorView<const T, 3> label;
    TensorView<T, 4> d_target, d_search;
  };
  struct Batch {
    std::span<const T> student, teacher, truth;  ///< what is said about the proposals
    std::span<T> d_student;
    std::vector<Compared> compared{};
    std::vector<Correlated> correlated{};
  };
  using Cache = std::vector<typename CorrelationFilter<T>::Cache>;

  /// The four losses, unweighted, and their weighted sum.
  struct Values {
    T soft = 0, hard = 0, fidelity = 0, filter = 0, total = 0;
  };

  Values value(const Batch& b, Cache& cache) const {
    Values v;
    if (soft != 0) v.soft = soft_loss.value(b.student, b.teacher);
    if (hard != 0) v.hard = hard_loss.value(b.student, b.teacher, b.truth);
    if (fidelity != 0)
      for (const Compared& c : b.compared) v.fidelity += fidelity_loss.value(c.student, c.teacher);
    cache.resize(b.correlated.size());
    if (filter != 0)
      for (std::size_t i = 0; i < cache.size(); ++i) {
        const Correlated& c = b.correlated[i];
        v.filter += filter_loss.value(c.target, c.search, c.label, cache[i]);
      }
    v.total = soft * v.soft + hard * v.hard + fidelity * v.fidelity + filter * v.filter;
    return v;
  }

  /// Writes the gradients of the weighted sum; those of a loss of weight 0 are not touched, but that to the predictions
  /// always is. Pre: value() of the same batch filled the cache.
  void gradient(const Batch& b, Cache& cache) const {
    std::vector<T> part(b.student.size());
    const auto add = [&](T weight) {
      for (std::size_t k = 0; k < part.size(); ++k) b.d_student[k] += weight * part[k];
    };
    for (T& d : b.d_student) d = 0;
    if (soft != 0) soft_loss.gradient(b.student, b.teacher, part), add(soft);
    if (hard != 0) hard_loss.gradient(b.student, b.teacher, b.truth, part), add(hard);
    if (fidelity != 0)
      for (const Compared& c : b.compared) {
        fidelity_loss.gradient(c.student, c.teacher, c.d_student);
        scale(fidelity, c.d_student);
      }
    if (filter != 0)
      for (std::size_t i = 0; i < cache.size(); ++i) {
        const Correlated& c = b.correlated[i];
        filter_loss.gradient(c.label, cache[i], c.d_target, c.d_search);
        scale(filter, c.d_target);
        scale(filter, c.d_search);
      }
  }

 private:
  static void scale(T weight, const TensorView<T, 4>& d) {
    for (T& v : d) v *= weight;
  }
};

}  // namespace pursuit::inline v0::loss
