// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/nn/correlation.hpp>
#include <pursuit/nn/exemplar_plan.hpp>
#include <pursuit/nn/layer_list.hpp>
#include <pursuit/nn/parameters.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0::zoo {

/// What a branch of NanoTrack's head answers: two maps (background, target), or four (logarithms of distances to the
/// sides).
enum class NanoTrackAnswer { classes, boxes };

/// The channel attention of NanoTrack's heads: a squeeze-excitation whose layers are published as convolutions.
class ChannelAttention {
 public:
  explicit ChannelAttention(int channels) : fc1_(channels, channels, 1), fc2_(channels, channels, 1) {}

  template <class Visit>
  void parts(Visit&& visit) {
    visit("fc1.", fc1_);
    visit("fc2.", fc2_);
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    return builder.squeeze_excitation(x, {.reduce = matrix(fc1_.weight),
                                          .reduce_bias = fc1_.bias,
                                          .expand = matrix(fc2_.weight),
                                          .expand_bias = fc2_.bias,
                                          .gate = kernels::SqueezeExcitation::Gate::sigmoid});
  }

 private:
  static Tensor<float, 2> matrix(const Tensor<float, 4>& w) {
    auto m = make_tensor<float, 2>({static_cast<Index>(w.shape()[0]), static_cast<Index>(w.shape()[1])});
    std::copy(w.begin(), w.end(), m.begin());
    return m;
  }

  nn::Conv2d<float> fc1_, fc2_;
};

/// One branch of NanoTrack's head: compares the search region with each cell of the exemplar (8 x 8 cells), in version
/// 3 also with the middle of it channel by channel, then a tower of depthwise separable convolutions.
///
/// Shapes  exemplar (1, C, 8, 8), search (N, C, H, W) -> (N, 2 or 4, H', W'); C = 48, H' = H in versions 1 and 2,
///         C = 96, H' = H - 1 in version 3.
/// Names   below `prefix` those of HonglinChu/SiamTrackers: corr_pw_cls.conv_search.0, cls_tower.3, bbox_pred.0.
class NanoTrackBranch {
 public:
  NanoTrackBranch(int version, NanoTrackAnswer answer) : version_(version) {
    const bool boxes = answer == NanoTrackAnswer::boxes;
    const std::string which = boxes ? "reg" : "cls", tower = boxes ? "bbox" : "cls";
    pixelwise_name_ = version == 1 ? "corr_pw." : "corr_pw_" + which + ".";
    depthwise_name_ = "corr_dw_" + which + ".";
    down_name_ = "down_" + which + ".";
    tower_name_ = tower + (version == 2 ? "_pw_tower." : "_tower.");
    answer_name_ = boxes ? "bbox_pred." : version == 2 ? "cls_pred." : "cls_logits.";
    if (version > 1) pixelwise_kernel_ = pixelwise_search_ = projection(channels());
    if (version == 3) {
      depthwise_kernel_ = depthwise_search_ = projection(channels());
      pixelwise_end_ = {Conv(cells, cells, 2, {.groups = cells, .bias = false}), Norm(cells), nn::ReLU6{},
                        Conv(cells, cells, 1), Norm(cells)};
      down_ = {Conv(cells + channels(), channels(), 1)};
    }
    int width = version == 3 ? channels() : cells;
    const int inside = version == 1 && !boxes ? 128 : 96;
    for (const int kernel : kernels(version, boxes)) {
      add_separable(width, inside, kernel);
      width = inside;
    }
    answer_ = {Conv(inside, boxes ? 4 : 2, 1)};
  }

  /// Of the features that the branch compares.
  int channels() const { return version_ == 3 ? 96 : 48; }

  template <class Visit>
  void parts(Visit&& visit) {
    visit(pixelwise_name_ + "CA_layer.", attention_);
    visit(pixelwise_name_ + "conv_kernel.", pixelwise_kernel_);
    visit(pixelwise_name_ + "conv_search.", pixelwise_search_);
    visit(pixelwise_name_ + "conv.", pixelwise_end_);
    visit(depthwise_name_ + "conv_kernel.", depthwise_kernel_);
    visit(depthwise_name_ + "conv_search.", depthwise_search_);
    visit(down_name_, down_);
    visit(tower_name_, tower_);
    visit(answer_name_, answer_);
  }

  std::vector<nn::Comparison> comparisons() const {
    std::vector<nn::Comparison> all{{.kind = nn::Comparison::Kind::pixelwise}};
    if (version_ == 3) all.push_back({.kind = nn::Comparison::Kind::depthwise, .side = middle});
    return all;
  }

  template <class Builder>
  std::vector<typename Builder::Value> compile_exemplar(Builder& builder, typename Builder::Value z) const {
    std::vector<typename Builder::Value> values{pixelwise_kernel_.compile(builder, z)};
    if (version_ == 3) values.push_back(depthwise_kernel_.compile(builder, z));
    return values;
  }

  template <class Builder>
  typename Builder::Value compile(Builder& builder, typename Builder::Value x) const {
    const nn::Correlation pixelwise{{cells, channels(), 1, 1}};
    auto y = pixelwise.compile(builder, pixelwise_search_.compile(builder, x));
    y = pixelwise_end_.compile(builder, attention_.compile(builder, y));
    if (version_ == 3) {
      const nn::Correlation depthwise{{channels(), 1, middle, middle}, {.padding = 1, .groups = channels()}};
      const auto beside = depthwise.compile(builder, depthwise_search_.compile(builder, x));
      y = down_.compile(builder, builder.concatenate({y, beside}));
    }
    return answer_.compile(builder, tower_.compile(builder, y));
  }

 private:
  using Conv = nn::Conv2d<float>;
  using Norm = nn::BatchNorm2d<float>;
  static constexpr int cells = 64;  // of the exemplar
  static constexpr int middle = 4;  // side of the part that is compared channel by channel

  static nn::LayerList projection(int channels) { return {Conv(channels, channels, 1), Norm(channels)}; }

  static std::vector<int> kernels(int version, bool boxes) {
    if (version > 1) return {3, 3, 3, 3, 3, 3};
    return boxes ? std::vector{3, 3, 5, 5} : std::vector{5, 5, 3};
  }

  void add_separable(int inputs, int outputs, int kernel) {
    tower_.add(Conv(inputs, inputs, kernel, {.padding = kernel / 2, .groups = inputs, .bias = false}));
    if (version_ == 3) {
      tower_.add(Norm(inputs));
      tower_.add(nn::ReLU6{});
    }
    tower_.add(Conv(inputs, outputs, 1, {.bias = false}));
    tower_.add(Norm(outputs));
    if (version_ < 3) tower_.add(nn::ReLU6{});
  }

  int version_;
  std::string pixelwise_name_, depthwise_name_, down_name_, tower_name_, answer_name_;
  // A list that a version does not have is empty: it then gives what it gets and has no tensors.
  nn::LayerList pixelwise_kernel_, pixelwise_search_, pixelwise_end_, depthwise_kernel_, depthwise_search_, down_,
      tower_, answer_;
  ChannelAttention attention_{cells};
};

}  // namespace pursuit::inline v0::zoo
