// SPDX-License-Identifier: MIT
#include <pursuit/classifier/online_filter.hpp>
#include <pursuit/core/random.hpp>
#include <pursuit/core/tensor.hpp>
#include <pursuit/kernels/peak.hpp>

#include <support/allocations.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

using namespace pursuit;

namespace {

using Filter = OnlineFilter<any_channels, 8>;
static_assert(OnlineClassifier<Filter> && AugmentingClassifier<Filter> && !SelectiveClassifier<Filter>);

constexpr Index channels = 12, side = 10;
constexpr double stride = 4;

Filter::Options small() {
  Filter::Options o;
  o.memory = 34;
  o.first_steps = 3;
  o.first_iterations = 5;
  o.patch = 40;
  return o;
}

/// Maps in which a target lies at a place (cells from the middle), over a background that changes.
class Scene {
 public:
  explicit Scene(std::uint64_t seed) : random_(seed) {}

  Sample<> sample(std::vector<Point> places) {
    const auto n = static_cast<Index>(places.size());
    maps_ = make_tensor<float, 4>(Shape<4>{n, channels, side, side});
    crops_.assign(places.size(), Crop{.width = 40, .height = 40});
    targets_.clear();
    for (Index k = 0; k < n; ++k) {
      const Point at = places[static_cast<std::size_t>(k)];
      for (Index c = 0; c < channels; ++c)
        for (Index i = 0; i < side; ++i)
          for (Index j = 0; j < side; ++j) {
            const double dy = static_cast<double>(i) - 4.5 - at.y, dx = static_cast<double>(j) - 4.5 - at.x;
            const double target = std::cos(static_cast<double>(3 * c)) * std::exp(-(dy * dy + dx * dx) / 4);
            maps_.data()[((k * channels + c) * side + i) * side + j] =
                static_cast<float>(std::max(0.0, 2 * target + 0.4 * random_.uniform()));
          }
      targets_.push_back({20 - 5 + at.x * stride, 20 - 5 + at.y * stride, 10, 10});
    }
    return view();
  }
  Sample<> first(const Filter& filter) {
    std::vector<Point> places{{0, 0}};
    for (const Augmentation& v : filter.augmentations()) places.push_back({v.shift.x / stride, v.shift.y / stride});
    return sample(places);
  }
  Sample<> view() const {
    Sample<> s;
    s.features.add({TensorView<const float, 4>(maps_), stride});
    s.crops = crops_;
    s.targets = targets_;
    return s;
  }
  float* data() { return maps_.data(); }

 private:
  Random random_;
  Tensor<float, 4> maps_;
  std::vector<Crop> crops_;
  std::vector<Box> targets_;
};

/// Where the response is highest, pixels from no displacement, and how high.
std::pair<Point, float> found(Filter& filter, const Sample<>& sample) {
  const ResponseMap<> response = filter.respond(sample.features);
  CHECK(response.origin == ResponseMap<>::Origin::corner);
  CHECK(response.stride == 1);
  REQUIRE(response.values.shape == Shape<3>{sample.features.top().values.shape[0], 40, 40});
  const auto peak = kernels::find_peak(response.values[0]);
  const auto away = [](Index i) { return static_cast<double>(i > 20 ? i - 40 : i); };
  return {{away(peak.col), away(peak.row)}, peak.value};
}

std::vector<float> copy(std::span<const float> v) { return {v.begin(), v.end()}; }

bool finite(std::span<const float> v) {
  return std::all_of(v.begin(), v.end(), [](float x) { return std::isfinite(x); });
}

const Track sure{};

}  // namespace

TEST_CASE("OnlineFilter answers high where the target is and low elsewhere") {
  for (const int kernel : {4, 5}) {  // labels and response are shifted by half a cell for an even one
    CAPTURE(kernel);
    auto options = small();
    options.kernel = kernel;
    Filter filter(options);
    Scene scene(1);
    filter.init(scene.first(filter));
    for (const Point at : {Point{0, 0}, Point{2, -1}, Point{-1.5, 2.25}}) {
      const auto [place, value] = found(filter, scene.sample({at}));
      CHECK(std::abs(place.x - at.x * stride) <= 1.5);
      CHECK(std::abs(place.y - at.y * stride) <= 1.5);
      CHECK(value > 0.4F);
      CHECK(value < 1.3F);
    }
    // Nothing but background.
    const auto [nowhere, weak] = found(filter, scene.sample({{100, 100}}));
    CHECK(weak < 0.25F);
  }
}

