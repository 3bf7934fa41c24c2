// SPDX-License-Identifier: MIT
#include <pursuit/check/noise.hpp>
#include <pursuit/kernels/same_correlation.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace pursuit;

namespace {

double difference(const std::vector<float>& a, const std::vector<double>& b) {
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(a[i]) - b[i]));
    largest = std::max(largest, std::abs(b[i]));
  }
  return worst / largest;
}

std::size_t count(const auto& shape) { return static_cast<std::size_t>(volume(shape)); }

}  // namespace

TEST_CASE("SameCorrelation: transforms agree with direct sums in double, forward and backward") {
  struct Case {
    Shape<4> t, z;
  };
  kernels::SameCorrelation<float> fast;
  kernels::SameCorrelation<double> direct;
  for (const Case& c :
       {Case{{2, 3, 5, 5}, {2, 3, 18, 15}}, Case{{3, 4, 9, 9}, {3, 4, 7, 20}}, Case{{1, 2, 3, 3}, {1, 2, 6, 5}},
        Case{{2, 4, 5, 5}, {2, 4, 13, 13}}, Case{{2, 3, 5, 5}, {2, 3, 3, 3}}, Case{{2, 3, 5, 5}, {2, 3, 18, 15}}}) {
    CAPTURE(concat(c.z));
    const Shape<3> q_shape{c.z[0], c.z[2], c.z[3]};
    const auto td = check::noise(count(c.t), 1), zd = check::noise(count(c.z), 2),
               dqd = check::noise(count(q_shape), 3);
    const std::vector<float> t(td.begin(), td.end()), z(zd.begin(), zd.end()), dq(dqd.begin(), dqd.end());
    std::vector<float> q(count(q_shape)), dt(t.size(), 9.0F), dz(z.size(), 9.0F);
    std::vector<double> qd(q.size()), dtd(t.size(), 9.0), dzd(z.size(), 9.0);
    fast.forward({t.data(), c.t}, {z.data(), c.z}, {q.data(), q_shape});
    fast.backward({dq.data(), q_shape}, {dt.data(), c.t}, {dz.data(), c.z});
    direct.forward({td.data(), c.t}, {zd.data(), c.z}, {qd.data(), q_shape});
    direct.backward({dqd.data(), q_shape}, {dtd.data(), c.t}, {dzd.data(), c.z});
    // Transforms of a few hundred cells: some epsilons of the largest number.
    CHECK(difference(q, qd) < 2e-6);
    CHECK(difference(dt, dtd) < 2e-6);
    CHECK(difference(dz, dzd) < 2e-6);
  }
}

TEST_CASE("SameCorrelation: exemplars without a middle are refused") {
  kernels::SameCorrelation<float> kernel;
  const std::vector<float> t(16), z(36);
  std::vector<float> q(36);
  CHECK_THROWS_AS(kernel.forward({t.data(), {1, 1, 4, 4}}, {z.data(), {1, 1, 6, 6}}, {q.data(), {1, 6, 6}}),
                  ShapeError);
}
