// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/concepts/device.hpp>
#include <pursuit/core/features.hpp>

#include <concepts>
#include <cstddef>

namespace pursuit::inline v0 {

/// Turns patches into features.
///
///   channels           of the level that a classifier reads; a constant, so that a mismatch does not compile
///   pixels()           how pixels become the numbers that extract() takes
///   extract(patches)   (N, 1 or 3, h, w) -> maps of (N, C, H, W). The memory is the backbone's and lives until its
///                      next extract(). Any N and patch size may come, in any order; only a size not seen before
///                      may allocate.
///
/// extract() is not const: activations live in buffers that the backbone owns. Weights are shared by copies.
template <class B>
concept Backbone = std::copyable<B> &&
    requires(B& backbone, const B& reader, const TensorView<const float, 4, device_of_t<B>>& patches) {
  { B::channels } -> std::convertible_to<int>;
  { reader.pixels() } -> std::same_as<PixelFormat>;
  { backbone.extract(patches) } -> std::same_as<FeatureMaps<device_of_t<B>>>;
};

/// A backbone with a state that goes from frame to frame (RAR's ConvLSTM). Every extract() of a frame starts from the
/// same state; commit(i) makes the state after patch i the one that the next frame starts from.
template <class B>
concept RecurrentBackbone = Backbone<B> && requires(B& backbone, std::size_t patch) {
  backbone.reset();
  backbone.commit(patch);
};

}  // namespace pursuit::inline v0
