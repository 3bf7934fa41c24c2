// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/kernels/activation_training.hpp>
#include <pursuit/nn/elementwise.hpp>

namespace pursuit::inline v0::nn {

/// y = 1 / (1 + e^-x). For training: plans for inference do not know it.
struct Sigmoid : Elementwise<Sigmoid> {
  template <class T>
  static void run(const T* x, Index count, T* y) {
    kernels::sigmoid(x, count, y);
  }
  template <class T>
  static void run_backward(const T* y, const T* dy, Index count, T* dx) {
    kernels::sigmoid_backward(y, dy, count, dx);
  }
};

}  // namespace pursuit::inline v0::nn
