// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace pursuit::inline v0::optim {

/// Gradient descent with momentum (an Optimizer of concepts/optimizer.hpp):
///
///     g <- gradient + weight_decay p
///     v <- momentum v + g                      v is g in the first step
///     p <- p - rate v                          with nesterov: p - rate (g + momentum v)
///
/// Ref  Sutskever et al. 2013, in the form of PyTorch, where the rate is not part of v.
template <std::floating_point T = float>
class Sgd {
 public:
  struct Options {
    double rate = 1e-2;
    double momentum = 0;
    double weight_decay = 0;
    bool nesterov = false;
  };

  Sgd() = default;
  explicit Sgd(const Options& options) : rate(options.rate), options_(options) {}

  /// Makes the slot, for so many parameters, where it is not there yet.
  void prepare(std::size_t slot, std::size_t size) {
    if (slot >= velocity_.size()) velocity_.resize(slot + 1);
    if (options_.momentum != 0 && velocity_[slot].empty()) velocity_[slot].assign(size, T(0));
  }

  /// Throws ShapeError where the gradient is not as long as the parameters, or a slot has another length than before.
  void step(std::size_t slot, std::span<T> parameters, std::span<const T> gradient) {
    prepare(slot, parameters.size());
    std::vector<T>& v = velocity_[slot];
    if (gradient.size() != parameters.size() || (options_.momentum != 0 && v.size() != parameters.size()))
      throw ShapeError(concat("Sgd: slot ", slot, " of ", v.size(), " numbers was given ", parameters.size(),
                              " parameters and a gradient of ", gradient.size()));
    const T by = static_cast<T>(rate), momentum = static_cast<T>(options_.momentum),
            decay = static_cast<T>(options_.weight_decay);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      T g = gradient[i] + decay * parameters[i];
      if (options_.momentum != 0) {
        v[i] = momentum * v[i] + g;
        g = options_.nesterov ? g + momentum * v[i] : v[i];
      }
      parameters[i] -= by * g;
    }
  }

  /// visit(name, numbers) for all that must be kept to go on later; numbers is a std::vector of T. Whoever brings
  /// numbers back prepares the slots before.
  template <class Visit>
  void state(Visit&& visit) {
    for (std::size_t slot = 0; slot < velocity_.size(); ++slot)
      visit("velocity." + std::to_string(slot), velocity_[slot]);
  }

  double rate = 1e-2;  ///< a schedule may change it between steps

 private:
  Options options_{};
  std::vector<std::vector<T>> velocity_;
};

}  // namespace pursuit::inline v0::optim
