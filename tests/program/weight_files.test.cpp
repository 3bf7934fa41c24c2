// SPDX-License-Identifier: MIT
// The commands `info` and `convert` of the program.
#include "../support/bytes.hpp"
#include "../support/run_program.hpp"
#include "../support/temporary_folder.hpp"

#include <pursuit/io/weights.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using namespace pursuit;
using test::contains;
using test::run_program;

namespace {

const std::string golden = PURSUIT_SOURCE_DIR "/tests/golden/pth/";

/// DCFNet's four tensors, with the first named `first`.
std::string dcfnet(const std::filesystem::path& path, const std::string& first = "feature.0.weight") {
  const Weights random = Weights::random(1);
  const auto a = random.get<4>("a", {32, 3, 3, 3}), b = random.get<4>("b", {32, 32, 3, 3});
  const auto bias = random.get<1>("bias", {32});
  const auto view = [](const auto& t) {
    return TensorView<const float, std::tuple_size_v<std::decay_t<decltype(t.shape())>>>(t);
  };
  save_safetensors(path, std::vector{stored(first, view(a)), stored("feature.0.bias", view(bias)),
                                     stored("feature.2.weight", view(b)), stored("feature.2.bias", view(bias))});
  return path.string();
}

}  // namespace

TEST_SUITE("pursuit info and convert" * doctest::skip(!test::program_is_there())) {
  TEST_CASE("pursuit info: names tensors, types, shapes, and the tracker that they fit") {
    const test::TemporaryFolder folder;
    const std::string file = dcfnet(folder / "w.safetensors");
    const auto text = run_program("info " + file);
    CHECK(text.code == 0);
    CHECK(contains(text.out, "feature.2.weight  F32   (32,32,3,3)"));
    CHECK(contains(text.out, "4 tensors, 10144 parameters"));
    CHECK(contains(text.out, "fits dcfnet\n"));

    const auto json = nlohmann::json::parse(run_program("info --json " + file).out);
    CHECK(json["format"] == "safetensors");
    CHECK(json["fits"] == "dcfnet");
    CHECK(json["parameters"] == 10144);
    CHECK(json["tensors"].size() == 4);
    CHECK(json["not_finite"].empty());
  }

  TEST_CASE("pursuit info: says what is missing and extra for the nearest tracker") {
    const test::TemporaryFolder folder;
    const auto result = run_program("info " + dcfnet(folder / "w.safetensors", "features.0.weight"));
    CHECK(result.code == 0);
    CHECK(contains(result.out, "nearest is dcfnet, 3 of 4 tensors:"));
    CHECK(contains(result.out, "missing: feature.0.weight (32,3,3,3)"));
    CHECK(contains(result.out, "extra:   features.0.weight (32,3,3,3)"));
  }

  TEST_CASE("pursuit track: weights that do not fit, or are not numbers, are named with their tensors") {
    const test::TemporaryFolder folder;
    const auto track = [](const std::string& options) { return run_program("track --source demo " + options); };
    const std::string other = dcfnet(folder / "other.safetensors", "features.0.weight");
    const auto lacking = track("--tracker dcfnet --weights " + other);
    CHECK(lacking.code == 1);
    CHECK(contains(lacking.err, "other.safetensors"));
    CHECK(contains(lacking.err, "missing: feature.0.weight (32,3,3,3)"));
    CHECK(contains(lacking.err, "extra:   features.0.weight (32,3,3,3)"));
    const auto nobody = track("--weights " + other);
    CHECK(nobody.code == 2);
    CHECK(contains(nobody.err, "fit no tracker"));
    // The last number of the last tensor becomes NaN.
    const std::string broken = dcfnet(folder / "nan.safetensors");
    std::string bytes = test::read_file(broken);
    bytes.replace(bytes.size() - 4, 4, "\xFF\xFF\xFF\xFF");
    test::write_file(broken, bytes);
    const auto nan = track("--weights " + broken);
    CHECK(nan.code == 1);
    CHECK(contains(nan.err, "nan.safetensors: tensor \"feature.2.weight\" holds"));
  }

  TEST_CASE("pursuit info: names in a file cannot send commands to the terminal") {
    const test::TemporaryFolder folder;
    const auto result = run_program("info " + dcfnet(folder / "w.safetensors", "\x1B[2J"));
    CHECK(result.code == 0);
    CHECK(result.out.find('\x1B') == std::string::npos);
  }

  TEST_CASE("pursuit convert: a checkpoint becomes safetensors with the same numbers") {
    const test::TemporaryFolder folder;
    const std::string out = (folder / "w.safetensors").string();
    CHECK(run_program("convert " + golden + "checkpoint.pth " + out).code == 0);
    const Weights before = Weights::load(golden + "checkpoint.pth"), after = Weights::load(out);
    CHECK(after.tensors().size() == before.tensors().size());
    CHECK(after.metadata() == before.metadata());
    CHECK(after.get<4>("conv.weight", {2, 3, 2, 2}) == before.get<4>("conv.weight", {2, 3, 2, 2}));
    CHECK(after.get<2>("transposed", {3, 2}) == before.get<2>("transposed", {3, 2}));
    CHECK(after.get<1>("conv.bias", {2}) == before.get<1>("conv.bias", {2}));
  }

  TEST_CASE("pursuit convert: does not write over what it reads, by any name") {
    const test::TemporaryFolder folder;
    const std::string file = dcfnet(folder / "w.safetensors"), link = (folder / "link.safetensors").string();
    std::filesystem::create_symlink(file, link);
    const std::string before = test::read_file(file);
    for (const std::string& other : {file, link}) {
      const auto result = run_program("convert " + file + " " + other);
      CHECK(result.code == 2);
      CHECK(contains(result.err, "need another name"));
    }
    CHECK(test::read_file(file) == before);
  }

  TEST_CASE("pursuit info, convert: exit code 1 names the file and what is wrong with it, 2 is wrong usage") {
    const test::TemporaryFolder folder;
    const std::string page = (folder / "w.pth").string(), missing = (folder / "missing.pth").string(),
                      out = (folder / "out.safetensors").string();
    test::write_file(page, "<html>404</html>");
    for (const std::string& command : {"info " + page, "convert " + page + " " + out}) {
      const auto result = run_program(command);
      CHECK(result.code == 1);
      CHECK(contains(result.err, page + ": "));
      CHECK(contains(result.err, "web page"));
    }
    CHECK(!std::filesystem::exists(out));
    CHECK(contains(run_program("info " + missing).err, missing + ": cannot be opened"));
    CHECK(run_program("info " + missing).code == 1);
    CHECK(run_program("convert " + golden + "zip.pth " + (folder / "no/folder").string()).code == 1);
    CHECK(run_program("info").code == 2);
    CHECK(run_program("convert " + page).code == 2);
    CHECK(run_program("convert " + golden + "zip.pth " + (folder / "out.pth").string()).code == 2);
    CHECK(run_program("info --no-such-option " + page).code == 2);
  }
}

TEST_CASE("the program is there") {
  if (!test::program_is_there()) MESSAGE("skipped: no " PURSUIT_PROGRAM " here");
}
