// SPDX-License-Identifier: MIT
// Lesson 2: compose a tracker. Four policies make one: what the pixels become (Backbone), what is learned of the target
// (Classifier), how an answer becomes a box (StateEstimator), and where to look (SearchRegion). Here each is taken from
// a shelf; the compiler refuses what does not fit.
#include <pursuit/backbone/hog.hpp>
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/classifier/correlation_filter.hpp>
#include <pursuit/estimator/scale_search.hpp>
#include <pursuit/eval/ope.hpp>
#include <pursuit/track/padded_region.hpp>
#include <pursuit/track/tracker.hpp>
#include <pursuit/zoo/cacf.hpp>

#include <chrono>
#include <iostream>
#include <vector>

/// DCFNet's filter on HOG features: a tracker that nobody published, in one line.
using HogFilter = pursuit::Tracker<pursuit::Hog, pursuit::CorrelationFilter<pursuit::Hog::channels>,
                                   pursuit::ScaleSearch, pursuit::PaddedRegion>;

/// Runs any tracker over the clip: trackers need no common base class.
template <class T>
double try_out(const char* name, T tracker) {
  pursuit::check::RenderedSequence clip(pursuit::check::demo_clip());
  tracker.init(clip.frame(0), clip.box(0));
  std::vector<pursuit::Box> boxes{clip.box(0)}, truth{clip.box(0)};
  std::chrono::duration<double> spent{};
  for (int t = 1; t < clip.size(); ++t) {
    const pursuit::ImageView frame = clip.frame(t);
    const auto start = std::chrono::steady_clock::now();
    boxes.push_back(tracker.update(frame).box);
    spent += std::chrono::steady_clock::now() - start;
    truth.push_back(clip.box(t));
  }
  const double auc = pursuit::score_ope(boxes, truth).auc();
  std::cout << name << ": AUC " << auc << ", " << (clip.size() - 1) / spent.count() << " frames/s\n";
  return auc;
}

int main() {
  // Every policy has named options with the published values as defaults.
  const HogFilter plain(pursuit::Hog({.cell = 4}), pursuit::CorrelationFilter<31>({.rate = 0.02}),
                        pursuit::ScaleSearch({.scales = 3, .step = 1.02, .subcell = true}),
                        pursuit::PaddedRegion({.padding = 2.5}));
  const double mine = try_out("HOG, plain filter  ", plain);
  const double published = try_out("HOG, context filter", pursuit::zoo::Cacf());
  return mine > 0.2 && published > 0.2 ? 0 : 1;
}
