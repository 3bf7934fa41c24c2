// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/random.hpp>

#include <array>
#include <cmath>
#include <cstddef>

namespace pursuit::inline v0 {

/// How boxes near a target are drawn, for a network to learn how well they fit.
struct ProposalRule {
  int count = 16;                                           ///< for each target
  double min_overlap = 0.1;                                 ///< IoU with the target
  std::array<double, 5> spread{0.01, 0.05, 0.1, 0.2, 0.3};  ///< one is chosen for each box
};

/// A box near `target`: normal noise on centre and size, of a deviation of spread times the root of the area, rounded
/// to whole pixels. It is drawn again, with a tenth less noise, until it overlaps enough, at most a hundred times.
/// Sides of a pixel or less become 0.15 to 0.5 of the target's. Pre: the target has positive size.
///
/// Ref  Danelljan et al. 2019, section 3.1; visionml/pytracking (`perturb_box`).
inline Box draw_proposal(const Box& target, const ProposalRule& rule, Random& random) {
  double deviation = std::sqrt(target.w * target.h) * rule.spread[random.below(rule.spread.size())];
  const Point c = center(target);
  const auto side = [&](double drawn, double of_target) {
    return drawn <= 1 ? of_target * random.uniform(0.15, 0.5) : drawn;
  };
  Box box;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const double x = c.x + deviation * random.normal(), y = c.y + deviation * random.normal();
    const double w = side(target.w + deviation * random.normal(), target.w);
    const double h = side(target.h + deviation * random.normal(), target.h);
    box = {std::nearbyint(x - w / 2), std::nearbyint(y - h / 2), std::nearbyint(w), std::nearbyint(h)};
    box.w = side(box.w, target.w);
    box.h = side(box.h, target.h);
    if (iou(target, box) > rule.min_overlap) break;
    deviation *= 0.9;
  }
  return box;
}

}  // namespace pursuit::inline v0
