// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <cstddef>

namespace pursuit::inline v0 {

/// Memory on device D that only grows. A loop that asks for the same shapes again and again allocates nothing.
/// A device specialises it.
template <class T, class D = Cpu>
class Buffer;

template <class T>
class Buffer<T, Cpu> {
 public:
  /// A view of the given shape on the buffer's memory. Contents are unspecified; earlier views may dangle.
  template <std::size_t N>
  TensorView<T, N> view(const Shape<N>& shape) {
    const auto need = static_cast<std::size_t>(volume(shape));
    if (memory_.size() < need) memory_.resize(need);
    return {memory_.data(), shape};
  }

  /// What the last view() shows.
  const T* data() const { return memory_.data(); }

 private:
  AlignedVector<T> memory_;
};

}  // namespace pursuit::inline v0