TEST_CASE("OnlineFilter: the views of the first frame are those of the list") {
  Filter::Options options;
  options.seed = 3;
  const Filter filter(options);
  const auto views = filter.augmentations();
  REQUIRE(views.size() == 22);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(std::abs(views[i].shift.x) == 86);
    CHECK(std::abs(views[i].shift.y) == 86);
  }
  int flips = 0, blurs = 0, turns = 0;
  double shifts = 0;
  for (const Augmentation& v : views.subspan(4)) {
    flips += v.flip;
    blurs += v.blur_x > 0 && v.blur_y > 0;
    turns += v.rotation_degrees != 0;
    CHECK(std::abs(v.shift.x) <= 48);
    CHECK(v.shift.y == std::trunc(v.shift.y));
    shifts += std::abs(v.shift.x - v.shift.y);
  }
  CHECK(flips == 1);
  CHECK(blurs == 5);
  CHECK(turns == 12);
  CHECK(shifts > 100);
  options.views = false;
  CHECK(Filter(options).augmentations().empty());
}

TEST_CASE("OnlineFilter: the same seed gives the same bits, and a copy goes its own way") {
  Filter filter(small());
  Scene scene(2);
  const Sample<> first = scene.first(filter);
  filter.init(first);
  Filter again(small());
  again.init(first);
  CHECK(copy(filter.filter()) == copy(again.filter()));
  auto options = small();
  options.seed = 1;
  Filter other(options);
  other.init(first);
  CHECK(copy(filter.filter()) != copy(other.filter()));

  const auto before = copy(filter.filter());
  Filter second = filter;
  Sample<> later = scene.sample({{1, 1}});
  later.hard_negative = true;
  second.update(later, sure);
  CHECK(copy(second.filter()) != before);
  CHECK(copy(filter.filter()) == before);
  filter.update(later, sure);
  CHECK(copy(filter.filter()) == copy(second.filter()));
  // A second target forgets the first, to the last bit.
  filter.init(scene.first(filter));
  Filter fresh(small());
  fresh.init(scene.view());
  CHECK(copy(filter.filter()) != before);
  CHECK(copy(filter.filter()) == copy(fresh.filter()));
  for (int t = 0; t < 3; ++t) {
    later = scene.sample({{1, t - 1.0}});
    later.hard_negative = true;
    filter.update(later, sure);
    fresh.update(later, sure);
    CHECK(copy(filter.filter()) == copy(fresh.filter()));
  }
}

TEST_CASE("OnlineFilter learns in its turn, or at once from a distractor, and never from what is not sure") {
  auto options = small();
  options.interval = 3;
  Filter filter(options);
  Scene scene(3);
  filter.init(scene.first(filter));
  CHECK(filter.memory().used() == 30);
  const Track unsure{.status = TrackStatus::uncertain}, lost{.status = TrackStatus::lost};
  struct Frame {
    Track track;
    bool hard_negative, remembers, moves;
  };
  for (const Frame& f : {Frame{sure, false, true, false}, Frame{unsure, false, false, false},
                         Frame{lost, false, false, true},  // frame 4: (4 - 1) % 3 == 0
                         Frame{sure, true, true, true}, Frame{lost, false, false, false},
                         Frame{sure, false, true, true}, Frame{sure, false, true, false}}) {
    Sample<> sample = scene.sample({{1, 0}});
    sample.hard_negative = f.hard_negative;
    const auto before = copy(filter.filter());
    const std::size_t used = filter.memory().used();
    filter.update(sample, f.track);
    CHECK(filter.memory().used() == used + (f.remembers ? 1 : 0));
    CHECK((copy(filter.filter()) != before) == f.moves);
  }
  const auto weights = filter.memory().weights();
  CHECK(weights[31] == doctest::Approx(weights[30] / (1 - 0.02)));  // the hard one, by its rate
  CHECK(weights[32] == doctest::Approx(weights[31] / (1 - 0.01)));
}

TEST_CASE("OnlineFilter follows a target that changes, where a filter that never learns loses it") {
  auto options = small();
  options.interval = 2;
  options.rate = 0.05;
  Filter learns(options);
  options.interval = 1000000;
  Filter stays(options);
  Scene scene(4);
  const Sample<> first = scene.first(learns);
  learns.init(first);
  stays.init(first);
  const auto other_look = [&](double share) {  // channels change their roles little by little
    const Sample<> sample = scene.sample({{1, -1}});
    for (Index c = 0; c < channels / 2; ++c)
      for (Index i = 0; i < side * side; ++i) {
        float &a = scene.data()[c * side * side + i], &b = scene.data()[(channels - 1 - c) * side * side + i];
        const float mixed = static_cast<float>(1 - share) * a + static_cast<float>(share) * b;
        b = static_cast<float>(1 - share) * b + static_cast<float>(share) * a;
        a = mixed;
      }
    return sample;
  };
  for (int t = 1; t <= 30; ++t) {
    const Sample<> sample = other_look(t / 30.0);
    learns.update(sample, sure);
    stays.update(sample, sure);
  }
  const Sample<> last = other_look(1);
  CHECK(found(learns, last).second > 1.25F * found(stays, last).second);
}

