// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/nn/batch_norm2d.hpp>
#include <pursuit/nn/conv2d.hpp>
#include <pursuit/nn/correlation.hpp>
#include <pursuit/nn/exemplar_plan.hpp>
#include <pursuit/nn/parameters.hpp>
#include <pursuit/nn/relu.hpp>
#include <pursuit/nn/sequential.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0::zoo {

/// What a branch of a region proposal head answers for each anchor: background and target, or four changes of the box.
enum class RpnAnswer { classes, boxes };

/// One branch of SiamRPN++'s head. On each level of the features exemplar and search region go through a 3 x 3
/// convolution and are compared channel by channel; two 1 x 1 convolutions give the level's answer, and the answers are
/// added with learned weights (softmax). As the last convolution is linear, the sum of the levels is made within it.
///
/// Shapes  exemplar (1, sum of levels, h, w), search (N, sum of levels, H, W) -> (N, 10 or 20, H', W')
/// Names   those of STVIR/pysot: with `weighted` or several levels rpn2.cls.conv_search.0, cls_weight; with one level
///         cls.conv_search.0.
class DepthwiseRpnBranch {
 public:
  static constexpr int anchors = 5;

  struct Options {
    std::vector<int> levels{256, 256, 256};  ///< channels of each level, finest first
    bool weighted = true;                    ///< learned weights of the levels; otherwise their mean
    int exemplar = 5;                        ///< side of what is compared, cells: the middle of the exemplar
  };

  DepthwiseRpnBranch(RpnAnswer answer, const Options& options) : options_(options), answer_(answer) {
    for (const int channels : options_.levels) levels_.emplace_back(channels, outputs());
    level_weights_ = make_tensor<float, 1>({weighted() ? static_cast<Index>(levels_.size()) : 0}, 1.0F);
  }

  template <class Visit>
  void parts(Visit&& visit) {
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      const std::string where = levels_.size() == 1 ? name() + "." : concat("rpn", i + 2, ".", name(), ".");
      visit(where + "conv_kernel.", levels_[i].exemplar);
      visit(where + "conv_search.", levels_[i].search);
      visit(where + "head.", levels_[i].hidden);
      visit(where + "head.3.", levels_[i].last);
    }
  }
  template <class Visit>
  void parameters(Visit&& visit, const std::string& prefix = {}) {
    if (weighted()) visit(prefix + name() + "_weight", level_weights_);
  }

  std::vector<nn::Comparison> comparisons() const {
    return std::vector<nn::Comparison>(levels_.size(),
                                       {.kind = nn::Comparison::Kind::depthwise, .side = options_.exemplar});
  }

  template <class Builder>
  std::vector<typename Builder::Value> compile_exemplar(Builder& builder, typename Builder::Value z) const {
    std::vector<typename Builder::Value> values;
    for (std::size_t i = 0; i < levels_.size(); ++i)
      values.push_back(levels_[i].exemplar.compile(builder, level(builder, z, i)));
    return values;
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    std::vector<typename Builder::Value> hidden;
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      const int channels = options_.levels[i], side = options_.exemplar;
      const auto search = levels_[i].search.compile(builder, level(builder, x, i));
      const nn::Correlation comparison{{channels, 1, side, side}, {.groups = channels}};
      hidden.push_back(levels_[i].hidden.compile(builder, comparison.compile(builder, search)));
    }
    const auto all = hidden.size() == 1 ? hidden[0] : builder.concatenate(std::move(hidden));
    return sum().compile(builder, all);
  }

 private:
  using Conv = nn::Conv2d<float>;
  using Norm = nn::BatchNorm2d<float>;
  struct Level {
    Level(int channels, int outputs)
        : exemplar(Conv(channels, channels, 3, {.bias = false}), Norm(channels), nn::ReLU{}),
          search(Conv(channels, channels, 3, {.bias = false}), Norm(channels), nn::ReLU{}),
          hidden(Conv(channels, channels, 1, {.bias = false}), Norm(channels), nn::ReLU{}),
          last(channels, outputs, 1) {}
    nn::Sequential<Conv, Norm, nn::ReLU> exemplar, search, hidden;
    Conv last;
  };

  int outputs() const { return (answer_ == RpnAnswer::classes ? 2 : 4) * anchors; }
  std::string name() const { return answer_ == RpnAnswer::classes ? "cls" : "loc"; }
  bool weighted() const { return options_.weighted && options_.levels.size() > 1; }

  template <class Builder>
  typename Builder::Value level(Builder& builder, typename Builder::Value x, std::size_t i) const {
    if (levels_.size() == 1) return x;
    int first = 0;
    for (std::size_t k = 0; k < i; ++k) first += options_.levels[k];
    return builder.slice(x, first, options_.levels[i]);
  }

  /// The last convolutions of all levels as one that also adds them.
  Conv sum() const {
    const std::size_t count = levels_.size();
    std::vector<double> share(count, 1.0 / static_cast<double>(count));
    if (weighted()) {
      const float highest = *std::max_element(level_weights_.begin(), level_weights_.end());
      double total = 0;
      for (std::size_t i = 0; i < count; ++i)
        total += share[i] = std::exp(static_cast<double>(level_weights_(i) - highest));
      for (double& s : share) s /= total;
    }
    int all = 0;
    for (const int channels : options_.levels) all += channels;
    Conv joined(all, outputs(), 1);
    std::size_t first = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto channels = static_cast<std::size_t>(options_.levels[i]);
      for (std::size_t o = 0; o < static_cast<std::size_t>(outputs()); ++o) {
        for (std::size_t c = 0; c < channels; ++c)
          joined.weight(o, first + c, 0, 0) = static_cast<float>(share[i] * levels_[i].last.weight(o, c, 0, 0));
        joined.bias(o) += static_cast<float>(share[i] * levels_[i].last.bias(o));
      }
      first += channels;
    }
    return joined;
  }

  Options options_;
  RpnAnswer answer_;
  std::vector<Level> levels_;
  Tensor<float, 1> level_weights_;
};

