// SPDX-License-Identifier: MIT
// The command `pursuit train`, from outside.
#include "../support/run_program.hpp"

#include <nlohmann/json.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using test::contains, test::read_file, test::run_program, test::write_file;

namespace {

/// The smallest run of ATOM's smallest network, on rendered pictures.
nlohmann::json small_run(const std::string& out) {
  return {{"tracker", "atom-t"}, {"out", out},      {"data", {{"rendered", {{"count", 1}, {"frames", 20}}}}},
          {"side", 64},          {"epochs", 2},     {"steps", 3},
          {"batch", 2},          {"validation", 2}, {"threads", 1}};
}

std::string lines_of(const std::filesystem::path& log) {
  std::string text = read_file(log), lines;
  for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != text.npos; at = end + 1) {
    const std::string line = text.substr(at, end - at);
    lines += line.substr(0, line.find(",\"seconds\"")) + '\n';
  }
  return lines;
}

}  // namespace

TEST_SUITE("pursuit train" * doctest::skip(!test::program_is_there())) {
  TEST_CASE("weights, a log and a page come out, and the same again after a restart") {
    const test::TemporaryFolder folder;
    const std::string config = "'" + (folder / "small.json").string() + "'";
    write_file(folder / "small.json", small_run("run").dump());
    const auto first = run_program("train " + config + " --json");
    INFO(first.err);
    REQUIRE(first.code == 0);
    CHECK(first.err.empty());  // no line without a terminal
    const auto result = nlohmann::json::parse(first.out);
    CHECK(result.at("ended") == "epochs");
    CHECK(result.at("steps") == 6);
    const auto best = read_file(folder / "run/best.safetensors"), page = read_file(folder / "run/curves.html");
    const std::string log = lines_of(folder / "run/log.jsonl");
    CHECK(best.size() > 100'000);
    CHECK(page.ends_with("</html>\n"));
    CHECK(contains(page, "\"gradient norm\":[["));
    CHECK(contains(page, "\"epoch\":2,\"step\":6,\"training\":"));
    CHECK(!contains(page, "http"));  // nothing comes from elsewhere
    CHECK(contains(log, "{\"epoch\":2,\"step\":6,\"loss\":"));

    const auto over = run_program("train " + config);  // there is nothing left to do
    CHECK(over.code == 0);
    CHECK(contains(over.out, "pursuit track --tracker atom-t --weights"));
    REQUIRE(run_program("train " + config + " --restart").code == 0);
    CHECK(read_file(folder / "run/best.safetensors") == best);
    CHECK(lines_of(folder / "run/log.jsonl") == log);
    REQUIRE(run_program("train " + config + " --restart --seed 5").code == 0);
    CHECK(read_file(folder / "run/best.safetensors") != best);
  }

  TEST_CASE("a run ends early and goes on; another configuration does not go on with it") {
    const test::TemporaryFolder folder;
    const std::string config = "'" + (folder / "small.json").string() + "'";
    auto run = small_run("whole");
    write_file(folder / "small.json", run.dump());
    REQUIRE(run_program("train " + config).code == 0);

    run["out"] = "part";
    run["epochs"] = 1;
    write_file(folder / "small.json", run.dump());
    REQUIRE(run_program("train " + config).code == 0);
    run["epochs"] = 2;
    write_file(folder / "small.json", run.dump());
    REQUIRE(run_program("train " + config).code == 0);
    CHECK(lines_of(folder / "part/log.jsonl") == lines_of(folder / "whole/log.jsonl"));
    CHECK(read_file(folder / "part/best.safetensors").substr(100'000) ==
          read_file(folder / "whole/best.safetensors").substr(100'000));

    run["batch"] = 3;
    write_file(folder / "small.json", run.dump());
    const auto other = run_program("train " + config);
    CHECK(other.code == 1);
    CHECK(contains(other.err, "the run was begun with another batch (2, now 3): go on"));
  }

  TEST_CASE("a page that cannot be written does not end a run") {
    const test::TemporaryFolder folder;
    write_file(folder / "small.json", small_run("run").dump());
    std::filesystem::create_directories(folder / "run/curves.html");
    const auto result = run_program("train '" + (folder / "small.json").string() + "' --json");
    CHECK(result.code == 0);
    CHECK(contains(result.err, "no page of curves: "));
    CHECK(nlohmann::json::parse(result.out).at("steps") == 6);
  }

  TEST_CASE("what is wrong in a configuration is named") {
    const test::TemporaryFolder folder;
    const auto says = [&](const nlohmann::json& run) {
      write_file(folder / "wrong.json", run.dump());
      const auto o = run_program("train '" + (folder / "wrong.json").string() + "'");
      CHECK(o.code == 2);
      return o.err;
    };
    auto run = small_run("run");
    run["epoch"] = 3;
    CHECK(contains(says(run), "did you mean \"epochs\"?"));
    run = small_run("run");
    run["batch"] = 0;
    CHECK(contains(says(run), "batch is 0: need a whole number of at least 1"));
    run = small_run("run");
    run["tracker"] = "atom-x";
    CHECK(contains(says(run), "need one of siamfc, siamfc-s, dcfnet, atom, "));
    run = small_run("run");
    run["data"]["flip"] = 2;
    CHECK(contains(says(run), "data.flip is 2: need a probability, 0 to 1"));
    run["data"] = {{"sequences", {""}}};
    CHECK(contains(says(run), "data.sequences[0] is \"\": need a text"));
    run = small_run("run");
    run["tracker"] = "siamfc-s";
    run["padding"] = 4;
    CHECK(contains(says(run), "padding: siamfc-s has none"));
    run.erase("padding");
    run["data"]["colours"] = {{"blur", 1}};
    CHECK(contains(says(run), "data.colours: there is nothing of it in siamfc-s"));
    run["data"]["colours"] = {{"blur", 50}};
    CHECK(contains(says(run), "data.colours.blur is 50: need a deviation of at most 20 pixels"));
    CHECK(contains(says("no object"), "the file: need an object { ... }"));
    write_file(folder / "half.json", "{\"tracker\": \"atom-t\",\n");
    const auto half = run_program("train '" + (folder / "half.json").string() + "'");
    CHECK(half.code == 2);
    CHECK(contains(half.err, "half.json: "));
    CHECK(contains(half.err, "at line 2"));
    CHECK(!std::filesystem::exists(folder / "run"));
    CHECK(run_program("train '" + (folder / "absent.json").string() + "'").code == 1);
  }
}
