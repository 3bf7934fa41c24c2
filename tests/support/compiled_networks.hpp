// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/network.hpp>

// The kernels of networks are compiled once for all tests, in compiled_networks.cpp.
namespace pursuit::inline v0::kernels {

extern template std::shared_ptr<const NetworkRecipe> make_recipe<Cpu>(PackedNetwork<Cpu>&, const Shape<4>&);

}  // namespace pursuit::inline v0::kernels
