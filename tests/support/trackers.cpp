// SPDX-License-Identifier: MIT
#include "trackers.hpp"

#include "compiled_networks.hpp"
#include "sanitizer.hpp"
#include "shared_folder.hpp"
#include "temporary_folder.hpp"

#include <pursuit/core/threads.hpp>
#include <pursuit/io/safetensors.hpp>
#include <pursuit/zoo/registry.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <vector>

namespace pursuit::test {

std::span<const zoo::Entry> registry() { return zoo::registry(); }

const std::vector<std::string>& trackers() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const zoo::Entry& entry : zoo::registry())
      if (!entry.name.ends_with("-published") && !entry.name.ends_with("-otb") && !entry.name.ends_with("-vot") &&
          !entry.name.ends_with("-m") && !entry.name.ends_with("-s") && !entry.name.ends_with("-t") &&  // widths
          entry.name != "nanotrack-filter" && entry.name != "atom-s-filter")  // mobilenet-filter on other features
        all.emplace_back(entry.name);
    return all;
  }();
  return names;
}

namespace {

// The largest networks at a sixteenth of their channels: here the code around them is tested.
constexpr AlexNetShape thin(AlexNetShape shape) {
  for (int& width : shape.width) width /= 16;
  return shape;
}
constexpr ResNetShape thin(ResNetShape shape) {
  for (int& width : shape.width) width /= 16;
  shape.stem /= 16;
  return shape;
}

constexpr MobileNetV2Shape thin(MobileNetV2Shape shape) {
  shape.thinner = 4;
  return shape;
}
constexpr ResNetShape thinner(ResNetShape shape) {
  for (int& width : shape.width) width /= 64;
  shape.stem /= 64;
  return shape;
}
constexpr BoxHeadShape thin_head{.fine = 8, .coarse = 16, .width = 16};

// ATOM's family, thin, with a small memory and few steps.
template <class T>
struct Brief : T {
  static typename T::Options options(typename T::Options o) {
    o.filter.memory = 40;
    o.filter.first_steps = 2;
    o.filter.first_iterations = 5;
    o.region.patch = 128;
    o.region.padding = 3;
    return o;
  }
  explicit Brief(const Weights& weights) : T(weights, options(T::published())) {}
};

// Random weights whose numbers stay moderate: pixels are brought to [0, 1], and what a head answers is near zero, so
// that classes are no certainties and boxes are about their anchors.
float calm(const std::string& name) {
  if (name == "backbone.conv1.weight" || name.ends_with("features.0.weight") || name == "featureExtract.0.weight")
    return 1.0F / 255;
  if (name.ends_with("conv3.weight")) return 0.2F;  // or sixteen blocks each double the variance
  if (name.ends_with("predictor.weight")) return 0.05F;
  return name.ends_with("head.3.weight") || name.ends_with("2.weight") || name == "regress_adjust.weight" ? 0.05F : 1;
}
Weights calm_weights(const std::vector<TensorSpec>& specs) {
  const Weights random = Weights::random(7);
  std::vector<std::vector<std::byte>> bytes;
  std::vector<StoredTensor> tensors;
  for (const TensorSpec& spec : specs) {
    Shape<4> shape{1, 1, 1, 1};
    std::copy(spec.shape.begin(), spec.shape.end(), shape.begin());
    Tensor<float, 4> values =
        spec.shape.size() >= 2
            ? random.get(spec.name, shape)
            : make_tensor<float, 4>(shape, spec.name.ends_with("bias") || spec.name.ends_with("mean") ? 0.0F : 1.0F);
    values *= spec.shape.size() >= 2 ? calm(spec.name) : 1.0F;
    const auto* first = reinterpret_cast<const std::byte*>(values.data());
    bytes.emplace_back(first, first + values.size() * sizeof(float));
    tensors.push_back({{spec.name, Dtype::f32, spec.shape}, bytes.back()});
  }
  const ::test::TemporaryFolder folder;
  save_safetensors(folder / "calm.safetensors", tensors);
  return Weights::load(folder / "calm.safetensors");
}

template <class T>
AnyTracker thin_tracker(std::string_view name) {
  return {std::string(name), T(calm_weights(T::tensors()))};
}

// The boxes of these come from a trained network, and are anywhere with random weights.
bool has_box_head(std::string_view name) {
  for (const std::string_view family : {"nanotrack", "siamrpn", "dasiamrpn", "atom", "matom", "drnet", "mdrnet"})
    if (name.starts_with(family)) return true;
  return false;
}

// Weights that somebody trained, where there are any.
Weights published(std::string_view name) {
  constexpr std::string_view family = "nanotrack-";
  std::string file;
  if (name.starts_with(family)) file = concat("nanotrack", name.substr(family.size()));
  if (name == "mobilenet-filter") file = "mobilenet_v2_imagenet";
  if (file.empty()) return {};
  const auto path = ::test::shared_folder() / "weights" / (file + ".safetensors");
  return std::filesystem::exists(path) ? Weights::load(path) : Weights();
}

AnyTracker compile(std::string_view name) {
  if (const Weights trained = published(name); !trained.empty()) return zoo::make(name, trained);
#ifdef PURSUIT_TEST_SANITIZER
  if (name == "siamfc") return thin_tracker<zoo::SiamFCOf<thin(alexnet_v1)>>(name);
#endif
  if (name == "siamrpnpp") return thin_tracker<zoo::SiamRpnPPOf<SiameseNeck{16, 16, 16}, thin(siamese_resnet50)>>(name);
  if (name == "siamrpnpp-lt")
    return thin_tracker<zoo::SiamRpnPPLongTermOf<SiameseNeck{8, 16, 32}, thin(siamese_resnet50)>>(name);
  if (name == "siamrpnpp-alex") return thin_tracker<zoo::SiamRpnAlexOf<thin(alexnet_rpn)>>(name);
  if (name == "dasiamrpn") return thin_tracker<zoo::DaSiamRpnOf<thin(alexnet_rpn_wide)>>(name);
  if (name == "atom") return thin_tracker<Brief<zoo::AtomOf<ResidualFeatures<thin(resnet18)>, 4, thin_head>>>(name);
  if (name == "drnet")
    return thin_tracker<Brief<zoo::DrNetOf<ResidualFeatures<thinner(resnet50)>, 4, thin_head>>>(name);
  if (name == "matom") return thin_tracker<Brief<zoo::AtomOf<MobileNetV2<thin(mobilenet_v2)>, 4, thin_head>>>(name);
  if (name == "mdrnet") return thin_tracker<Brief<zoo::DrNetOf<MobileNetV2<thin(mobilenet_v2)>, 4, thin_head>>>(name);
  return zoo::make(name, Weights::random(7));
}

}  // namespace

AnyTracker make(std::string_view name) {
  set_threads(1);
  static std::map<std::string, AnyTracker, std::less<>> made;
  auto found = made.find(name);
  if (found == made.end()) found = made.emplace(name, compile(name)).first;
  return found->second;
}

bool follows(std::string_view name) {
  return !(has_box_head(name) || name == "mobilenet-filter") || !published(name).empty();
}

int frames(std::string_view name, int n) {
  if (const char* full = std::getenv("PURSUIT_TEST_FULL"); full != nullptr && std::string_view(full) == "1") return n;
  int factor = zoo::find(name).needs_weights() ? 50 : 1;
#ifdef PURSUIT_TEST_SANITIZER
  factor *= 10;
#endif
  return std::max(n / factor, 3);
}

}  // namespace pursuit::test