/// One branch of SiamRPN's and DaSiamRPN's head: the exemplar becomes whole kernels, one for each anchor and answer.
///
/// Shapes  exemplar (1, C, 6, 6), search (N, C, H, W) -> (N, 10 or 20, H - 5, W - 5)
/// Names   those of foolwood/DaSiamRPN: conv_cls1 (exemplar), conv_cls2 (search); conv_r1, conv_r2, regress_adjust.
/// Ref     Li et al. 2018, section 3.2; Zhu et al. 2018.
class FullRpnBranch {
 public:
  static constexpr int anchors = 5;

  /// `channels` of the features, `hidden` of what is compared.
  FullRpnBranch(RpnAnswer answer, int channels, int hidden)
      : answer_(answer),
        hidden_(hidden),
        exemplar_(channels, hidden * outputs(), 3),
        search_(channels, hidden, 3),
        adjust_(outputs(), outputs(), 1) {}

  template <class Visit>
  void parts(Visit&& visit) {
    const std::string name = answer_ == RpnAnswer::classes ? "conv_cls" : "conv_r";
    visit(name + "1.", exemplar_);
    visit(name + "2.", search_);
    if (answer_ == RpnAnswer::boxes) visit("regress_adjust.", adjust_);
  }

  std::vector<nn::Comparison> comparisons() const {
    return {{.kind = nn::Comparison::Kind::full, .channels = hidden_}};
  }

  template <class Builder>
  std::vector<typename Builder::Value> compile_exemplar(Builder& builder, typename Builder::Value z) const {
    return {exemplar_.compile(builder, z)};
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    const nn::Correlation comparison{{outputs(), hidden_, side, side}};
    const auto y = comparison.compile(builder, search_.compile(builder, x));
    return answer_ == RpnAnswer::boxes ? adjust_.compile(builder, y) : y;
  }

 private:
  static constexpr int side = 4;  // of the kernels: 6 cells of the exemplar after a 3 x 3 convolution

  int outputs() const { return (answer_ == RpnAnswer::classes ? 2 : 4) * anchors; }

  RpnAnswer answer_;
  int hidden_;
  nn::Conv2d<float> exemplar_, search_, adjust_;
};

}  // namespace pursuit::inline v0::zoo
