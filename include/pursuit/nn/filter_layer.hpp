// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/filter_solution.hpp>

namespace pursuit::inline v0::nn {

using kernels::FilterOptions;

/// A correlation filter that is solved within a network: see kernels::FilterSolution.
template <class T = float>
using FilterLayer = kernels::FilterSolution<T>;

}  // namespace pursuit::inline v0::nn
