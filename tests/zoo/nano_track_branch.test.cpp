// SPDX-License-Identifier: MIT
#include "../backbone/golden_input.hpp"
#include "../nn/reference_walk.hpp"

#include <pursuit/backbone/mobilenet_v3.hpp>
#include <pursuit/zoo/nano_track_branch.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>
#include <support/shared_folder.hpp>
#include <support/weight_files.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

using namespace pursuit;
using zoo::NanoTrackAnswer;
using zoo::NanoTrackBranch;

namespace {

NanoTrackBranch branch(int version, NanoTrackAnswer answer, const Weights& weights) {
  NanoTrackBranch layers(version, answer);
  nn::load(layers, weights, "ban_head.");
  return layers;
}

/// Both branches on the backbone's features against the numbers of the golden file.
template <int Version>
void compare(const Weights& weights, const std::string& which) {
  const std::string key = concat("v", Version, ".", which, ".");
  CAPTURE(key);
  const Weights expected = golden("nano_track.safetensors");
  using Net = MobileNetV3<Version == 3 ? 9 : 8>;
  constexpr Index side = Version == 3 ? 15 : 16;
  Net net(weights);
  nn::ExemplarPlan<NanoTrackBranch> classes(branch(Version, NanoTrackAnswer::classes, weights), Net::channels),
      boxes(branch(Version, NanoTrackAnswer::boxes, weights), Net::channels);
  const auto z = golden_pixels(21, {1, 3, 127, 127}), x = golden_pixels(22, {1, 3, 255, 255});
  const auto z_map = net.extract(z).top().values;
  classes.init(z_map);
  boxes.init(z_map);
  const auto x_map = net.extract(x).top().values;
  const auto scores = classes.run(x_map);
  REQUIRE(scores.shape == Shape<4>{1, 2, side, side});
  // Rounding after some fifty layers; the issue allows 1e-4.
  CHECK(golden_difference(scores, 2, expected.get<1>(key + "classes", {side * side})) < 2e-5);
  const auto sides = boxes.run(x_map);
  REQUIRE(sides.shape == Shape<4>{1, 4, side, side});
  CHECK(golden_difference(sides, 3, expected.get<1>(key + "boxes", {(4 * side * side + 2) / 3})) < 2e-5);
}

template <int Version>
void compare_published() {
  const auto file = test::shared_folder() / concat("weights/nanotrackv", Version, ".safetensors");
  if (std::filesystem::exists(file))
    compare<Version>(load_weights(file), "published");
  else
    MESSAGE("skipped: no " << file.string());
}

}  // namespace

TEST_CASE("NanoTrackBranch: random weights give what the public code gives") {
  compare<1>(Weights::random(7), "random");
  compare<2>(Weights::random(7), "random");
  compare<3>(Weights::random(7), "random");
}

TEST_CASE("NanoTrackBranch: published weights give what the public code gives") {
  compare_published<1>();
  compare_published<2>();
  compare_published<3>();
}

TEST_CASE("NanoTrackBranch: an exemplar of another size than 8 x 8 cells is refused") {
  nn::ExemplarPlan<NanoTrackBranch> plan(branch(2, NanoTrackAnswer::classes, Weights::random(1)), 48);
  auto z = make_tensor<float, 4>({1, 48, 7, 8});
  CHECK_THROWS_AS(plan.init(z), ShapeError);
}
