// SPDX-License-Identifier: MIT
// Lesson 3: write a Classifier. It learns the target from features and answers with a map that is high where the target
// is; concepts/classifier.hpp has the whole contract. This one keeps the mean look of the target and compares.
#include <pursuit/backbone/hog.hpp>
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/concepts/classifier.hpp>
#include <pursuit/core/buffer.hpp>
#include <pursuit/estimator/scale_search.hpp>
#include <pursuit/eval/ope.hpp>
#include <pursuit/kernels.hpp>
#include <pursuit/track/tracker.hpp>

#include <iostream>
#include <vector>

using namespace pursuit;

class TemplateMatcher {
 public:
  static constexpr int channels = any_channels;                    // works on any backbone
  static constexpr UpdateFrom update_from = UpdateFrom::new_crop;  // learns from a crop at the new place

  /// The target fills the middle third of the map: PaddedRegion's padding is 3.
  void init(const Sample<>& first) {
    const Shape<4> map = first.features.top().values.shape;
    const Index rows = map[2] / 3, columns = map[3] / 3;
    // Map minus template is even, so that "no displacement" is a cell of the response and not between two.
    shape_ = {1, map[1], rows + (map[2] - rows) % 2, columns + (map[3] - columns) % 2};
    learn(first, 1);
  }

  /// One map for each crop; 1 where a place looks as the template does.
  ResponseMap<> respond(const FeatureMaps<>& features) {
    const FeatureMap<>& x = features.top();
    const Shape<4> map = x.values.shape;
    const auto y = response_.view(Shape<3>{map[0], map[2] - shape_[2] + 1, map[3] - shape_[3] + 1});
    kernels::cross_correlation(template_.view(shape_), x.values, y, 1 / energy_);
    return {.values = y, .stride = x.stride, .origin = ResponseMap<>::Origin::middle};
  }

  void update(const Sample<>& sample, const Track& track) {
    if (track.status == TrackStatus::tracking) learn(sample, 0.02F);
  }

 private:
  void learn(const Sample<>& sample, float rate) {
    const auto x = sample.features.top().values;
    const auto z = template_.view(shape_);
    const Index top = (x.shape[2] - shape_[2]) / 2, left = (x.shape[3] - shape_[3]) / 2;
    energy_ = 0;
    for (Index c = 0; c < shape_[1]; ++c)
      for (Index i = 0; i < shape_[2]; ++i)
        for (Index j = 0; j < shape_[3]; ++j) {
          const float seen = x(0, c, top + i, left + j);
          z(0, c, i, j) = rate == 1 ? seen : (1 - rate) * z(0, c, i, j) + rate * seen;
          energy_ += z(0, c, i, j) * z(0, c, i, j);
        }
  }

  Shape<4> shape_{};
  float energy_ = 1;
  Buffer<float> template_, response_;
};
static_assert(OnlineClassifier<TemplateMatcher>);  // the compiler says what is missing, if something is

int main() {
  Tracker<Hog, TemplateMatcher, ScaleSearch> tracker(Hog(), TemplateMatcher(), ScaleSearch({.subcell = true}));
  check::RenderedSequence clip(check::demo_clip());
  tracker.init(clip.frame(0), clip.box(0));
  std::vector<Box> boxes{clip.box(0)}, truth{clip.box(0)};
  for (int t = 1; t < clip.size(); ++t) {
    boxes.push_back(tracker.update(clip.frame(t)).box);
    truth.push_back(clip.box(t));
  }
  const OpeScore score = score_ope(boxes, truth);
  std::cout << "success AUC " << score.auc() << ", precision at 20 pixels " << score.precision20() << '\n';
  return score.mean_iou > 0.2 ? 0 : 1;
}
