// SPDX-License-Identifier: MIT
#include <pursuit/check/archetypes.hpp>
#include <pursuit/concepts/classifier.hpp>

#include <doctest/doctest.h>

using namespace pursuit;

namespace {

struct Fits {
  static constexpr int channels = any_channels;
  void init(const Sample<>&);
  ResponseMap<> respond(const FeatureMaps<>&);
};
struct NoInit {
  static constexpr int channels = any_channels;
  ResponseMap<> respond(const FeatureMaps<>&);
};
struct AnswersWithATensor : Fits {
  TensorView<float, 3> respond(const FeatureMaps<>&);
};
struct Learns : Fits {
  static constexpr UpdateFrom update_from = UpdateFrom::new_crop;
  void update(const Sample<>&, const Track&);
};
struct LearnsFromNowhere : Fits {
  void update(const Sample<>&, const Track&);
};
struct UpdateWithoutTrack : Fits {
  static constexpr UpdateFrom update_from = UpdateFrom::new_crop;
  void update(const Sample<>&);
};
struct Picky : Learns {
  bool wants(const Track&) const;
};
struct PickyNotConst : Learns {
  bool wants(const Track&);
};
struct LooksAround : Fits {
  std::span<const Point> contexts() const;
};
struct Augments : Fits {
  static constexpr int augmentation_margin = 2;
  std::span<const Augmentation> augmentations() const;
};
struct AugmentsWithoutMargin : Fits {
  std::span<const Augmentation> augmentations() const;
};

static_assert(Classifier<check::ClassifierArchetype>);
static_assert(Classifier<Fits>);
static_assert(!Classifier<NoInit>);
static_assert(!Classifier<AnswersWithATensor>);
static_assert(!OnlineClassifier<Fits>);
static_assert(OnlineClassifier<Learns>);
static_assert(!OnlineClassifier<LearnsFromNowhere>);  // from which crop?
static_assert(!OnlineClassifier<UpdateWithoutTrack>);
static_assert(SelectiveClassifier<Picky>);
static_assert(!SelectiveClassifier<PickyNotConst>);
static_assert(ContextualClassifier<LooksAround>);
static_assert(!ContextualClassifier<Fits>);
static_assert(AugmentingClassifier<Augments>);
static_assert(!AugmentingClassifier<AugmentsWithoutMargin>);

}  // namespace

TEST_CASE("the classifier archetype answers with the first channel of each map") {
  check::ClassifierArchetype classifier(0);
  const std::array<float, 12> values{1, 2, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0};
  FeatureMaps<> maps;
  maps.add({{values.data(), {2, 3, 1, 2}}, 4.0});
  const ResponseMap<> response = classifier.respond(maps);
  CHECK(response.values.shape == Shape<3>{2, 1, 2});
  CHECK(response.values(1, 0, 1) == 4.0F);
  CHECK(response.stride == 4.0);
}
