// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/track/any_tracker.hpp>
#include <pursuit/zoo/atom.hpp>
#include <pursuit/zoo/atom_filter.hpp>
#include <pursuit/zoo/cacf.hpp>
#include <pursuit/zoo/dcf_net.hpp>
#include <pursuit/zoo/dr_net.hpp>
#include <pursuit/zoo/entry.hpp>
#include <pursuit/zoo/feature_filter.hpp>
#include <pursuit/zoo/nano_track.hpp>
#include <pursuit/zoo/siam_rpn.hpp>
#include <pursuit/zoo/siamfc.hpp>
#include <pursuit/zoo/weight_files.hpp>

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pursuit::inline v0::zoo {

namespace detail {

inline std::vector<TensorSpec> no_tensors() { return {}; }
template <class T>
std::vector<TensorSpec> tensors_of() {
  return T::tensors();
}

inline AnyTracker make_cacf(std::string_view name, const Weights&, const Settings&) {
  return {std::string(name), Cacf()};
}
template <class T>
AnyTracker make_from(std::string_view name, const Weights& weights, const Settings& settings,
                     typename T::Options options) {
  options.precision = settings.precision;
  if constexpr (requires { options.seed; }) options.seed = settings.seed;
  return {std::string(name), T(weights, options)};
}
template <class T>
AnyTracker make_of(std::string_view name, const Weights& weights, const Settings& settings) {
  return make_from<T>(name, weights, settings, {});
}
inline std::vector<TensorSpec> unweighted_tensors() { return SiamRpnPP::tensors(SiamRpnPP::otb()); }
/// With other settings than those that the type has by itself.
template <class T, auto options>
AnyTracker make_with(std::string_view name, const Weights& weights, const Settings& settings) {
  return make_from<T>(name, weights, settings, options());
}

}  // namespace detail

/// All trackers that can be named. The first that fits a weight file is the one it is used with.
inline std::span<const Entry> registry() {
  using HalfDaSiamRpn = DaSiamRpnOf<alexnet_rpn>;
  static constexpr std::array<Entry, 28> all{{
      {"cacf", "context-aware correlation filter on HOG, no weights", detail::no_tensors, detail::make_cacf},
      {"dcfnet", "correlation filter on learned features", detail::tensors_of<DcfNet>, detail::make_of<DcfNet>},
      {"siamfc", "fully-convolutional Siamese network, AlexNet", detail::tensors_of<SiamFC>, detail::make_of<SiamFC>},
      {"siamfc-s", "siamfc, half as wide", detail::tensors_of<SiamFCSmall>, detail::make_of<SiamFCSmall>},
      {"nanotrack-v1", "small Siamese network, distances to the sides of the box", detail::tensors_of<NanoTrackV1>,
       detail::make_of<NanoTrackV1>},
      {"nanotrack-v2", "small Siamese network, second version", detail::tensors_of<NanoTrackV2>,
       detail::make_of<NanoTrackV2>},
      {"nanotrack-v3", "small Siamese network, third version: the most accurate", detail::tensors_of<NanoTrackV3>,
       detail::make_of<NanoTrackV3>},
      {"siamrpnpp", "region proposals on three levels of a ResNet-50", detail::tensors_of<SiamRpnPP>,
       detail::make_of<SiamRpnPP>},
      {"siamrpnpp-otb", "siamrpnpp with the settings published for OTB", detail::unweighted_tensors,
       detail::make_with<SiamRpnPP, SiamRpnPP::otb>},
      {"siamrpnpp-lt", "siamrpnpp that searches a larger region while the target is lost",
       detail::tensors_of<SiamRpnPPLongTerm>, detail::make_with<SiamRpnPPLongTerm, SiamRpnPPLongTerm::published>},
      {"siamrpnpp-alex", "siamrpnpp's head on AlexNet", detail::tensors_of<SiamRpnAlex>, detail::make_of<SiamRpnAlex>},
      {"dasiamrpn", "region proposals on a wide AlexNet", detail::tensors_of<DaSiamRpn>, detail::make_of<DaSiamRpn>},
      {"dasiamrpn-vot", "dasiamrpn of half the width, settings for VOT", detail::tensors_of<HalfDaSiamRpn>,
       detail::make_with<HalfDaSiamRpn, HalfDaSiamRpn::vot>},
      {"dasiamrpn-otb", "dasiamrpn of half the width, settings for OTB", detail::tensors_of<HalfDaSiamRpn>,
       detail::make_with<HalfDaSiamRpn, HalfDaSiamRpn::otb>},
      {"atom", "filter learned online, boxes by predicted overlap, ResNet-18", detail::tensors_of<Atom>,
       detail::make_of<Atom>},
      {"atom-vot", "atom with the settings published for VOT", detail::tensors_of<Atom>,
       detail::make_with<Atom, Atom::vot>},
      {"matom", "atom on MobileNetV2, distilled", detail::tensors_of<MobileAtom>, detail::make_of<MobileAtom>},
      {"matom-vot", "matom with the settings published for VOT", detail::tensors_of<MobileAtom>,
       detail::make_with<MobileAtom, MobileAtom::vot>},
      {"atom-m", "atom on a ResNet-18 of half the width", detail::tensors_of<AtomMedium>,
       detail::make_with<AtomMedium, AtomMedium::steady>},
      {"atom-s", "atom on a ResNet-18 of a quarter of the width", detail::tensors_of<AtomSmall>,
       detail::make_with<AtomSmall, AtomSmall::steady>},
      {"atom-t", "atom on a ResNet-18 of an eighth of the width", detail::tensors_of<AtomTiny>,
       detail::make_with<AtomTiny, AtomTiny::steady>},
      {"drnet", "filter learned online, boxes by regression, ResNet-50", detail::tensors_of<DrNet>,
       detail::make_with<DrNet, DrNet::published>},
      {"mdrnet", "drnet on MobileNetV2, distilled", detail::tensors_of<MobileDrNet>,
       detail::make_with<MobileDrNet, MobileDrNet::published>},
      {"drnet-s", "drnet on a ResNet-18 of a quarter of the width", detail::tensors_of<DrNetSmall>,
       detail::make_with<DrNetSmall, DrNetSmall::steady>},
      {"mobilenet-filter", "filter learned online on ImageNet's MobileNetV2, scale search",
       detail::tensors_of<MobileNetFilter>, detail::make_of<MobileNetFilter>},
      {"nanotrack-filter", "filter learned online on NanoTrack's features, scale search",
       detail::tensors_of<NanoTrackFilter>, detail::make_of<NanoTrackFilter>},
      {"atom-s-filter", "atom-s with scale search in place of its box head", detail::tensors_of<AtomSmallFilter>,
       detail::make_with<AtomSmallFilter, AtomSmallFilter::of_atom>},
      {"dcfnet-published", "dcfnet with the slips of the published code, to compare with it",
       detail::tensors_of<DcfNet>, detail::make_with<DcfNet, DcfNet::published>},
  }};
  return all;
}

/// Throws Error, with the names there are, where there is no such tracker.
inline const Entry& find(std::string_view name) { return find(registry(), name); }

/// The tracker whose tensors the weights hold, or nullptr. Random weights and empty ones fit none in particular.
inline const Entry* fitting(const Weights& weights) { return fitting(registry(), weights); }

/// The tracker of that name. Without weights it takes the file NAME.safetensors of the folders that the environment
/// variable PURSUIT_WEIGHTS names, if there is one. Throws Error where there is no such tracker, and FileError, with
/// one list of what is missing or of another shape, where the weights do not fit. Tensors that the tracker does not
/// read do no harm.
inline AnyTracker make(std::string_view name, const Weights& weights = {}, const Settings& settings = {}) {
  const Entry& entry = find(name);
  if (weights.empty() && entry.needs_weights())
    if (const auto file = find_weights(name, weight_folders())) return make(entry, Weights::load(*file), settings);
  return make(entry, weights, settings);
}

}  // namespace pursuit::inline v0::zoo
