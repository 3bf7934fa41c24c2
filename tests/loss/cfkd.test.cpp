// SPDX-License-Identifier: MIT
#include "golden_loss.hpp"

#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/core/threads.hpp>
#include <pursuit/loss/cfkd.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace pursuit;

namespace {

using In = std::span<const double>;
using Out = std::span<double>;
using Loss = loss::Cfkd<double>;
constexpr Shape<4> narrow{2, 3, 4, 5}, wide{2, 6, 4, 5}, t_shape{3, 5, 5, 5}, z_shape{3, 5, 8, 7};
constexpr Shape<3> q_shape{3, 8, 7};

// The inputs of the golden losses, all at once.
struct Inputs {
  std::vector<double> p = check::noise(24, 1, -2, 2), teacher = check::noise(24, 2, -2, 2),
                      truth = check::noise(24, 3, -2, 2), map = check::noise(120, 11),
                      teacher_map = check::noise(240, 12), t = check::noise(375, 13), z = check::noise(840, 14),
                      label = golden_loss("label");

  Loss::Batch batch(In at_p, In at_map, In at_t, In at_z, Out dp, Out dmap, Out dt, Out dz) const {
    return {at_p,
            teacher,
            truth,
            dp,
            {{{at_map.data(), narrow}, {teacher_map.data(), wide}, {dmap.data(), narrow}}},
            {{{at_t.data(), t_shape},
              {at_z.data(), z_shape},
              {label.data(), q_shape},
              {dt.data(), t_shape},
              {dz.data(), z_shape}}}};
  }
};

}  // namespace

TEST_CASE("Cfkd: the weighted sum of its losses, with the gradients of all inputs") {
  set_threads(1);  // far too little work for two
  const Inputs in;
  const Loss loss;
  Loss::Cache cache;
  const auto value = [&](In p, In map, In t, In z) {
    return loss.value(in.batch(p, map, t, z, {}, {}, {}, {}), cache).total;
  };
  const auto backward = [&](const Loss& by) {
    return [&](In p, In map, In t, In z, Out dp, Out dmap, Out dt, Out dz) {
      const auto batch = in.batch(p, map, t, z, dp, dmap, dt, dz);
      by.value(batch, cache);
      by.gradient(batch, cache);
    };
  };
  const auto v = loss.value(in.batch(in.p, in.map, in.t, in.z, {}, {}, {}, {}), cache);
  CHECK(v.fidelity == doctest::Approx(golden_loss("fidelity")[0]));
  CHECK(v.filter == doctest::Approx(golden_loss("filter.batch")[0]));
  CHECK(v.total == doctest::Approx(v.soft + 0.1 * v.hard + 100 * v.fidelity + 0.01 * v.filter));
  const auto check = [&](const Loss& by) {
    return check::gradient(value, backward(by), {.entries = 15}, check::Input{"p", in.p}, check::Input{"map", in.map},
                           check::Input{"t", in.t}, check::Input{"z", in.z});
  };
  const auto right = check(loss);
  INFO(right);
  // Beside the others the filter's gradients are too small to be seen here: the next case looks at them alone.
  CHECK(right.worst < 1e-7);
  CHECK(check({.fidelity = 101}).worst > 1e-3);
}

TEST_CASE("Cfkd: a loss of weight 0 is left out") {
  const Inputs in;
  const Loss soft_only{.hard = 0, .fidelity = 0, .filter = 0};
  Loss::Cache cache;
  std::vector<double> dp(24, 9.0), dmap(120, 9.0), dt(375, 9.0), dz(840, 9.0), expected(24);
  const auto batch = in.batch(in.p, in.map, in.t, in.z, dp, dmap, dt, dz);
  CHECK(soft_only.value(batch, cache).total == loss::TeacherSoft<double>{}.value(in.p, in.teacher));
  soft_only.gradient(batch, cache);
  loss::TeacherSoft<double>{}.gradient(in.p, in.teacher, expected);
  CHECK(dp == expected);
  CHECK(std::ranges::all_of(dmap, [](double d) { return d == 9; }));
  CHECK(std::ranges::all_of(dt, [](double d) { return d == 9; }));

  const Loss filter_only{.soft = 0, .hard = 0, .fidelity = 0, .filter = 1};
  filter_only.value(batch, cache);
  filter_only.gradient(batch, cache);
  CHECK(golden_difference(dt, "filter.batch.d0") < 1e-12);
  CHECK(golden_difference(dz, "filter.batch.d1") < 1e-12);
  CHECK(dp == std::vector<double>(24, 0.0));
}
