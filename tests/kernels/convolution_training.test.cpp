// SPDX-License-Identifier: MIT
#include "random_tensor.hpp"

#include <pursuit/kernels/convolution_training.hpp>
#include <pursuit/kernels/reference/convolution.hpp>

#include <doctest/doctest.h>

#include <limits>

using namespace pursuit;

namespace {

struct Case {
  const char* name;
  Shape<4> x, w;
  kernels::ConvolutionOptions options;
};

const Case cases[] = {
    {"dense 3 x 3", {2, 8, 9, 11}, {16, 8, 3, 3}, {.padding = 1}},
    {"channels that fill no block", {3, 5, 7, 10}, {3, 5, 3, 3}, {.padding = 1}},
    {"a first layer; the last column is seen by no window", {2, 3, 21, 24}, {8, 3, 7, 7}, {.stride = 2, .padding = 3}},
    {"two groups", {3, 12, 8, 7}, {10, 6, 5, 5}, {.groups = 2}},
    {"each channel for itself", {2, 9, 12, 7}, {9, 1, 3, 3}, {.stride = 2, .padding = 1, .groups = 9}},
    {"dilated", {2, 8, 13, 14}, {8, 8, 3, 3}, {.padding = 2, .dilation = 2}},
    {"TensorFlow's padding", {2, 8, 10, 13}, {8, 8, 3, 3}, {.stride = 2, .same = true}},
    {"a kernel that is not square", {2, 4, 6, 9}, {7, 4, 2, 5}, {.stride = 3}},
    {"1 x 1", {2, 17, 5, 3}, {6, 17, 1, 1}, {}},
};

template <class T>
using View = TensorView<const T, 4>;

double inner(const View<double>& a, const View<double>& b) {
  double sum = 0;
  for (Index i = 0; i < a.size(); ++i) sum += a.data[i] * b.data[i];
  return sum;
}

// Rounding of a sum of `terms` grows like its square root; 4 epsilon leaves room for the order. In double the kernel is
// the loop itself.
template <class T>
double rounding(double terms) {
  return 4 * std::sqrt(terms) * static_cast<double>(std::numeric_limits<T>::epsilon());
}

}  // namespace

TEST_CASE_TEMPLATE("convolution in training: all passes agree with the plain loops in double", T, float, double) {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Shape<4> shape = kernels::convolution_shape("test", c.x, c.w, c.options);
    const Tensor<T, 4> x(random_tensor(c.x, 1)), w(random_tensor(c.w, 2)), dy(random_tensor(shape, 3));
    const Tensor<T, 1> bias(random_tensor<1>({c.w[0]}, 4));
    const Tensor<double, 4> xd(x), wd(w), dyd(dy);
    const Tensor<double, 1> bd(bias);
    const double taps = static_cast<double>(c.w[1] * c.w[2] * c.w[3]);
    kernels::TrainingConvolution<T> kernel(c.x, c.w, c.options);
    const T nan = std::numeric_limits<T>::quiet_NaN();
    for (int repeat = 0; repeat < 2; ++repeat) {
      auto y = make_tensor<T, 4>(shape, nan);
      auto expected = make_tensor<double, 4>(shape);
      kernel.forward(x, w, bias, y);
      kernels::reference::convolution<double>(xd, wd, bd, c.options, expected);
      CHECK(relative_difference(View<T>(y), View<double>(expected)) < rounding<T>(taps));
      kernel.forward(x, w, {}, y);
      kernels::reference::convolution<double>(xd, wd, {}, c.options, expected);
      CHECK(relative_difference(View<T>(y), View<double>(expected)) < rounding<T>(taps));

      auto dx = make_tensor<T, 4>(c.x, nan);
      auto dx_expected = make_tensor<double, 4>(c.x);
      kernel.backward_data(dy, w, dx);
      kernels::reference::convolution_backward_data<double>(dyd, wd, c.options, dx_expected);
      CHECK(relative_difference(View<T>(dx), View<double>(dx_expected)) < rounding<T>(taps));

      // Both begin with a gradient of an earlier pass, to which they add.
      auto dw = make_tensor<T, 4>(c.w, T(0.5));
      auto dw_expected = make_tensor<double, 4>(c.w, 0.5);
      kernel.backward_weights(x, dy, dw);
      kernels::reference::convolution_backward_weights<double>(xd, dyd, c.options, dw_expected);
      const double cells = static_cast<double>(shape[0] * shape[2] * shape[3]);
      CHECK(relative_difference(View<T>(dw), View<double>(dw_expected)) < rounding<T>(cells));

      auto db = make_tensor<T, 1>({c.w[0]}, T(0.5));
      kernel.backward_bias(dy, db);
      for (Index o = 0; o < c.w[0]; ++o) {
        double sum = 0.5;
        for (Index n = 0; n < shape[0]; ++n)
          for (double v : View<double>(dyd)[n].slice(o, o + 1)) sum += v;
        CHECK(static_cast<double>(db(static_cast<std::size_t>(o))) ==
              doctest::Approx(sum).epsilon(rounding<T>(cells) * cells));
      }
    }
  }
}

TEST_CASE("convolution in training: both gradients are adjoint to the forward pass") {
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const Shape<4> shape = kernels::convolution_shape("test", c.x, c.w, c.options);
    const Tensor<double, 4> x(random_tensor(c.x, 1)), w(random_tensor(c.w, 2)), dy(random_tensor(shape, 3));
    auto y = make_tensor<double, 4>(shape), dx = make_tensor<double, 4>(c.x), dw = make_tensor<double, 4>(c.w);
    kernels::TrainingConvolution<double> kernel(c.x, c.w, c.options);
    kernel.forward(x, w, {}, y);
    kernel.backward_data(dy, w, dx);
    kernel.backward_weights(x, dy, dw);
    // The convolution is linear in each factor: <y, dy> = <x, dx> = <w, dw>.
    const double product = inner(y, dy);
    CHECK(inner(x, dx) == doctest::Approx(product).epsilon(1e-12));
    CHECK(inner(w, dw) == doctest::Approx(product).epsilon(1e-12));
  }
}

TEST_CASE_TEMPLATE("convolution in training: shapes that do not fit are named", T, float, double) {
  using Kernel = kernels::TrainingConvolution<T>;
  CHECK_THROWS_AS(Kernel({1, 4, 5, 5}, {6, 3, 3, 3}, {}), ShapeError);
  Kernel kernel({1, 3, 5, 5}, {6, 3, 3, 3}, {});
  const auto w = make_tensor<T, 4>({6, 3, 3, 3}), dy = make_tensor<T, 4>({1, 6, 4, 3});
  auto dx = make_tensor<T, 4>({1, 3, 5, 5});
  CHECK_THROWS_WITH_AS(kernel.backward_data(dy, w, dx), doctest::Contains("dst is (1,6,4,3): need (1,6,3,3)"),
                       ShapeError);
}
