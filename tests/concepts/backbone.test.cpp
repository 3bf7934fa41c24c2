// SPDX-License-Identifier: MIT
#include <pursuit/check/archetypes.hpp>
#include <pursuit/concepts/backbone.hpp>

#include <doctest/doctest.h>

using namespace pursuit;

namespace {

struct Fits {
  static constexpr int channels = 3;
  PixelFormat pixels() const;
  FeatureMaps<> extract(const TensorView<const float, 4>&);
};
struct NoChannels {
  PixelFormat pixels() const;
  FeatureMaps<> extract(const TensorView<const float, 4>&);
};
struct PixelsNotConst : Fits {
  PixelFormat pixels();
};
struct ExtractsOneMap : Fits {
  FeatureMap<> extract(const TensorView<const float, 4>&);
};
struct TakesBytes : Fits {
  FeatureMaps<> extract(const TensorView<const std::uint8_t, 4>&);
};
struct CannotBeCopied : Fits {
  CannotBeCopied(const CannotBeCopied&) = delete;
  CannotBeCopied& operator=(const CannotBeCopied&) = delete;
};
struct Remembers : Fits {
  void reset();
  void commit(std::size_t);
};
struct RemembersWithoutReset : Fits {
  void commit(std::size_t);
};
struct OnGpu {
  using device = Cuda;
  static constexpr int channels = 3;
  PixelFormat pixels() const;
  FeatureMaps<Cuda> extract(const TensorView<const float, 4, Cuda>&);
};
struct SaysGpuWorksOnCpu : Fits {
  using device = Cuda;
};

static_assert(Backbone<check::BackboneArchetype>);
static_assert(Backbone<Fits>);
static_assert(!Backbone<NoChannels>);
static_assert(!Backbone<PixelsNotConst>);
static_assert(!Backbone<ExtractsOneMap>);  // a level is not the set of levels
static_assert(!Backbone<TakesBytes>);
static_assert(!Backbone<CannotBeCopied>);
static_assert(!RecurrentBackbone<Fits>);
static_assert(RecurrentBackbone<Remembers>);
static_assert(!RecurrentBackbone<RemembersWithoutReset>);
static_assert(Backbone<OnGpu>);
static_assert(!Backbone<SaysGpuWorksOnCpu>);

}  // namespace

TEST_CASE("the backbone archetype gives what it was given") {
  check::BackboneArchetype backbone(0);
  const std::array<float, 6> pixels{1, 2, 3, 4, 5, 6};
  const FeatureMaps<> maps = backbone.extract({pixels.data(), {1, 3, 1, 2}});
  REQUIRE(maps.levels == 1);
  CHECK(maps.top().values.shape == Shape<4>{1, 3, 1, 2});
  CHECK(maps.top().values(0, 2, 0, 1) == 6.0F);
}
