// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/random.hpp>
#include <pursuit/nn/parameters.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <type_traits>

namespace pursuit::inline v0::nn {

/// How the numbers of a network begin before it is trained.
struct Initialisation {
  enum class Fan { in, out } fan = Fan::in;  ///< what keeps its size: the values forward, or the gradients backward
  bool uniform_norms = false;                ///< batch norm's weights in [0, 1), as ATOM's head has them; else 1
};

/// Weights of convolutions and linear layers: normal, of variance 2 / fan; biases 0; batch norm: weight 1, bias 0 and
/// the statistics of noise. Each layer has a stream of random numbers by its name, so that others do not change it. Ref
/// He et al. 2015, "Delving Deep into Rectifiers", eq. (10) and (14).
template <class Layer>
void initialise(Layer& layer, const Random& random, const Initialisation& how = {}, const std::string& prefix = {}) {
  visit_parts(layer, [&](const std::string& name, auto& part) { initialise(part, random, how, prefix + name); });
  const auto fill = [](auto& tensor, auto value) { std::fill(tensor.begin(), tensor.end(), value); };
  Random own = random.fork(prefix);
  if constexpr (requires { layer.running_var; }) {
    using T = std::remove_cvref_t<decltype(*layer.weight.data())>;
    for (T& v : layer.weight) v = how.uniform_norms ? static_cast<T>(own.uniform()) : T(1);
    fill(layer.bias, T(0));
    fill(layer.running_mean, T(0));
    fill(layer.running_var, T(1));
  } else if constexpr (requires { layer.weight.shape()[1], layer.bias; }) {
    using T = std::remove_cvref_t<decltype(*layer.weight.data())>;
    const std::size_t along = how.fan == Initialisation::Fan::in ? 0 : 1;
    const double fan = static_cast<double>(layer.weight.size()) / static_cast<double>(layer.weight.shape()[along]);
    const double deviation = std::sqrt(2 / fan);
    for (T& v : layer.weight) v = static_cast<T>(deviation * own.normal());
    fill(layer.bias, T(0));
  }
}

}  // namespace pursuit::inline v0::nn
