// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/activation_training.hpp>
#include <pursuit/nn/elementwise.hpp>

namespace pursuit::inline v0::nn {

/// y = tanh(x). For training: plans for inference do not know it.
struct Tanh : Elementwise<Tanh> {
  template <class T>
  static void run(const T* x, Index count, T* y) {
    kernels::hyperbolic_tangent(x, count, y);
  }
  template <class T>
  static void run_backward(const T* y, const T* dy, Index count, T* dx) {
    kernels::hyperbolic_tangent_backward(y, dy, count, dx);
  }
};

}  // namespace pursuit::inline v0::nn
