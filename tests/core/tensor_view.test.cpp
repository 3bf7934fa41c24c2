// SPDX-License-Identifier: MIT
#include <pursuit/core/tensor_view.hpp>

#include <doctest/doctest.h>

#include <array>
#include <numeric>
#include <type_traits>
#include <vector>

using pursuit::Cpu;
using pursuit::Cuda;
using pursuit::Index;
using pursuit::Shape;
using pursuit::TensorView;

TEST_CASE("TensorView: elements are row-major") {
  std::vector<int> memory(2 * 3 * 5);
  std::iota(memory.begin(), memory.end(), 0);
  const TensorView<int, 3> x(memory.data(), {2, 3, 5});
  CHECK(x.size() == 30);
  int expected = 0;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 5; ++k) CHECK(x(i, j, k) == expected++);
}

TEST_CASE("TensorView: sub-tensors share the memory") {
  std::vector<int> memory(4 * 3 * 2);
  std::iota(memory.begin(), memory.end(), 0);
  const TensorView<int, 3> x(memory.data(), {4, 3, 2});

  const TensorView<int, 2> one = x[2];
  CHECK(one.shape == Shape<2>{3, 2});
  CHECK(&one(1, 1) == &x(2, 1, 1));

  const TensorView<int, 3> part = x.slice(1, 3);
  CHECK(part.shape == Shape<3>{2, 3, 2});
  CHECK(&part(1, 2, 0) == &x(2, 2, 0));
  CHECK(x.slice(4, 4).size() == 0);

  part(0, 0, 0) = -1;
  CHECK(x(1, 0, 0) == -1);
}

TEST_CASE("TensorView: begin() and end() cover all elements, also where one extent is 0") {
  std::vector<float> memory(6, 1.5F);
  const TensorView<const float, 2> x(memory.data(), {2, 3});
  CHECK(std::accumulate(x.begin(), x.end(), 0.0F) == 9.0F);
  const TensorView<const float, 3> none(memory.data(), {2, 0, 3});
  CHECK(none.begin() == none.end());
}

TEST_CASE("TensorView: a container with data() and a fixed-rank shape() becomes a view") {
  struct Grid {
    std::array<float, 6> values{1, 2, 3, 4, 5, 6};
    std::array<std::size_t, 2> extents{3, 2};
    float* data() { return values.data(); }
    const float* data() const { return values.data(); }
    const std::array<std::size_t, 2>& shape() const { return extents; }
  } grid;
  const TensorView<float, 2> x = grid;
  CHECK(x.shape == Shape<2>{3, 2});
  x(2, 1) = 60;
  CHECK(grid.values[5] == 60);

  static_assert(std::is_convertible_v<Grid&, TensorView<const float, 2>>);
  static_assert(std::is_convertible_v<const Grid&, TensorView<const float, 2>>);
  static_assert(!std::is_convertible_v<const Grid&, TensorView<float, 2>>);  // would drop const
  static_assert(!std::is_convertible_v<Grid&, TensorView<float, 3>>);        // another rank
  static_assert(!std::is_convertible_v<Grid&, TensorView<float, 2, Cuda>>);  // host memory is not the device's
  static_assert(!std::is_convertible_v<Grid&, TensorView<double, 2>>);
}

TEST_CASE("TensorView: write access is given up silently and never gained; devices do not mix") {
  using Write = TensorView<float, 2>;
  using Read = TensorView<const float, 2>;
  static_assert(std::is_convertible_v<Write, Read>);
  static_assert(!std::is_convertible_v<Read, Write>);
  static_assert(!std::is_convertible_v<TensorView<float, 2, Cuda>, TensorView<float, 2, Cpu>>);
  static_assert(!std::is_convertible_v<TensorView<float, 2, Cpu>, TensorView<const float, 2, Cuda>>);
  static_assert(std::is_trivially_copyable_v<TensorView<float, 4, Cuda>>);  // kernels take it by value
  float memory = 3;
  const Read x = Write(&memory, {1, 1});
  CHECK(&x(0, 0) == &memory);
}

TEST_CASE("TensorView: require_shape says where, which, what came and what was needed") {
  CHECK_NOTHROW(pursuit::require_shape<2>("f", "x", {2, 3}, {2, 3}));
  CHECK_THROWS_WITH_AS(pursuit::require_shape<3>("kernels::hog", "out", {31, 4, 5}, {31, 5, 4}),
                       "kernels::hog: out is (31,4,5): need (31,5,4)", pursuit::ShapeError);
}
