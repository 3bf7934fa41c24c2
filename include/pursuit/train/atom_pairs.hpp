// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/train/atom_crop.hpp>
#include <pursuit/train/colour_jitter.hpp>
#include <pursuit/train/frame_pairs.hpp>
#include <pursuit/train/mirror.hpp>
#include <pursuit/train/proposals.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// A target to know and the same target to find, with boxes around it and how well each fits.
struct BoxPair {
  Tensor<float, 3> reference, search;  ///< (3, side, side), numbers for a network
  Box reference_box, search_box;       ///< pixels of the patches; the middle of a patch is at (side - 1) / 2
  std::vector<Box> proposals;          ///< pixels of the search patch
  std::vector<float> overlaps;         ///< of each proposal with search_box: 2 IoU - 1
};

/// Draws examples for box heads as ATOM does: the reference is cut around the target, the search patch around a box
/// beside it.
///
/// Ref  Danelljan et al. 2019, section 3.3; visionml/pytracking (`ATOMProcessing`).
class AtomPairs {
 public:
  using Example = BoxPair;

  struct Options {
    int side = 288;              ///< pixels of the patches
    double padding = 5;          ///< square over target, per side
    double centre_jitter = 4.5;  ///< of the search patch; in target sizes, from edge to edge
    double scale_jitter = 0.5;   ///< of the search patch; deviation of the logarithm
    double flip = 0;             ///< probability that both patches are mirrored; published: 0
    ColourJitter colours{};
    ProposalRule proposals{};
    PairRule pairs = PairRule::atom();
  };

  /// `pixels`: how pixels become numbers, as the backbone says. Throws Error where options are none, or no clip fits.
  AtomPairs(std::shared_ptr<const TrainingFrames> frames, const PixelFormat& pixels, const Options& options)
      : options_(options), pixels_(pixels), pairs_(std::move(frames), options.pairs) {
    const Options& o = options_;
    if (o.side < 16 || o.side > 4096 || !(o.padding > 0 && o.padding <= 1000) || pixels.channels() != 3 ||
        !(o.centre_jitter >= 0 && o.centre_jitter <= 100) || !(o.scale_jitter >= 0 && o.scale_jitter <= 10))
      throw Error(concat("AtomPairs: patches of ", o.side, " pixels in ", pixels.channels(), " channels, padding ",
                         o.padding, ", jitter of ", o.centre_jitter, " and ", o.scale_jitter,
                         ": need 16 to 4096 pixels in 3 channels, a positive padding, a jitter of 0 or more"));
    if (o.proposals.count < 0 || !(o.proposals.min_overlap < 1))
      throw Error(concat("AtomPairs: ", o.proposals.count, " proposals that overlap by more than ",
                         o.proposals.min_overlap, ": need 0 or more, and less than 1"));
  }
  AtomPairs(std::shared_ptr<const TrainingFrames> frames, const PixelFormat& pixels)
      : AtomPairs(std::move(frames), pixels, Options{}) {}

  const Options& options() const { return options_; }

  /// Thread-safe; a function of the generator's state alone.
  BoxPair draw(Random& random) const {
    const FramePair frames = pairs_.draw(random);
    const bool grey = options_.colours.draw_grey(random);
    const bool flip = random.uniform() < options_.flip;
    const AtomCrop reference(frames.first_box, options_.padding, options_.side);
    const AtomCrop search(jittered(frames.second_box, options_.centre_jitter, options_.scale_jitter, random),
                          options_.padding, options_.side);
    BoxPair pair;
    pair.reference = changed_crop(*frames.first, reference.crop, pixels_, options_.colours.draw(grey, random));
    pair.search = changed_crop(*frames.second, search.crop, pixels_, options_.colours.draw(grey, random));
    pair.reference_box = reference.to_patch(frames.first_box);
    pair.search_box = search.to_patch(frames.second_box);
    if (flip) {
      mirror(pair.reference);
      mirror(pair.search);
      for (Box* box : {&pair.reference_box, &pair.search_box}) box->x = options_.side - 1 - box->x - box->w;
    }
    for (int i = 0; i < options_.proposals.count; ++i) {
      pair.proposals.push_back(draw_proposal(pair.search_box, options_.proposals, random));
      pair.overlaps.push_back(static_cast<float>(2 * iou(pair.search_box, pair.proposals.back()) - 1));
    }
    return pair;
  }

 private:
  Options options_;
  PixelFormat pixels_;
  FramePairs pairs_;
};

}  // namespace pursuit::inline v0
