// SPDX-License-Identifier: MIT
#include "golden_loss.hpp"

#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/loss/fidelity.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace pursuit;

namespace {
constexpr Shape<4> narrow{2, 3, 4, 5}, wide{2, 6, 4, 5};
}

TEST_CASE_TEMPLATE("Fidelity: agrees with automatic differentiation", T, float, double) {
  const auto sd = check::noise(120, 11), td = check::noise(240, 12);
  const std::vector<T> s(sd.begin(), sd.end()), t(td.begin(), td.end());
  std::vector<T> d(120, T(9));
  const loss::Fidelity<T> loss;
  loss.gradient({s.data(), narrow}, {t.data(), wide}, {d.data(), narrow});
  CHECK(golden_difference(std::vector<T>{loss.value({s.data(), narrow}, {t.data(), wide})}, "fidelity") <
        golden_tolerance<T>);
  CHECK(golden_difference(d, "fidelity.d0") < golden_tolerance<T>);
}

TEST_CASE("Fidelity: the gradient agrees with central differences, and a wrong one is caught") {
  set_threads(1);  // far too little work for two
  const auto s = check::noise(120, 11), t = check::noise(240, 12);
  const loss::Fidelity<double> loss;
  using In = std::span<const double>;
  const auto value = [&](In x) { return loss.value({x.data(), narrow}, {t.data(), wide}); };
  const auto right = check::gradient(
      value,
      [&](In x, std::span<double> d) {
        loss.gradient({x.data(), narrow}, {t.data(), wide}, {d.data(), narrow});
      },
      s);
  INFO(right);
  CHECK(right.worst < 1e-7);
  const auto without_signs = check::gradient(
      value,
      [&](In x, std::span<double> d) {
        loss.gradient({x.data(), narrow}, {t.data(), wide}, {d.data(), narrow});
        for (std::size_t i = 0; i < d.size(); ++i) d[i] *= x[i] < 0 ? -1 : 1;
      },
      s);
  CHECK(without_signs.worst > 1e-2);
}

TEST_CASE("Fidelity: a silent cell has no gradient, and maps of another size are refused") {
  const std::vector<double> s(120, 0.0), t(240, 1.0);
  std::vector<double> d(120, 9.0);
  const loss::Fidelity<double> loss;
  loss.gradient({s.data(), narrow}, {t.data(), wide}, {d.data(), narrow});
  CHECK(d == std::vector<double>(120, 0.0));
  CHECK_THROWS_AS(loss.value({s.data(), narrow}, {t.data(), {2, 6, 5, 4}}), ShapeError);
}
