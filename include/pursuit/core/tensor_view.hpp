// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/device.hpp>
#include <pursuit/core/error.hpp>

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>

namespace pursuit::inline v0 {

/// Sizes and positions inside tensors. Signed, so that differences are what they look like.
using Index = std::ptrdiff_t;

template <std::size_t N>
using Shape = std::array<Index, N>;

/// The number of elements.
template <std::size_t N>
constexpr Index volume(const Shape<N>& shape) {
  Index n = 1;
  for (Index extent : shape) n *= extent;
  return n;
}

/// Elements that somebody else owns, row-major without gaps, in the memory of device D.
///
/// Kernels take views and never own: TensorView<const T, N> is read, TensorView<T, N> is written. It is a
/// pointer and a shape and includes no container library, so device code can take it by value.
template <class T, std::size_t N, class D = Cpu>
struct TensorView {
  using value_type = std::remove_const_t<T>;

  T* data{};
  Shape<N> shape{};

  constexpr TensorView() = default;
  constexpr TensorView(T* first, const Shape<N>& extents) : data(first), shape(extents) {}

  /// A view of read-only elements from one of writable elements.
  template <class U>
  requires(std::is_const_v<T>&& std::is_same_v<const U, T>) constexpr TensorView(const TensorView<U, N, D>& other)
      : data(other.data), shape(other.shape) {}

  /// A view of a host container with `data()` and an array-like `shape()` of rank N (any `Tensor`).
  template <class Container>
  requires(std::is_same_v<D, Cpu>&& requires(Container& c) {
    requires std::is_convertible_v<decltype(c.data()), T*>;
    requires std::tuple_size_v<std::remove_cvref_t<decltype(c.shape())>>
    == N;
  }) constexpr TensorView(Container& c)
      : data(c.data()) {
    for (std::size_t i = 0; i < N; ++i) shape[i] = static_cast<Index>(c.shape()[i]);
  }

  constexpr Index size() const { return volume(shape); }
  constexpr T* begin() const { return data; }
  constexpr T* end() const { return data + size(); }

  template <class... I>
  requires(sizeof...(I) == N) constexpr T& operator()(I... index) const {
    const Shape<N> at{static_cast<Index>(index)...};
    Index offset = 0;
    for (std::size_t d = 0; d < N; ++d) offset = offset * shape[d] + at[d];
    return data[offset];
  }

  /// The i-th sub-tensor along the first axis.
  constexpr TensorView<T, N - 1, D> operator[](Index i) const requires(N > 1) {
    Shape<N - 1> rest{};
    for (std::size_t d = 1; d < N; ++d) rest[d - 1] = shape[d];
    return {data + i * volume(rest), rest};
  }

  /// Sub-tensors [first, last) along the first axis.
  constexpr TensorView slice(Index first, Index last) const {
    Shape<N> part = shape;
    part[0] = 1;
    const Index step = volume(part);
    part[0] = last - first;
    return {data + first * step, part};
  }
};

/// Throws ShapeError naming `where` and the tensor unless the shapes are equal.
template <std::size_t N>
void require_shape(const char* where, const char* what, const Shape<N>& came, const Shape<N>& need) {
  if (came != need) throw ShapeError(concat(where, ": ", what, " is ", came, ": need ", need));
}

}  // namespace pursuit::inline v0
