// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/tensor_view.hpp>
#include <pursuit/core/xtensor.hpp>

#include <array>
#include <cstddef>

namespace pursuit::inline v0 {

/// Maps (element, rank, device) to the container that owns such elements. A device specialises it.
template <class T, std::size_t N, class D>
struct TensorOn;

template <class T, std::size_t N>
struct TensorOn<T, N, Cpu> {
  using type = xt::xtensor<T, N, xt::layout_type::row_major, AlignedAllocator<T>>;
};

/// Elements in the memory of device D: row-major, on a 64-byte border, rank fixed at compile time.
/// On the processor it is an xtensor container, so the whole of xtensor works on it.
template <class T, std::size_t N, class D = Cpu>
using Tensor = typename TensorOn<T, N, D>::type;

/// A tensor of the given shape, filled with `value`.
template <class T, std::size_t N>
Tensor<T, N> make_tensor(const Shape<N>& shape, T value = T(0)) {
  std::array<std::size_t, N> extents{};
  for (std::size_t i = 0; i < N; ++i) extents[i] = static_cast<std::size_t>(shape[i]);
  return Tensor<T, N>(extents, value);
}

/// Gives `tensor` the shape, keeping its memory where it is large enough. Contents are then unspecified.
template <class T, std::size_t N>
void reshape_to(xt::xtensor<T, N, xt::layout_type::row_major, AlignedAllocator<T>>& tensor, const Shape<N>& shape) {
  std::array<std::size_t, N> extents{};
  for (std::size_t i = 0; i < N; ++i) extents[i] = static_cast<std::size_t>(shape[i]);
  if (tensor.shape() != extents) tensor.resize(extents);
}

}  // namespace pursuit::inline v0
