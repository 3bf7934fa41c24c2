// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/matrix_product.hpp>
#include <pursuit/kernels/reference/matrix_product.hpp>

#include <dnnl.hpp>

namespace pursuit::inline v0::kernels {

namespace detail {

template <class A, class C>
void check_product(const A& a, const A& b, const C& c, const ProductOptions& o) {
  const Shape<2> left = o.transpose_a ? Shape<2>{a.shape[1], a.shape[0]} : a.shape;
  const Shape<2> right = o.transpose_b ? Shape<2>{b.shape[1], b.shape[0]} : b.shape;
  if (left[1] != right[0] || c.shape != Shape<2>{left[0], right[1]})
    throw ShapeError(concat("kernels::matrix_product: ", left, " times ", right, " into ", c.shape));
}

}  // namespace detail

inline void matrix_product(const TensorView<const float, 2>& a, const TensorView<const float, 2>& b,
                           const TensorView<float, 2>& c, const ProductOptions& o) {
  detail::check_product(a, b, c, o);
  const dnnl::memory::dim m = c.shape[0], n = c.shape[1], k = a.shape[o.transpose_a ? 0 : 1];
  const auto status = dnnl::sgemm(o.transpose_a ? 'T' : 'N', o.transpose_b ? 'T' : 'N', m, n, k, 1.0F, a.data,
                                  a.shape[1], b.data, b.shape[1], o.add ? 1.0F : 0.0F, c.data, n);
  if (status != dnnl::status::success)
    throw Error(concat("kernels::matrix_product: oneDNN status ", static_cast<int>(status)));
}

inline void matrix_product(const TensorView<const double, 2>& a, const TensorView<const double, 2>& b,
                           const TensorView<double, 2>& c, const ProductOptions& o) {
  detail::check_product(a, b, c, o);
  reference::matrix_product<double>(a, b, c, o);
}

}  // namespace pursuit::inline v0::kernels
