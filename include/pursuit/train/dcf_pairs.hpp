// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/crop.hpp>
#include <pursuit/train/frame_pairs.hpp>
#include <pursuit/train/mirror.hpp>

#include <memory>
#include <utility>

namespace pursuit::inline v0 {

/// A patch to learn a filter from and one to find the target in.
struct FilterPair {
  Tensor<float, 3> target, search;  ///< (3, side, side), numbers for a network; the target is in the first one's middle
  Point displacement;               ///< of the target from the middle of `search`, pixels of the patch
};

/// Draws examples for correlation filters: windows of a multiple of the target's width and height, warped to a square
/// as the tracker of DCFNet does (corners of the window at the centres of the corner pixels, black beyond the frame).
///
/// In the published training the target is in the middle of both patches, as with `shift` 0. With a shift the network
/// also sees what the edges of the window do to a displaced target.
///
/// Ref  Wang et al. 2017; foolwood/DCFNet_pytorch (`crop_image`, `VID`), whose patches went through JPEG files once
/// more.
class DcfPairs {
 public:
  using Example = FilterPair;

  struct Options {
    int side = 125;      ///< pixels of the patches
    double padding = 3;  ///< window over target, per side
    double shift = 0.5;  ///< largest displacement, in target widths and heights
    double flip = 0;     ///< probability that both patches are mirrored; published: 0
    PairRule pairs = PairRule::dcfnet();
  };

  /// `pixels`: how pixels become numbers, as the backbone says. Throws Error where options are none, or no clip fits.
  DcfPairs(std::shared_ptr<const TrainingFrames> frames, const PixelFormat& pixels, const Options& options)
      : options_(options), pixels_(pixels), pairs_(std::move(frames), options.pairs) {
    const Options& o = options_;
    if (o.side < 2 || o.side > 4096 || !(o.padding > 0 && o.padding <= 1000) ||
        !(o.shift >= 0 && o.shift <= o.padding) || pixels.channels() != 3)
      throw Error(concat("DcfPairs: patches of ", o.side, " pixels in ", pixels.channels(), " channels, padding ",
                         o.padding, ", shift ", o.shift,
                         ": need 2 to 4096 pixels in 3 channels, a positive padding and a shift of 0 to that"));
  }
  DcfPairs(std::shared_ptr<const TrainingFrames> frames, const PixelFormat& pixels)
      : DcfPairs(std::move(frames), pixels, Options{}) {}

  const Options& options() const { return options_; }

  /// Thread-safe; a function of the generator's state alone.
  FilterPair draw(Random& random) const {
    const FramePair frames = pairs_.draw(random);
    const Point shift{random.uniform(-options_.shift, options_.shift), random.uniform(-options_.shift, options_.shift)};
    const bool flip = random.uniform() < options_.flip;
    const Box& b = frames.second_box;
    const Point middle = center(b);
    const Crop target = window(frames.first_box, center(frames.first_box));
    const Crop search = window(b, {middle.x - shift.x * b.w, middle.y - shift.y * b.h});
    FilterPair pair{cut(*frames.first, target),
                    cut(*frames.second, search),
                    {shift.x * b.w / search.step_x, shift.y * b.h / search.step_y}};
    if (flip) {
      mirror(pair.target);
      mirror(pair.search);
      pair.displacement.x = -pair.displacement.x;
    }
    return pair;
  }

 private:
  Crop window(const Box& b, Point around) const {
    return corner_aligned(around, b.w * options_.padding, b.h * options_.padding, options_.side, options_.side);
  }
  Tensor<float, 3> cut(const Image& frame, const Crop& crop) const {
    Tensor<float, 3> patch = make_tensor<float, 3>({3, crop.height, crop.width});
    kernels::crop(frame, crop, pixels_, patch);
    return patch;
  }

  Options options_;
  PixelFormat pixels_;
  FramePairs pairs_;
};

}  // namespace pursuit::inline v0
