// SPDX-License-Identifier: MIT
#include <pursuit/core/aligned.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/thin_product.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace pursuit;

namespace {

/// Numbers in [-1, 1), of which some whole columns are 0.
template <class T>
AlignedVector<T> noise(Random& random, Index rows, Index used, Index step, bool sparse) {
  AlignedVector<T> v(static_cast<std::size_t>(rows * step));
  for (Index i = 0; i < used; ++i) {
    if (sparse && random.uniform() < 0.4) continue;
    for (Index r = 0; r < rows; ++r) v[static_cast<std::size_t>(r * step + i)] = static_cast<T>(random.uniform(-1, 1));
  }
  return v;
}

}  // namespace

TEST_CASE_TEMPLATE("ThinProduct: agrees with plain sums, forth and back", T, float, double) {
  Random random(2);
  for (const Shape<2>& size : {Shape<2>{1, 1}, {7, 33}, {32, 48}, {19, 100}, {40, 17}}) {
    const Index outputs = size[0], inputs = size[1];
    auto w = make_tensor<T, 2>({outputs, inputs});
    for (T& v : w) v = static_cast<T>(random.uniform(-1, 1));
    std::vector<T> bias(static_cast<std::size_t>(outputs));
    for (T& v : bias) v = static_cast<T>(random.uniform(-1, 1));
    const kernels::ThinProduct<T> product(w, bias.data());
    CHECK(product.inputs() >= inputs);
    CHECK(product.outputs() >= outputs);
    for (Index rows = 1; rows <= 12; ++rows) {
      CAPTURE(outputs);
      CAPTURE(inputs);
      CAPTURE(rows);
      const auto x = noise<T>(random, rows, inputs, product.inputs(), false);
      const auto dy = noise<T>(random, rows, outputs, product.outputs(), true);
      AlignedVector<T> y(static_cast<std::size_t>(rows * product.outputs()), T(9));
      AlignedVector<T> dx(static_cast<std::size_t>(rows * product.inputs()), T(9));
      std::vector<Index> active;
      product.forward(x.data(), rows, y.data());
      product.backward(dy.data(), rows, dx.data(), active);
      double worst = 0;
      const auto compare = [&](T came, double need) {
        worst = std::max(worst, std::abs(static_cast<double>(came) - need));
      };
      for (Index r = 0; r < rows; ++r) {
        for (Index o = 0; o < product.outputs(); ++o) {
          double sum = o < outputs ? static_cast<double>(bias[static_cast<std::size_t>(o)]) : 0;
          for (Index k = 0; o < outputs && k < inputs; ++k)
            sum += static_cast<double>(w(o, k)) *
                   static_cast<double>(x[static_cast<std::size_t>(r * product.inputs() + k)]);
          compare(y[static_cast<std::size_t>(r * product.outputs() + o)], sum);
        }
        for (Index k = 0; k < product.inputs(); ++k) {
          double sum = 0;
          for (Index o = 0; k < inputs && o < outputs; ++o)
            sum += static_cast<double>(w(o, k)) *
                   static_cast<double>(dy[static_cast<std::size_t>(r * product.outputs() + o)]);
          compare(dx[static_cast<std::size_t>(r * product.inputs() + k)], sum);
        }
      }
      // 100 terms below 1, each of which may round the sum once.
      CHECK(worst < 100 * static_cast<double>(std::numeric_limits<T>::epsilon()));
    }
  }
}

TEST_CASE("ThinProduct: rows do not depend on how many there are") {
  Random random(3);
  auto w = make_tensor<float, 2>({24, 40});
  for (float& v : w) v = static_cast<float>(random.uniform(-1, 1));
  const std::vector<float> bias(24);
  const kernels::ThinProduct<float> product(w, bias.data());
  const auto x = noise<float>(random, 7, 40, product.inputs(), false);
  AlignedVector<float> all(static_cast<std::size_t>(7 * product.outputs())), one(all.size());
  product.forward(x.data(), 7, all.data());
  for (Index r = 0; r < 7; ++r) {
    product.forward(x.data() + r * product.inputs(), 1, one.data());
    CHECK(std::equal(one.begin(), one.begin() + product.outputs(), all.begin() + r * product.outputs()));
  }
}
