// SPDX-License-Identifier: MIT
#include <pursuit/io/weights.hpp>

#include "../support/bytes.hpp"
#include "../support/shared_folder.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

using namespace pursuit;
using test::contains;

namespace {

template <class F>
std::string refusal(F f) {
  return test::message_of<FileError>(f);
}

/// A file with a float tensor (2,3), a bfloat16 scalar 1.5, an int64 list, and a tensor with NaN.
Weights toy(const test::TemporaryFolder& folder) {
  const std::array<float, 6> values{1, 2, 3, 4, 5, 6};
  const std::array<float, 2> broken{1, std::nanf("")};
  const std::array<std::int64_t, 2> whole{7, 8};
  const std::string half = test::little(0x3FC0, 2);
  save_safetensors(
      folder / "toy.safetensors",
      std::vector<StoredTensor>{stored("conv.weight", TensorView<const float, 2>(values.data(), {2, 3})),
                                stored("nan", TensorView<const float, 1>(broken.data(), {2})),
                                {{"scale", Dtype::bf16, {}}, test::bytes_of(half)},
                                {{"bn.num_batches_tracked", Dtype::i64, {2}}, std::as_bytes(std::span(whole))}},
      {{"made", "by hand"}});
  return Weights::load(folder / "toy.safetensors");
}

}  // namespace

static_assert(std::is_nothrow_move_constructible_v<Weights> && std::is_copy_assignable_v<Weights>);

TEST_CASE("Weights: tensors of a file, as float, in the shape asked for") {
  const test::TemporaryFolder folder;
  const Weights weights = toy(folder);
  CHECK(!weights.empty());
  CHECK(weights.contains("scale"));
  CHECK(!weights.contains("conv"));
  CHECK(weights.source() == (folder / "toy.safetensors").string());
  CHECK(weights.metadata().at("made") == "by hand");
  CHECK(weights.tensors().size() == 4);
  const auto w = weights.get<2>("conv.weight", {2, 3});
  CHECK(w(0, 0) == 1);
  CHECK(w(1, 2) == 6);
  CHECK(weights.get<0>("scale", {})() == 1.5F);
}

TEST_CASE("Weights: copies live on without the original and without the file's name") {
  Weights copy;
  {
    const test::TemporaryFolder folder;
    const Weights weights = toy(folder);
    copy = weights;
  }
  CHECK(copy.get<2>("conv.weight", {2, 3})(1, 0) == 4);
}

TEST_CASE("Weights: a message names file, tensor, what came and what was needed") {
  const test::TemporaryFolder folder;
  const Weights weights = toy(folder);
  const std::string where = weights.source() + ": tensor ";
  CHECK(refusal([&] { weights.get<1>("fc.bias", {3}); }) == where + "\"fc.bias\" is missing: need one of shape (3)");
  CHECK(refusal([&] {
          weights.get<2>("conv.weight", {3, 2});
        }) == where + "\"conv.weight\" has shape (2,3) (F32): need (3,2)");
  CHECK(refusal([&] { weights.get<1>("conv.weight", {6}); }) ==
        where + "\"conv.weight\" has shape (2,3) (F32): need (6)");
  CHECK(refusal([&] { weights.get<1>("bn.num_batches_tracked", {2}); }) ==
        where + "\"bn.num_batches_tracked\" is of dtype I64: need F64, F32, F16 or BF16");
  CHECK(contains(refusal([&] { weights.get<1>("nan", {2}); }), where + "\"nan\" holds nan at element 1"));
}

TEST_CASE("Weights: a double too large for float is refused, not turned into infinity") {
  const double large = 1e300;
  TensorTable table;
  table.tensors.push_back({{"a", Dtype::f64, {1}}, std::as_bytes(std::span(&large, 1))});
  const Weights weights(table, "memory");
  CHECK(contains(refusal([&] { weights.get<1>("a", {1}); }), "memory: tensor \"a\" holds inf"));
}

TEST_CASE("Weights: none at all") {
  const Weights none;
  CHECK(none.empty());
  CHECK(!none.contains("a"));
  CHECK(none.tensors().empty());
  CHECK(refusal([&] { none.get<1>("a", {1}); }) == "no weights: tensor \"a\" is missing: need one of shape (1)");
}

