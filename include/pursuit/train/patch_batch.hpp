// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor.hpp>

#include <cstddef>
#include <span>

namespace pursuit::inline v0 {

/// The patches of several examples in one row of memory, as networks read them.
class PatchBatch {
 public:
  /// Copies what each example has at `patch`, a tensor (C,h,w). Throws ShapeError unless there are some, of one shape.
  template <class Example, class Patch>
  void fill(std::span<const Example> examples, Patch Example::*patch) {
    if (examples.empty()) throw ShapeError("PatchBatch: no examples");
    const TensorView<const float, 3> first(examples[0].*patch);
    shape_ = {static_cast<Index>(examples.size()), first.shape[0], first.shape[1], first.shape[2]};
    values_.clear();
    for (const Example& example : examples) {
      const TensorView<const float, 3> own(example.*patch);
      require_shape("PatchBatch", "a patch", own.shape, first.shape);
      values_.insert(values_.end(), own.begin(), own.end());
    }
  }
  /// (N,C,h,w).
  TensorView<const float, 4> view() const { return {values_.data(), shape_}; }

 private:
  AlignedVector<float> values_;
  Shape<4> shape_{};
};

}  // namespace pursuit::inline v0
