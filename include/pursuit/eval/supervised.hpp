// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/data/annotation.hpp>
#include <pursuit/eval/raster_overlap.hpp>
#include <pursuit/eval/session.hpp>
#include <pursuit/io/region.hpp>

#include <cstddef>
#include <span>
#include <variant>
#include <vector>

namespace pursuit::inline v0 {

/// The box that a tracker is given for a region: the box itself, or preserve_area_box() of a polygon; `no_box` for a
/// mark.
inline Box box_of(const Region& region) {
  if (const auto* box = std::get_if<Box>(&region)) return *box;
  const auto* corners = std::get_if<std::vector<Point>>(&region);
  return corners != nullptr && corners->size() >= 3 ? preserve_area_box(*corners) : no_box;
}

/// The truth of a sequence as regions: polygons where the annotation has them, else boxes.
inline std::vector<Region> truth_regions(std::span<const Box> boxes, std::span<const std::vector<Point>> polygons) {
  std::vector<Region> regions;
  for (std::size_t f = 0; f < boxes.size(); ++f)
    regions.push_back(f < polygons.size() && !polygons[f].empty() ? Region(polygons[f]) : Region(boxes[f]));
  return regions;
}

/// What a supervised run leaves: a mark or the tracker's box for each frame.
struct SupervisedRun {
  std::vector<Region> regions;
  std::vector<double> seconds;
};

struct SupervisedOptions {
  std::size_t restart = 5;  ///< frames from a failure to the next start
};

/// VOT's reset-based experiment: where the tracker's box does not overlap the truth at all (inside the frame of
/// width x height pixels, see raster_overlap()), it has failed, and is started again five frames later. Frames between
/// are unknown. A frame whose truth gives no box cannot be started at: the next one that does is.
/// `frame(i)` as in run_one_pass(). Ref: Kristan et al. 2016.
template <TrackingSession S, class Frames>
SupervisedRun run_supervised(S session, Frames&& frame, std::span<const Region> truth, int width, int height,
                             const SupervisedOptions& options = {}) {
  SupervisedRun run{std::vector<Region>(truth.size(), VotMark::unknown), std::vector<double>(truth.size())};
  std::size_t f = 0;
  while (f < truth.size()) {
    const Box target = box_of(truth[f]);
    if (!is_valid(target)) {
      ++f;
      continue;
    }
    run.seconds[f] = session.init(frame(f), target);
    run.regions[f] = VotMark::initialized;
    for (++f; f < truth.size(); ++f) {
      const TimedTrack answer = session.update(frame(f));
      run.seconds[f] = answer.seconds;
      if (raster_overlap(answer.track.box, truth[f], width, height) <= 0) {
        run.regions[f] = VotMark::failed;
        f += options.restart;
        break;
      }
      run.regions[f] = answer.track.box;
    }
  }
  return run;
}

}  // namespace pursuit::inline v0
