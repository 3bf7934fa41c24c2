// SPDX-License-Identifier: MIT
// Lesson 4: a new tracker. NanoTrack's first layers, with a correlation filter that learns online in place of its
// heads.
// Its argument is a weight file, nanotrackv3.safetensors; without one, random weights do for this clip.
#include <pursuit/backbone/mobilenet_v3.hpp>
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/classifier/correlation_filter.hpp>
#include <pursuit/estimator/scale_search.hpp>
#include <pursuit/track/padded_region.hpp>
#include <pursuit/track/tracker.hpp>

#include <iostream>

using Features = pursuit::MobileNetV3<3>;  // three of nine blocks: 24 channels, a cell every 8 pixels
using NanoFilter = pursuit::Tracker<Features, pursuit::CorrelationFilter<Features::channels>, pursuit::ScaleSearch,
                                    pursuit::PaddedRegion>;

int main(int argc, char** argv) {
  const auto weights = argc > 1 ? pursuit::Weights::load(argv[1]) : pursuit::Weights::random(7);
  NanoFilter tracker(Features(weights), pursuit::CorrelationFilter<Features::channels>({.rate = 0.02}),
                     pursuit::ScaleSearch({.step = 1.02, .subcell = true}),
                     pursuit::PaddedRegion({.target_area = 8000, .cell = 8}));
  pursuit::check::RenderedSequence clip(pursuit::check::demo_clip());
  tracker.init(clip.frame(0), clip.box(0));
  double sum = 0;
  for (int t = 1; t < clip.size(); ++t) sum += iou(tracker.update(clip.frame(t)).box, clip.box(t));
  std::cout << "mean overlap " << sum / (clip.size() - 1) << '\n';
  return sum / (clip.size() - 1) > 0.5 ? 0 : 1;
}
