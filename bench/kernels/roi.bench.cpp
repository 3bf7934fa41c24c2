// SPDX-License-Identifier: MIT
// Precise pooling at ATOM's sizes: ten boxes over 256 channels, forth and back to the boxes, beside the plain loops;
// and the fully connected layers that follow.
#include <pursuit/core/aligned.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/box_pooling.hpp>
#include <pursuit/kernels/pr_roi_pool.hpp>
#include <pursuit/kernels/reference/pr_roi_pool.hpp>
#include <pursuit/kernels/roi_align.hpp>
#include <pursuit/kernels/thin_product.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <vector>

namespace {

using namespace pursuit;

constexpr Index channels = 256, boxes = 10;

/// The fine level (5 x 5 bins of a 36 x 36 map) or the coarse one (3 x 3 of 18 x 18).
struct Case {
  explicit Case(Index bins_)
      : bins(bins_),
        side(bins == 5 ? 36 : 18),
        x(make_tensor<float, 3>({channels, side, side})),
        corners(make_tensor<float, 2>({boxes, 4})),
        y(make_tensor<float, 4>({boxes, channels, bins, bins})),
        options{static_cast<int>(bins), static_cast<int>(bins), static_cast<double>(side) / 288} {
    Random random(1);
    for (float& v : x) v = static_cast<float>(random.uniform());
    for (float& v : y) v = static_cast<float>(random.uniform());
    for (Index r = 0; r < boxes; ++r) {
      const double cx = 144 + random.uniform(-6, 6), cy = 144 + random.uniform(-6, 6);
      corners(r, 0) = static_cast<float>(cx - 29);
      corners(r, 1) = static_cast<float>(cy - 25);
      corners(r, 2) = static_cast<float>(cx + 29);
      corners(r, 3) = static_cast<float>(cy + 25);
    }
  }
  Index bins, side;
  Tensor<float, 3> x;
  Tensor<float, 2> corners;
  Tensor<float, 4> y;
  kernels::RoiOptions options;
};

void BM_PrRoiPool(benchmark::State& state) {
  Case c(state.range(0));
  for (auto _ : state) {
    kernels::pr_roi_pool<float>(c.x, c.corners, c.options, c.y);
    benchmark::ClobberMemory();
  }
}
void BM_PrRoiPoolReference(benchmark::State& state) {
  Case c(state.range(0));
  for (auto _ : state) {
    kernels::reference::pr_roi_pool<float>(c.x, c.corners, c.options, c.y);
    benchmark::ClobberMemory();
  }
}
void BM_PrRoiPoolBackward(benchmark::State& state) {
  Case c(state.range(0));
  for (auto _ : state) {
    kernels::pr_roi_pool_backward<float>(c.corners, c.options, c.y, c.x);
    benchmark::ClobberMemory();
  }
}
void BM_PrRoiPoolBackwardBoxes(benchmark::State& state) {
  Case c(state.range(0));
  auto d = make_tensor<float, 2>({boxes, 4});
  for (auto _ : state) {
    kernels::pr_roi_pool_backward_boxes<float>(c.x, c.corners, c.options, c.y, d);
    benchmark::ClobberMemory();
  }
}
void BM_RoiAlign(benchmark::State& state) {
  Case c(state.range(0));
  for (auto _ : state) {
    kernels::roi_align<float>(c.x, c.corners, {c.options}, c.y);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_PrRoiPool)->Arg(3)->Arg(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_PrRoiPoolReference)->Arg(3)->Arg(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_PrRoiPoolBackward)->Arg(3)->Arg(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_PrRoiPoolBackwardBoxes)->Arg(3)->Arg(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_RoiAlign)->Arg(3)->Arg(5)->Unit(benchmark::kMicrosecond);

/// What the box head uses: channels in blocks, with what the boxes' gradient needs kept.
struct Blocked {
  explicit Blocked(const Case& c)
      : cells(c.x.size()), factors(channels, 1.0F), y(c.y.size(), 0.5F), corners(c.corners) {
    kernels::to_blocks(c.x.data(), 1, channels, c.side * c.side, cells.data());
    for (double& v : corners) v *= c.options.scale;
  }
  AlignedVector<float> cells, factors, y;
  Tensor<double, 2> corners;
};

void BM_BoxPooling(benchmark::State& state) {
  const Case c(state.range(0));
  Blocked b(c);
  kernels::BoxPooling<float> pooling(c.options.rows, c.options.columns);
  for (auto _ : state) {
    pooling.forward(b.cells.data(), {channels / kernels::lane_count, c.side, c.side}, b.corners, b.factors.data(),
                    b.y.data(), channels * c.bins * c.bins);
    benchmark::ClobberMemory();
  }
}
void BM_BoxPoolingBackward(benchmark::State& state) {
  const Case c(state.range(0));
  Blocked b(c);
  kernels::BoxPooling<float> pooling(c.options.rows, c.options.columns);
  const Index step = channels * c.bins * c.bins;
  pooling.forward(b.cells.data(), {channels / kernels::lane_count, c.side, c.side}, b.corners, b.factors.data(),
                  b.y.data(), step);
  auto d = make_tensor<double, 2>({boxes, 4});
  for (auto _ : state) {
    pooling.backward(b.y.data(), step, b.factors.data(), d);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_BoxPooling)->Arg(3)->Arg(5)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_BoxPoolingBackward)->Arg(3)->Arg(5)->Unit(benchmark::kMicrosecond);

/// Ten boxes through 256 x 2304 and 256 x 6400 weights.
struct Product {
  explicit Product(Index inputs)
      : x(static_cast<std::size_t>(boxes * inputs), 0.5F), y(boxes * channels, 0.25F), dx(x.size()) {
    const auto w = make_tensor<float, 2>({channels, inputs}, 0.01F);
    const std::vector<float> bias(channels);
    product = kernels::ThinProduct<float>(w, bias.data());
  }
  kernels::ThinProduct<float> product;
  AlignedVector<float> x, y, dx;
  std::vector<Index> active;
};
void count(benchmark::State& state, Index inputs) {
  state.counters["FLOP/s"] = benchmark::Counter(2.0 * boxes * channels * static_cast<double>(inputs),
                                                benchmark::Counter::kIsIterationInvariantRate);
}
void BM_ThinProduct(benchmark::State& state) {
  Product p(state.range(0));
  for (auto _ : state) {
    p.product.forward(p.x.data(), boxes, p.y.data());
    benchmark::ClobberMemory();
  }
  count(state, state.range(0));
}
void BM_ThinProductBackward(benchmark::State& state) {
  Product p(state.range(0));
  for (auto _ : state) {
    p.product.backward(p.y.data(), boxes, p.dx.data(), p.active);
    benchmark::ClobberMemory();
  }
  count(state, state.range(0));
}
BENCHMARK(BM_ThinProduct)->Arg(2304)->Arg(6400)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ThinProductBackward)->Arg(2304)->Arg(6400)->Unit(benchmark::kMicrosecond);

}  // namespace
