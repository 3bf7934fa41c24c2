// SPDX-License-Identifier: MIT
// The weights in examples/weights: the program finds them by the tracker's name, and they track.
#include "../support/run_program.hpp"

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

using test::contains, test::read_file, test::run_program;
namespace fs = std::filesystem;

namespace {

const fs::path folder = PURSUIT_SOURCE_DIR "/examples/weights";

std::set<std::string> trackers() {
  std::set<std::string> names;
  for (const auto& file : fs::directory_iterator(folder))
    if (file.path().extension() == ".safetensors") names.insert(file.path().stem().string());
  return names;
}

}  // namespace

TEST_SUITE("shipped weights" * doctest::skip(!test::program_is_there())) {
  TEST_CASE("each follows the target of the demo from its file, which nobody named") {
    for (const std::string& name : trackers()) {
      CAPTURE(name);
      const auto result = run_program("track --source demo --threads 1 --json --tracker " + name);
      INFO(result.err);
      REQUIRE(result.code == 0);
      const auto json = nlohmann::json::parse(result.out);
      CHECK(json.at("tracker") == name);
      CHECK(json.at("mean_iou") > 0.5);
    }
  }

  TEST_CASE("each has a card and the configuration that it was trained with, and together they are small") {
    CHECK(trackers() == std::set<std::string>{"atom-s", "atom-t", "dcfnet", "drnet-s", "siamfc-s"});
    std::uintmax_t bytes = 0;
    for (const auto& file : fs::recursive_directory_iterator(folder))
      if (file.is_regular_file()) bytes += file.file_size();
    CHECK(bytes < 25'000'000);
    for (const std::string& name : trackers()) {
      CAPTURE(name);
      const auto config = nlohmann::json::parse(read_file(folder / (name + ".json")), nullptr, true, true);
      CHECK(config.at("tracker") == name);
      const std::string card = read_file(folder / (name + ".md"));
      CHECK(contains(card, "seed"));
      CHECK(contains(card, "pursuit "));
      CHECK(contains(card, "AUC"));
    }
  }
}
