// SPDX-License-Identifier: MIT
#include <pursuit/core/random.hpp>
#include <pursuit/io/image_file.hpp>
#include <pursuit/train/atom_pairs.hpp>
#include <pursuit/train/dcf_pairs.hpp>
#include <pursuit/train/siamfc_pairs.hpp>

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>

using namespace pursuit;

namespace {

/// Sixty JPEG files of 640 x 360 pixels that are about as hard to decode as video: waves and a little noise.
class Video {
 public:
  Video() {
    std::string name = (std::filesystem::temp_directory_path() / "pursuit-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw Error("no temporary folder");
    folder_ = name;
    Random random(1);
    for (int t = 0; t < 60; ++t) {
      Image frame(640, 360, PixelOrder::rgb);
      for (int y = 0; y < 360; ++y)
        for (int x = 0; x < 640; ++x)
          for (int c = 0; c < 3; ++c)
            frame.at(x, y)[c] = static_cast<std::uint8_t>(120 + 50 * std::sin(0.07 * (x + t)) +
                                                          40 * std::sin(0.05 * y + c) + random.uniform(0, 20));
      sequence_.frames.push_back(folder_ / concat(t, ".jpg"));
      sequence_.boxes.push_back({250.0 + t, 150, 90, 60});
      save_jpeg(sequence_.frames.back(), frame);
    }
    sequence_.name = "waves";
  }
  ~Video() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::shared_ptr<const TrainingFrames> frames(std::size_t cache_bytes) const {
    TrainingFrames frames(cache_bytes);
    frames.add(sequence_);
    return std::make_shared<const TrainingFrames>(std::move(frames));
  }

 private:
  std::filesystem::path folder_;
  Sequence sequence_;
};

const Video& video() {
  static const Video one;
  return one;
}

template <class Pairs>
void draw(benchmark::State& state, const Pairs& pairs) {
  std::uint64_t i = 0;
  for (int warm = 0; warm < 200; ++warm) {
    Random random(i++);
    benchmark::DoNotOptimize(pairs.draw(random));
  }
  for (auto _ : state) {
    Random random(i++);
    benchmark::DoNotOptimize(pairs.draw(random));
  }
  state.counters["examples/s"] = benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}

constexpr std::size_t enough = std::size_t{1} << 30;

void atom_pairs(benchmark::State& state) {
  draw(state,
       AtomPairs(video().frames(state.range(1) != 0 ? enough : 0), {}, {.side = static_cast<int>(state.range(0))}));
}
void siamfc_pairs(benchmark::State& state) { draw(state, SiamFcPairs(video().frames(enough), {})); }
void dcf_pairs(benchmark::State& state) { draw(state, DcfPairs(video().frames(enough), {})); }

BENCHMARK(atom_pairs)->ArgNames({"side", "cached"})->ArgsProduct({{192, 288}, {0, 1}})->Unit(benchmark::kMillisecond);
BENCHMARK(siamfc_pairs)->Unit(benchmark::kMillisecond);
BENCHMARK(dcf_pairs)->Unit(benchmark::kMillisecond);

}  // namespace
