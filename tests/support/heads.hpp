// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/features.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/nn/correlation.hpp>
#include <pursuit/nn/exemplar_plan.hpp>

#include <vector>

namespace test {

/// The least branch of a Siamese head: exemplar features as they are, compared in one way.
struct Compares {
  pursuit::nn::Correlation correlation;
  pursuit::nn::Comparison how;

  std::vector<pursuit::nn::Comparison> comparisons() const { return {how}; }
  template <class Builder>
  std::vector<typename Builder::Value> compile_exemplar(Builder&, typename Builder::Value z) const {
    return {z};
  }
  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return correlation.compile(builder, x);
  }
};

/// Features of one level, a cell being 16 pixels.
inline pursuit::FeatureMaps<> maps(const pursuit::Tensor<float, 4>& values) {
  pursuit::FeatureMaps<> m;
  m.add({values, 16});
  return m;
}

}  // namespace test
