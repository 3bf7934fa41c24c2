// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/device.hpp>
#include <pursuit/kernels/layer_options.hpp>

namespace pursuit::inline v0::kernels {

/// A convolution (kernels/convolution.hpp) with both of its gradients, for one shape of input, T float or double:
///
///     diff_src[n,g K + k,r,s]  = sum_{o,u,v} weights[o,k,u,v] diff_dst[n,o,i,j]
///     diff_weights[o,k,u,v]   += sum_{n,i,j} src[n,g K + k,r,s] diff_dst[n,o,i,j]
///     diff_bias[o]            += sum_{n,i,j} diff_dst[n,o,i,j]
///
/// where r = i stride - padding_of(H).before + u dilation and s likewise: each tap of the sum hands diff_dst on to its
/// one factor, times the other.
///
///     TrainingConvolution(src, weights, options)            shapes; throws ShapeError where they do not fit
///     forward(src, weights, bias, dst)                      bias (O) or a view of nothing
///     backward_data(diff_dst, weights, diff_src)            writes
///     backward_weights(src, diff_dst, diff_weights)         adds
///     backward_bias(diff_dst, diff_bias)                    adds
///
/// backward_data() is the transposed convolution of diff_dst, of which forward() is the data gradient.
/// float runs on oneDNN, by primitives that are made at their first use and kept; double runs the plain loops, for
/// gradient checks.
template <class T, class D = Cpu>
class TrainingConvolution;

}  // namespace pursuit::inline v0::kernels

#include <pursuit/kernels/cpu/convolution_training.hpp>
