// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/crop.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/core/track.hpp>

#include <concepts>

namespace pursuit::inline v0 {

/// Where a tracker looks. Border rule, rounding of the crop and size of the patch follow the published code of each
/// tracker, so each has its rule.
///
///   start(frame, target)            once for each target: fixes the sizes of the patches
///   exemplar(frame, state)          the crop to learn the target from, at the state's place
///   search(frame, state, factor)    the crop to look for it in; `factor` scales the region, never the patch
///
/// All search crops of a frame have one patch size; so have all exemplars of a target.
template <class R>
concept SearchRegion = std::copyable<R> &&
    requires(R& region, const R& rule, const ImageView& frame, const Box& target, const TargetState& state) {
  region.start(frame, target);
  { rule.exemplar(frame, state) } -> std::same_as<Crop>;
  { rule.search(frame, state, 1.0) } -> std::same_as<Crop>;
};

}  // namespace pursuit::inline v0
