// SPDX-License-Identifier: MIT
// Whole networks of SiamRPN++ and DaSiamRPN, at a sixteenth of the published widths, against the public code.
#include "../backbone/golden_input.hpp"

#include <pursuit/backbone/alexnet.hpp>
#include <pursuit/backbone/siamese_resnet.hpp>
#include <pursuit/nn/exemplar_plan.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/zoo/siam_rpn_branch.hpp>

#include <doctest/doctest.h>

#include <support/compiled_networks.hpp>

#include <algorithm>
#include <array>
#include <string>

using namespace pursuit;

namespace {

constexpr SiameseNeck thin_neck{16, 16, 16};
constexpr ResNetShape thin_resnet{.width = {4, 8, 16, 32},
                                  .stem = 4,
                                  .stride = siamese_resnet50.stride,
                                  .dilation = siamese_resnet50.dilation,
                                  .unpadded = true};
constexpr AlexNetShape thin_alexnet{
    .width = {6, 16, 24, 24, 16}, .grouped = false, .last_norm = true, .epsilon = 1e-5, .numbered = true};

Tensor<float, 4> kept(const TensorView<const float, 4>& x) {
  auto copy = make_tensor<float, 4>(x.shape);
  std::copy(x.begin(), x.end(), copy.data());
  return copy;
}

Tensor<float, 1> expected(const Weights& file, const std::string& name, Index values, Index step) {
  return file.get<1>(name, {(values + step - 1) / step});
}

/// What the branch answers for these features.
template <class Branch>
Tensor<float, 4> answer(const Branch& branch, const Tensor<float, 4>& z, const Tensor<float, 4>& x) {
  nn::ExemplarPlan<Branch> plan(branch, static_cast<int>(z.shape()[1]));
  plan.init(z);
  return kept(plan.run(x));
}

/// Sets the learned weights of the levels, which random weights leave equal.
void set_level_weights(zoo::DepthwiseRpnBranch& branch, const std::array<float, 3>& values) {
  nn::visit_parameters(branch, [&](const std::string& name, auto& tensor) {
    if (name.ends_with("_weight")) std::copy(values.begin(), values.end(), tensor.begin());
  });
}

}  // namespace

TEST_CASE("SiamRPN++: features, classes and boxes are those of the public code") {
  const Weights file = golden("siamrpnpp.safetensors"), weights = Weights::random(7);
  SiameseResNet<thin_neck, thin_resnet> network(weights);
  const auto z_pixels = golden_pixels(22, {1, 3, 127, 127}), x_pixels = golden_pixels(23, {1, 3, 255, 255});
  const auto z = kept(network.extract(z_pixels).top().values), x = kept(network.extract(x_pixels).top().values);
  REQUIRE(TensorView<const float, 4>(z).shape == Shape<4>{1, 48, 15, 15});
  REQUIRE(TensorView<const float, 4>(x).shape == Shape<4>{1, 48, 31, 31});
  for (Index level = 0; level < 3; ++level) {
    CAPTURE(level);
    auto middle = make_tensor<float, 4>({1, 16, 7, 7}), search = make_tensor<float, 4>({1, 16, 31, 31});
    for (Index c = 0; c < 16; ++c) {
      for (Index i = 0; i < 7; ++i)
        for (Index j = 0; j < 7; ++j) middle(0, c, i, j) = z(0, level * 16 + c, i + 4, j + 4);
      for (Index i = 0; i < 31; ++i)
        for (Index j = 0; j < 31; ++j) search(0, c, i, j) = x(0, level * 16 + c, i, j);
    }
    // Up to 50 layers of sums in another order; the issue allows 1e-4.
    CHECK(golden_difference(middle, 5, expected(file, concat("exemplar.", level), 16 * 49, 5)) < 2e-5);
    CHECK(golden_difference(search, 29, expected(file, concat("search.", level), 16 * 961, 29)) < 2e-5);
  }

  const zoo::DepthwiseRpnBranch::Options options{.levels = {16, 16, 16}};
  zoo::DepthwiseRpnBranch classes(zoo::RpnAnswer::classes, options), boxes(zoo::RpnAnswer::boxes, options);
  nn::load(classes, weights, "rpn_head.");
  nn::load(boxes, weights, "rpn_head.");
  set_level_weights(classes, {0.2F, -0.5F, 1.0F});
  set_level_weights(boxes, {-0.3F, 0.4F, 0.1F});
  const auto cls = answer(classes, z, x), loc = answer(boxes, z, x);
  REQUIRE(TensorView<const float, 4>(cls).shape == Shape<4>{1, 10, 25, 25});
  REQUIRE(TensorView<const float, 4>(loc).shape == Shape<4>{1, 20, 25, 25});
  CHECK(golden_difference(cls, 7, expected(file, "cls", 6250, 7)) < 2e-5);
  CHECK(golden_difference(loc, 11, expected(file, "loc", 12500, 11)) < 2e-5);

  // The learned weights matter.
  set_level_weights(boxes, {0, 0, 0});
  const auto other = answer(boxes, z, x);
  CHECK(golden_difference(other, 11, expected(file, "loc", 12500, 11)) > 1e-2);
}

TEST_CASE("SiamRPN++: the mean of levels is what equal weights give") {
  zoo::DepthwiseRpnBranch weighted(zoo::RpnAnswer::classes, {.levels = {8, 16}}),
      mean(zoo::RpnAnswer::classes, {.levels = {8, 16}, .weighted = false});
  nn::load(weighted, Weights::random(3));
  nn::load(mean, Weights::random(3));
  CHECK(nn::tensor_specs(weighted).size() == nn::tensor_specs(mean).size() + 1);
  const auto z = golden_pixels(1, {1, 24, 9, 9}), x = golden_pixels(2, {2, 24, 13, 11});
  CHECK(answer(weighted, z, x) == answer(mean, z, x));
}

TEST_CASE("DaSiamRPN: classes and boxes are those of the public code") {
  const Weights file = golden("dasiamrpn.safetensors"), weights = Weights::random(7);
  AlexNet<thin_alexnet> network(weights, "featureExtract.");
  const auto z_pixels = golden_pixels(24, {1, 3, 127, 127}), x_pixels = golden_pixels(25, {1, 3, 271, 271});
  const auto z = kept(network.extract(z_pixels).top().values), x = kept(network.extract(x_pixels).top().values);
  zoo::FullRpnBranch classes(zoo::RpnAnswer::classes, 16, 16), boxes(zoo::RpnAnswer::boxes, 16, 16);
  nn::load(classes, weights);
  nn::load(boxes, weights);
  const auto cls = answer(classes, z, x), loc = answer(boxes, z, x);
  REQUIRE(TensorView<const float, 4>(cls).shape == Shape<4>{1, 10, 19, 19});
  REQUIRE(TensorView<const float, 4>(loc).shape == Shape<4>{1, 20, 19, 19});
  CHECK(golden_difference(cls, 3, expected(file, "cls", 3610, 3)) < 1e-5);
  CHECK(golden_difference(loc, 5, expected(file, "loc", 7220, 5)) < 1e-5);
}
