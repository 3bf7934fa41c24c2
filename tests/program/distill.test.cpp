// SPDX-License-Identifier: MIT
// The commands `pursuit train` and `pursuit distill` for each kind of tracker, up to a tracker that runs.
#include "../support/run_program.hpp"

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

#include <string>

using nlohmann::json;
using test::contains, test::run_program, test::write_file;

namespace {

class Training {
 public:
  /// Runs a command on the smallest configuration there is, with some keys of its own.
  test::Outcome operator()(const std::string& command, const std::string& tracker, json more = json::object()) const {
    json config{{"tracker", tracker}, {"out", tracker}, {"data", {{"rendered", {{"count", 2}, {"frames", 20}}}}},
                {"side", 64},         {"epochs", 1},    {"steps", 2},
                {"batch", 2},         {"threads", 1}};
    config.update(more);
    write_file(folder_ / "config.json", config.dump());
    return run_program(command + " --json '" + (folder_ / "config.json").string() + "'");
  }
  /// Whether the tracker takes the weights and follows something with them.
  bool tracks(const std::string& tracker) const {
    const auto o = run_program("track --source demo --max-frames 3 --tracker " + tracker + " --weights '" +
                               (folder_ / tracker).string() + "/best.safetensors'");
    INFO(o.err);
    CHECK(o.code == 0);
    return o.code == 0;
  }

 private:
  test::TemporaryFolder folder_;
};

}  // namespace

TEST_SUITE("pursuit train and distill" * doctest::skip(!test::program_is_there())) {
  TEST_CASE("a student learns from a teacher that was trained before, and both track") {
    const Training run;
    const auto trained = run("train", "atom-t", {{"losses", {{"truth", 1}, {"filter", 0.01}}}});
    INFO(trained.err);
    REQUIRE(trained.code == 0);
    CHECK(run.tracks("atom-t"));
    const json teacher{{"tracker", "atom-t"}, {"weights", "atom-t/best.safetensors"}};
    const auto distilled = run("distill", "matom", {{"teacher", teacher}, {"separate", true}});
    INFO(distilled.err);
    REQUIRE(distilled.code == 0);
    CHECK(json::parse(distilled.out).at("steps") == 2);
    CHECK(run.tracks("matom"));

    const auto usage = [&](const std::string& command, const json& more, const std::string& says) {
      const auto o = run(command, "atom-t", more);
      CHECK(o.code == 2);
      CHECK(contains(o.err, says));
    };
    usage("distill", json::object(), "teacher is missing");
    usage("distill", {{"teacher", teacher}, {"separate", true}, {"losses", {{"soft", 1}}}}, "separate: the backbone");
    usage("train", {{"teacher", teacher}}, "the command is: pursuit distill");
    usage("distill", {{"teacher", {{"tracker", "atom-t"}}}}, "teacher.weights: is missing");
    usage("train", {{"losses", {{"sofd", 1}}}}, "losses.sofd is 1: there is no such key; did you mean \"soft\"?");
    const auto four = run("distill", "drnet-s", {{"teacher", teacher}});
    CHECK(four.code == 1);
    CHECK(contains(four.err, "the teacher says 1 numbers about a box, the student 4"));
  }

  TEST_CASE("a box regressor, a Siamese network and a correlation filter's network track after training") {
    const Training run;
    CHECK(run("train", "drnet-s", {{"validation", 2}, {"validation_data", {{"rendered", {{"count", 1}}}}}}).code == 0);
    CHECK(run.tracks("drnet-s"));
    const json sgd{{"kind", "sgd"}, {"decay", 5e-4}};
    CHECK(run("train", "siamfc-s", {{"optimizer", sgd}, {"side", 143}, {"rate", 1e-2}}).code == 0);
    CHECK(run.tracks("siamfc-s"));
    CHECK(run("train", "dcfnet", {{"optimizer", sgd}, {"rate", 1e-4}}).code == 0);
    CHECK(run.tracks("dcfnet"));
    const auto o = run("train", "dcfnet", {{"separate", true}});
    CHECK(o.code == 2);
    CHECK(contains(o.err, "separate: there is nothing of it in dcfnet"));
  }
}
