// SPDX-License-Identifier: MIT
#include <pursuit/kernels/network.hpp>

namespace pursuit::inline v0::kernels {

template std::shared_ptr<const NetworkRecipe> make_recipe<Cpu>(PackedNetwork<Cpu>&, const Shape<4>&);

}  // namespace pursuit::inline v0::kernels