TEST_CASE("OnlineFilter stays finite, whatever the features are") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Filter filter(small());
  Scene scene(5);
  Sample<> first = scene.first(filter);
  const Index all = first.features.top().values.size();
  const auto works = [&] {
    filter.init(first);
    CHECK(finite(filter.filter()));
    CHECK(finite(filter.projection()));
    Scene later(6);
    Sample<> sample = later.sample({{0, 0}});
    for (int t = 0; t < 3; ++t) {
      for (const float bad : {nan, std::numeric_limits<float>::infinity(), 3e38F}) {
        later.sample({{0, 0}});
        later.data()[17] = bad;
        sample = later.view();
        sample.hard_negative = true;
        filter.update(sample, sure);
        CHECK(finite(filter.filter()));
        const auto response = filter.respond(sample.features);
        CHECK(std::ranges::all_of(response.values, [](float v) { return std::isnan(v); }));
      }
      sample = later.sample({{0, 0}});
      sample.hard_negative = true;
      filter.update(sample, sure);
      CHECK(finite(filter.filter()));
    }
  };
  SUBCASE("zeros") {
    std::fill_n(scene.data(), all, 0.0F);
    works();
  }
  SUBCASE("a constant") {
    std::fill_n(scene.data(), all, 3.0F);
    works();
  }
  SUBCASE("one view is not a number") {
    scene.data()[5] = nan;
    works();
    scene.data()[all - 1] = nan;
    works();
  }
  SUBCASE("none is a number") {
    std::fill_n(scene.data(), all, nan);
    works();
  }
  SUBCASE("too large to be squared") {
    std::fill_n(scene.data(), all, 3e38F);
    works();
  }
  SUBCASE("a target without size") {
    std::vector<Box> none(first.targets.size(), Box{});
    first.targets = none;
    works();
  }
  SUBCASE("one cell") {
    auto tiny = make_tensor<float, 4>({23, 1, 1, 1}, 1);
    FeatureMaps<> maps;
    maps.add({TensorView<const float, 4>(tiny), 4.0});
    filter.init({maps, first.crops, first.targets, 0, false});
    CHECK(finite(filter.filter()));
    CHECK(filter.respond(maps).values.shape == Shape<3>{23, 4, 4});
  }
}

TEST_CASE("OnlineFilter takes no memory once it runs") {
  if (!test::allocations_have_owners) {
    MESSAGE("skipped: a sanitizer's malloc does not say who asks for memory");
    return;
  }
  auto options = small();
  options.interval = 4;
  Filter filter(options);
  Scene scene(7);
  filter.init(scene.first(filter));
  Sample<> sample = scene.sample({{0, 0}});
  filter.respond(sample.features);
  filter.update(sample, sure);  // the filter moves for the first time only later
  const auto made = test::allocations([&] {
    for (int t = 0; t < 12; ++t) {
      sample.hard_negative = t > 6;
      filter.respond(sample.features);
      filter.update(sample, sure);
    }
  });
  CHECK(made.all() == 0);
}

TEST_CASE("OnlineFilter refuses other maps than those of the first frame, and options that are none") {
  Filter filter(small());
  Scene scene(8);
  filter.init(scene.first(filter));
  auto other = make_tensor<float, 4>({1, channels, side, side + 1});
  FeatureMaps<> maps;
  maps.add({TensorView<const float, 4>(other), stride});
  CHECK_THROWS_AS(filter.respond(maps), ShapeError);
  auto bad = [](auto change) {
    auto o = small();
    change(o);
    CHECK_THROWS_AS(Filter{o}, Error);
  };
  bad([](auto& o) { o.memory = 30; });
  bad([](auto& o) { o.dropouts = std::numeric_limits<int>::max(); });
  bad([](auto& o) { o.kernel = 0; });
  bad([](auto& o) { o.kernel = 32; });
  bad([](auto& o) { o.activation = std::numeric_limits<double>::infinity(); });
  bad([](auto& o) { o.hard_samples = std::nan(""); });
  bad([](auto& o) { o.rate = 1; });
  bad([](auto& o) { o.hard_rate = -1; });
  bad([](auto& o) { o.interval = 0; });
  bad([](auto& o) { o.filter_regulariser = 0; });
  bad([](auto& o) { o.label_sigma = std::nan(""); });
  bad([](auto& o) { o.dropout = 1; });
  bad([](auto& o) { o.first_minimum = 1; });
}
