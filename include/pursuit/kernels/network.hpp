// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/device.hpp>
#include <pursuit/kernels/network_definition.hpp>

namespace pursuit::inline v0::kernels {

/// A definition with its weights in the layouts that device D likes best, packed once and shared by every Network made
/// of it. Made once, then safe to use from any number of threads.
///
///     PackedNetwork(NetworkDefinition definition, Precision precision = Precision::float32)
///     definition()
///
/// Input and outputs are floats with any precision.
template <class D>
class PackedNetwork;

/// A network for one input shape: primitives chosen, activations laid out in one arena, nothing allocated by execute().
///
///     Network(std::shared_ptr<PackedNetwork<D>> network, const Shape<4>& input)
///     give(slot, weight)   weights (O, C / groups, kh, kw) of a convolution that has none in the definition; copied
///     execute(x)   x is (N, C, H, W) row-major, as are the outputs
///     output(i)    the i-th output; the memory is the network's and is valid until its next execute()
///
/// Copies share primitives and weights and have an arena and given weights of their own, so each thread works with its
/// own copy.
/// Between operations activations stay in the layout of the backend (on the processor: blocks of channels). There the
/// first convolution, those of 1 x 1 and of single channels, those of 3 x 3 and 5 x 5 with stride 1 and enough
/// channels (by Winograd's algorithm) and all that is no convolution are kernels of ours; oneDNN does the rest.
/// Throws ShapeError where the operations do not fit the input shape.
template <class D>
class Network;

}  // namespace pursuit::inline v0::kernels

#include <pursuit/kernels/cpu/network.hpp>
