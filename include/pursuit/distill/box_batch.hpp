// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/train/atom_pairs.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace pursuit::inline v0::distill {

/// Several pairs of patches in one row of memory, as networks read them: N pairs with R proposals each.
class BoxBatch {
 public:
  using View = TensorView<const float, 4>;
  enum Patch : std::size_t { reference, search };

  /// Throws ShapeError unless all pairs have patches of one size and equally many proposals, each with its overlap.
  void fill(std::span<const BoxPair> pairs) {
    if (pairs.empty()) throw ShapeError("distill::BoxBatch: no pairs");
    count_ = static_cast<Index>(pairs.size());
    proposals_ = static_cast<Index>(pairs[0].proposals.size());
    const TensorView<const float, 3> first(pairs[0].reference);
    images_[reference].clear(), images_[search].clear();
    corners_.clear(), anchors_.clear(), targets_.clear(), search_boxes_.clear(), overlaps_.clear();
    patch_ = first.shape;
    for (const BoxPair& pair : pairs) {
      if (static_cast<Index>(pair.proposals.size()) != proposals_ || pair.overlaps.size() != pair.proposals.size())
        throw ShapeError(concat("distill::BoxBatch: ", pair.proposals.size(), " proposals and ", pair.overlaps.size(),
                                " overlaps: need ", proposals_, " of each"));
      append(pair.reference, images_[reference]);
      append(pair.search, images_[search]);
      append(pair.reference_box, corners_);
      for (const Box& proposal : pair.proposals) append(proposal, anchors_);
      search_boxes_.push_back(pair.search_box);
      overlaps_.insert(overlaps_.end(), pair.overlaps.begin(), pair.overlaps.end());
      for (const Box& proposal : pair.proposals) append_change(proposal, pair.search_box);
    }
  }

  Index count() const { return count_; }
  Index side() const { return patch_[1]; }
  /// (N,3,side,side).
  View images(Patch patch) const { return {images_[patch].data(), {count_, patch_[0], patch_[1], patch_[2]}}; }
  /// (N,1,4,1): x1, y1, x2, y2 of the target in the reference patch.
  View reference_boxes() const { return {corners_.data(), {count_, 1, 4, 1}}; }
  /// (N,R,4,1).
  View proposals() const { return {anchors_.data(), {count_, proposals_, 4, 1}}; }
  /// The target in each search patch.
  std::span<const Box> search_boxes() const { return search_boxes_; }

  /// What a head of so many outputs should say about all proposals: their overlaps as 2 IoU - 1 (1), or how each must
  /// change to be the target (4): (cx' - cx) / w, (cy' - cy) / h, log(w' / w), log(h' / h).
  std::span<const float> truth(int outputs) const { return outputs == 4 ? targets_ : overlaps_; }

 private:
  void append(const TensorView<const float, 3>& patch, std::vector<float>& to) const {
    require_shape("distill::BoxBatch", "patch", patch.shape, patch_);
    to.insert(to.end(), patch.begin(), patch.end());
  }
  static void append(const Box& b, std::vector<float>& to) {
    for (const double v : {b.x, b.y, b.x + b.w, b.y + b.h}) to.push_back(static_cast<float>(v));
  }
  void append_change(const Box& from, const Box& to) {
    const Point a = center(from), b = center(to);
    for (const double v :
         {(b.x - a.x) / from.w, (b.y - a.y) / from.h, std::log(to.w / from.w), std::log(to.h / from.h)})
      targets_.push_back(static_cast<float>(v));
  }

  Index count_ = 0, proposals_ = 0;
  Shape<3> patch_{};
  std::array<std::vector<float>, 2> images_;
  std::vector<float> corners_, anchors_, targets_, overlaps_;
  std::vector<Box> search_boxes_;
};

}  // namespace pursuit::inline v0::distill
