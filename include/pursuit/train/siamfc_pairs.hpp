// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/crop.hpp>
#include <pursuit/train/frame_pairs.hpp>
#include <pursuit/train/mirror.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace pursuit::inline v0 {

/// A target and a larger region with the same target near its middle.
struct SiamesePair {
  Tensor<float, 3> exemplar, search;  ///< (3, 127, 127) and (3, 239, 239) by default, numbers for a network
};

/// Draws examples for SiamFC: both frames are cut to squares with context, as the tracker does, then stretched by a
/// random factor and moved by some pixels.
///
///     s = sqrt((w + p) (h + p)) (search + 2 margin) / exemplar      p = context (w + h); pixels of the frame
///
/// Ref  Bertinetto et al. 2016, section 2.3; huanglianghua/siamfc-pytorch (`SiamFCTransforms`). That code resamples
/// twice, each time by a kind of interpolation chosen at random, and fills the rim that a shrunken square leaves with
/// its mean; here the same pixels of the frame are sampled once, bilinearly, and there is no rim.
class SiamFcPairs {
 public:
  using Example = SiamesePair;

  struct Options {
    int exemplar = 127;  ///< side of the exemplar, pixels
    int search = 239;    ///< side of the search patch, pixels
    int margin = 8;      ///< pixels on each side of the search patch by which it can be moved, half of them either way
    double context = 0.5;   ///< share of w + h that is added to each side
    double stretch = 0.05;  ///< largest change of size
    double flip = 0;        ///< probability that both patches are mirrored; published: 0
    PairRule pairs = PairRule::siamfc();
  };

  /// `pixels`: how pixels become numbers, as the backbone says. Throws Error where options are none, or no clip fits.
  SiamFcPairs(std::shared_ptr<const TrainingFrames> frames, const PixelFormat& pixels, const Options& options)
      : options_(options), pixels_(pixels), pairs_(std::move(frames), options.pairs) {
    const Options& o = options_;
    if (o.exemplar < 1 || o.search < o.exemplar || o.search > 4096 || o.margin < 0 || o.margin > o.search ||
        !(o.context >= 0 && o.context <= 16) || !(o.stretch >= 0 && o.stretch < 0.9) || pixels.channels() != 3)
      throw Error(concat("SiamFcPairs: exemplar of ", o.exemplar, ", search of ", o.search, ", margin of ", o.margin,
                         " pixels, context ", o.context, ", stretch ", o.stretch,
                         ": need 1 <= exemplar <= search <= 4096, 0 <= margin <= search, context 0 to 16, stretch 0 to "
                         "0.9, and 3 channels"));
  }
  SiamFcPairs(std::shared_ptr<const TrainingFrames> frames, const PixelFormat& pixels)
      : SiamFcPairs(std::move(frames), pixels, Options{}) {}

  const Options& options() const { return options_; }

  /// Thread-safe; a function of the generator's state alone.
  SiamesePair draw(Random& random) const {
    const FramePair frames = pairs_.draw(random);
    SiamesePair pair{cut(*frames.first, frames.first_box, options_.exemplar, random),
                     cut(*frames.second, frames.second_box, options_.search, random)};
    if (random.uniform() < options_.flip) {
      mirror(pair.exemplar);
      mirror(pair.search);
    }
    return pair;
  }

 private:
  Tensor<float, 3> cut(const Image& frame, const Box& b, int side, Random& random) const {
    const Options& o = options_;
    const int whole = o.search + 2 * o.margin;
    const double p = o.context * (b.w + b.h), size = std::sqrt((b.w + p) * (b.h + p)) * whole / o.exemplar;
    const double n = std::max(std::nearbyint(size), 1.0);
    const double stretched = std::nearbyint(whole * (1 + random.uniform(-o.stretch, o.stretch)));
    // Where the patch begins in the stretched square: its middle part, of which a smaller one is taken at random.
    const double middle = std::nearbyint((stretched - o.search - o.margin) / 2);
    const double inner = std::nearbyint((o.search - side) / 2.0), step = n / stretched;
    const auto shift = [&] { return static_cast<double>(random.below(static_cast<std::uint64_t>(o.margin) + 1)); };
    const auto begin = [&](double c) {
      return std::nearbyint(c - (n - 1) / 2) - 0.5 + (middle + inner + shift() + 0.5) * step;
    };
    Crop crop{.width = side, .height = side};
    crop.x = begin(b.x + (b.w - 1) / 2);
    crop.y = begin(b.y + (b.h - 1) / 2);
    crop.step_x = crop.step_y = crop.unit_x = crop.unit_y = step;
    crop.colour = kernels::mean_colour(frame);
    crop.rounding = Rounding::u8;
    Tensor<float, 3> patch = make_tensor<float, 3>({3, side, side});
    kernels::crop(frame, crop, pixels_, patch);
    return patch;
  }

  Options options_;
  PixelFormat pixels_;
  FramePairs pairs_;
};

}  // namespace pursuit::inline v0
