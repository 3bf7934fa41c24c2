// SPDX-License-Identifier: MIT
#include <pursuit/core/tensor.hpp>

#include <doctest/doctest.h>

#include <cstdint>

using pursuit::Tensor;
using pursuit::TensorView;

TEST_CASE("Tensor: make_tensor gives the shape, the value and 64-byte alignment") {
  for (pursuit::Index n = 1; n < 40; n += 13) {
    const Tensor<float, 3> x = pursuit::make_tensor<float, 3>({n, 2, 3}, 0.25F);
    CHECK(x.shape() == std::array<std::size_t, 3>{static_cast<std::size_t>(n), 2, 3});
    CHECK(reinterpret_cast<std::uintptr_t>(x.data()) % 64 == 0);
    for (const float v : x) CHECK(v == 0.25F);
  }
  const auto zero = pursuit::make_tensor<double, 1>({7});
  for (const double v : zero) CHECK(v == 0);
}

TEST_CASE("Tensor: a view of it is row-major over the same memory") {
  Tensor<float, 4> x = pursuit::make_tensor<float, 4>({2, 3, 4, 5});
  x(1, 2, 3, 4) = 7;
  x(0, 1, 0, 2) = 5;
  const TensorView<const float, 4> view = x;
  CHECK(view.shape == pursuit::Shape<4>{2, 3, 4, 5});
  CHECK(view(1, 2, 3, 4) == 7);
  CHECK(view(0, 1, 0, 2) == 5);
  CHECK(view.data == x.data());
}

TEST_CASE("Tensor: copies own their elements") {
  Tensor<int, 2> a = pursuit::make_tensor<int, 2>({2, 2}, 1);
  Tensor<int, 2> b = a;
  b(1, 1) = 9;
  CHECK(a(1, 1) == 1);
}

TEST_CASE("Tensor: reshape_to keeps the memory where the shape is the same") {
  Tensor<float, 2> x = pursuit::make_tensor<float, 2>({3, 4}, 2.0F);
  const float* before = x.data();
  pursuit::reshape_to(x, pursuit::Shape<2>{3, 4});
  CHECK(x.data() == before);
  CHECK(x(2, 3) == 2.0F);
  pursuit::reshape_to(x, pursuit::Shape<2>{5, 6});
  CHECK(x.shape() == std::array<std::size_t, 2>{5, 6});
  CHECK(x.size() == 30);
}
