// SPDX-License-Identifier: MIT
// Whole trackers against the public ones, with nothing random in either: tests/golden/atom.py.
#include "../backbone/golden_input.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/data/frame_reader.hpp>
#include <pursuit/data/open_sequence.hpp>
#include <pursuit/io/safetensors.hpp>
#include <pursuit/zoo/atom.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>
#include <support/sanitizer.hpp>
#include <support/shared_folder.hpp>
#include <support/temporary_folder.hpp>
#include <support/weight_files.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

using namespace pursuit;

namespace {

constexpr Index golden_frames = 12;

/// Random weights, but for the statistics of batch norms, which the golden file has, and the weakened last layer.
Weights weights(const std::string& kind, const std::vector<TensorSpec>& specs) {
  const Weights random = Weights::random(7), known = golden("atom.safetensors");
  std::vector<Tensor<float, 4>> values;
  std::vector<StoredTensor> tensors;
  values.reserve(specs.size());
  for (const TensorSpec& spec : specs) {
    Shape<4> shape{1, 1, 1, 1};
    std::copy(spec.shape.begin(), spec.shape.end(), shape.begin());
    auto tensor = make_tensor<float, 4>(shape);
    const std::string key = kind + "." + spec.name;
    if (known.contains(key)) {
      const auto statistics = known.get<1>(key, {shape[0]});
      std::copy(statistics.begin(), statistics.end(), tensor.data());
    } else if (spec.shape.size() == 1) {
      std::fill(tensor.begin(), tensor.end(), spec.name.ends_with("bias") ? 0.0F : 1.0F);
    } else {
      tensor = random.get(spec.name, shape);
    }
    if (spec.name.ends_with("predictor.weight")) tensor *= 0.1F;
    values.push_back(std::move(tensor));
    const auto* first = reinterpret_cast<const std::byte*>(values.back().data());
    tensors.push_back({{spec.name, Dtype::f32, spec.shape}, {first, values.back().size() * sizeof(float)}});
  }
  const ::test::TemporaryFolder folder;
  save_safetensors(folder / "weights.safetensors", tensors);
  return load_weights(folder / "weights.safetensors");
}

template <class T>
void compare(const std::string& kind) {
  const auto data = ::test::shared_folder() / "data/val";
  typename T::Options options = T::published();
  options.filter.views = false;
  options.filter.dropouts = 0;
  options.box.refinement.jittered = 0;
  set_threads(1);
  const T fresh(weights(kind, T::tensors()), options);
  for (const std::string name : {"Couple", "Surfer"}) {
    CAPTURE(name);
    if (!std::filesystem::exists(data / name)) {
      MESSAGE("skipped: no " << (data / name).string());
      continue;
    }
    const Sequence sequence = open_sequence((data / name).string());
    FrameReader frame(sequence);
    const auto boxes = golden("atom.safetensors").get<2>(kind + "." + name, {golden_frames, 4});
    T tracker = fresh;
    tracker.init(frame(0), sequence.boxes[0]);
    double worst = 0;
    for (std::size_t t = 1; t < golden_frames; ++t) {
      const Box b = tracker.update(frame(t)).box;
      const double expected[] = {boxes(t, 0), boxes(t, 1), boxes(t, 2), boxes(t, 3)}, got[] = {b.x, b.y, b.w, b.h};
      for (std::size_t k = 0; k < 4; ++k) worst = std::max(worst, std::abs(got[k] - expected[k]));
    }
    MESSAGE(kind << " on " << name << ": off by at most " << worst << " pixels in " << golden_frames << " frames");
    // What is asked for. Rounding grows from frame to frame.
    CHECK(worst < 0.5);
  }
}

}  // namespace

TEST_CASE("mATOM's boxes are those of the public tracker") { compare<zoo::MobileAtom>("matom"); }

#ifndef PURSUIT_TEST_SANITIZER
TEST_CASE("ATOM's boxes are those of the public tracker") { compare<zoo::Atom>("atom"); }
#endif