TEST_CASE("Weights: one message lists all that is missing, misshapen and extra, batch norm's counters aside") {
  const test::TemporaryFolder folder;
  const Weights weights = toy(folder);
  const std::vector<TensorSpec> fits{{"conv.weight", {2, 3}}, {"nan", {2}}, {"scale", {}}};
  CHECK_NOTHROW(weights.require_only(fits));
  const std::vector<TensorSpec> other{{"conv.weight", {2, 4}}, {"nan", {2}}, {"fc.weight", {5, 6}}, {"fc.bias", {5}}};
  CHECK(refusal([&] { weights.require_only(other); }) ==
        weights.source() +
            ": the tensors do not fit the network:\n  missing: fc.weight (5,6)\n  missing: fc.bias (5)\n"
            "  shape:   conv.weight (2,3) instead of (2,4)\n  extra:   scale ()");
  CHECK(weights.compare(other).missing.size() == 2);
  CHECK(!weights.compare(other).enough());
  CHECK_NOTHROW(Weights::random(1).require_only(other));
  // Whole numbers are no weights, whatever their shape.
  const std::vector<TensorSpec> counter{{"bn.num_batches_tracked", {2}}};
  CHECK(weights.compare(counter).misshapen ==
        std::vector<std::string>{"bn.num_batches_tracked of I64 instead of F64, F32, F16 or BF16"});
}

TEST_CASE("Weights: a table whose names come twice is refused") {
  TensorTable table;
  table.tensors = {{{"a", Dtype::f32, {0}}, {}}, {{"a", Dtype::f32, {0}}, {}}};
  CHECK(contains(refusal([&] { Weights(table, "memory"); }), "\"a\" comes twice"));
}

TEST_CASE("Weights::random: fixed by seed and name alone") {
  const Weights weights = Weights::random(7);
  CHECK(weights.is_random());
  CHECK(weights.contains("anything"));
  CHECK(weights.source() == "random:7");
  const auto a = weights.get<4>("conv1.weight", {4, 3, 5, 5});
  weights.get<4>("conv2.weight", {4, 3, 5, 5});
  CHECK(Weights::random(7).get<4>("conv1.weight", {4, 3, 5, 5}) == a);
  CHECK(Weights::random(8).get<4>("conv1.weight", {4, 3, 5, 5}) != a);
  CHECK(weights.get<4>("conv2.weight", {4, 3, 5, 5}) != a);
  // Pins the numbers: parity tests against other programs' results hold these weights fixed. Within a rounding,
  // since log and cos are the C library's.
  CHECK(a(0, 0, 0, 0) == doctest::Approx(0.00230368716).epsilon(1e-6));
  CHECK(a(3, 2, 4, 4) == doctest::Approx(0.191693097).epsilon(1e-6));
}

TEST_CASE("Weights::random: He-normal weights, and batch norms that change nothing") {
  const Weights weights = Weights::random(3);
  const auto w = weights.get<4>("a.weight", {64, 32, 3, 3});
  double sum = 0, squares = 0;
  for (const float v : w) {
    sum += v;
    squares += static_cast<double>(v) * v;
  }
  const double n = 64 * 32 * 9, variance = 2.0 / (32 * 9);
  // Five standard errors: of the mean sqrt(variance / n), of the variance variance * sqrt(2 / n).
  CHECK(std::abs(sum / n) < 5 * std::sqrt(variance / n));
  CHECK(std::abs(squares / n - variance) < 5 * variance * std::sqrt(2 / n));
  for (const char* name : {"bn.weight", "bn.running_var"}) CHECK(weights.get<1>(name, {2})(1) == 1);
  for (const char* name : {"bn.bias", "bn.running_mean"}) CHECK(weights.get<1>(name, {2})(1) == 0);
}

TEST_CASE("Weights: a shape that cannot be is refused before memory is asked for") {
  CHECK_THROWS_AS(Weights::random(1).get<2>("a", {-1, 3}), ShapeError);
  CHECK_THROWS_AS(Weights::random(1).get<2>("a", {Index{1} << 40, Index{1} << 40}), ShapeError);
}

TEST_CASE("Weights: many threads read one file") {
  const test::TemporaryFolder folder;
  const Weights weights = toy(folder);
  std::array<float, 8> sums{};
  std::vector<std::thread> threads;
  for (float& sum : sums)
    threads.emplace_back([&sum, weights] {
      for (int i = 0; i < 100; ++i) sum += weights.get<2>("conv.weight", {2, 3})(1, 2);
    });
  for (auto& t : threads) t.join();
  for (const float sum : sums) CHECK(sum == 600);
}

TEST_CASE("Weights: published files") {
  const auto folder = test::shared_folder() / "weights";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("skipped: no ", folder.string());
    return;
  }
  const std::vector<TensorSpec> dcfnet{{"feature.0.weight", {32, 3, 3, 3}},
                                       {"feature.0.bias", {32}},
                                       {"feature.2.weight", {32, 32, 3, 3}},
                                       {"feature.2.bias", {32}}};
  CHECK_NOTHROW(Weights::load(folder / "dcfnet.safetensors").require_only(dcfnet));
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".safetensors") CHECK(Weights::load(entry.path()).tensors().size() >= 4);
}
