// SPDX-License-Identifier: MIT
// The command `pursuit evaluate`, from outside.
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/io/image_file.hpp>
#include <pursuit/io/results.hpp>

#include "../support/run_program.hpp"

#include <doctest/doctest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

using namespace pursuit;
using test::contains, test::Outcome, test::run_program;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

/// An OTB data set of small rendered sequences: a, b, c, ...
void make_dataset(const fs::path& root, const std::vector<int>& lengths) {
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const fs::path folder = root / std::string(1, static_cast<char>('a' + i));
    check::RenderedSequence sequence(check::moving(lengths[i], 1 + static_cast<double>(i) / 2, 1));
    fs::create_directories(folder / "img");
    std::vector<Box> boxes;
    for (int t = 0; t < lengths[i]; ++t) {
      save_jpeg(folder / "img" / (std::to_string(t + 1) + ".jpg"), sequence.frame(t));
      boxes.push_back(sequence.box(t));
    }
    write_results(folder / "groundtruth_rect.txt", boxes, Origin::one);
  }
}

json summary_of(const fs::path& out) { return json::parse(test::read_file(out / "summary.json")); }

/// Without what no two runs share: speed.
json without_speed(json value) {
  if (value.is_object()) {
    value.erase("fps");
    for (auto& item : value.items()) item.value() = without_speed(item.value());
  }
  return value;
}

Outcome evaluate(const fs::path& root, const fs::path& out, const std::string& more = {}) {
  return run_program("evaluate --tracker cacf --dataset otb --root " + quoted(root) + " --out " + quoted(out) + " " +
                     more);
}

/// Starts the program, and kills it as soon as `file` is there.
void kill_when(const fs::path& file, const std::vector<std::string>& arguments) {
  std::vector<char*> argv{const_cast<char*>(PURSUIT_PROGRAM)};
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execv(PURSUIT_PROGRAM, argv.data());
    ::_exit(127);
  }
  for (int i = 0; i < 20000 && !fs::exists(file); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
}

}  // namespace

TEST_SUITE("pursuit evaluate" * doctest::skip(!test::program_is_there())) {
  TEST_CASE("results, times and summary.json, with two jobs the same as with one") {
    const test::TemporaryFolder folder;
    make_dataset(folder / "set", {12, 20, 8});
    const Outcome one = evaluate(folder / "set", folder / "one");
    CHECK(one.code == 0);
    CHECK(contains(one.out, "cacf"));
    const json s = summary_of(folder / "one");
    const json& tracker = s["trackers"]["cacf"];
    for (const char* key : {"auc", "precision20", "norm_precision", "fps"}) CHECK(tracker[key].is_number());
    CHECK(tracker["auc"].get<double>() > 0.5);
    REQUIRE(tracker["sequences"].size() == 3);
    double mean = 0;
    for (const auto& row : tracker["sequences"]) {
      mean += row["auc"].get<double>() / 3;
      CHECK(row["precision20"].is_number());
      CHECK(row["fps"].get<double>() > 0);
    }
    CHECK(tracker["auc"].get<double>() == doctest::Approx(mean).epsilon(1e-12));
    CHECK(read_results(folder / "one/cacf/b.txt", Origin::one).size() == 20);
    CHECK(read_times(folder / "one/cacf/times/b_time.txt").size() == 20);

    const Outcome two = evaluate(folder / "set", folder / "two", "--jobs 2 --json");
    CHECK(two.code == 0);
    CHECK(json::parse(two.out) == summary_of(folder / "two"));
    CHECK(without_speed(summary_of(folder / "two")) == without_speed(s));
    for (const char* name : {"a.txt", "b.txt", "c.txt"})
      CHECK(test::read_file(folder / "one/cacf" / name) == test::read_file(folder / "two/cacf" / name));
  }

  TEST_CASE("a run that is killed goes on where it was and gives the same summary") {
    const test::TemporaryFolder folder;
    make_dataset(folder / "set", {40, 30, 20, 10});
    CHECK(evaluate(folder / "set", folder / "whole").code == 0);
    const fs::path first = folder / "broken/cacf/a.txt";  // the longest comes first
    kill_when(first, {"evaluate", "--tracker", "cacf", "--dataset", "otb", "--root", (folder / "set").string(), "--out",
                      (folder / "broken").string()});
    REQUIRE(fs::exists(first));
    CHECK(!fs::exists(folder / "broken/summary.json"));
    const auto before = fs::last_write_time(first);
    CHECK(evaluate(folder / "set", folder / "broken").code == 0);
    CHECK(fs::last_write_time(first) == before);  // it was not run again
    CHECK(without_speed(summary_of(folder / "broken")) == without_speed(summary_of(folder / "whole")));
  }

  TEST_CASE("shards of a run, merged, give the numbers of one machine") {
    const test::TemporaryFolder folder;
    make_dataset(folder / "set", {12, 8, 10});
    CHECK(evaluate(folder / "set", folder / "whole").code == 0);
    CHECK(evaluate(folder / "set", folder / "p1", "--shard 1/2").code == 0);
    CHECK(!fs::exists(folder / "p1/summary.json"));
    const std::string first = "--merge " + quoted(folder / "p1");
    CHECK(evaluate(folder / "set", folder / "early", first).code == 1);  // half of it is missing
    CHECK(evaluate(folder / "set", folder / "p2", "--shard 2/2").code == 0);
    CHECK(evaluate(folder / "set", folder / "all", first + "," + quoted(folder / "p2")).code == 0);
    CHECK(without_speed(summary_of(folder / "all")) == without_speed(summary_of(folder / "whole")));
  }

  TEST_CASE("one broken sequence is named, makes the exit code 1, and does not lose the others") {
    const test::TemporaryFolder folder;
    make_dataset(folder / "set", {8, 8, 8});
    test::write_file(folder / "set/b/groundtruth_rect.txt", "1,2,3,4\n1,2,oops,4\n");
    test::write_file(folder / "set/c/img/1.jpg", "no picture");
    const Outcome o = evaluate(folder / "set", folder / "out");
    CHECK(o.code == 1);
    CHECK(contains(o.err, "groundtruth_rect.txt:2: 'oops'"));
    CHECK(contains(o.err, "1.jpg"));
    const json s = summary_of(folder / "out");
    CHECK(s["trackers"]["cacf"]["sequences"].size() == 1);
    CHECK(s["trackers"]["cacf"]["auc"].get<double>() > 0.5);
    CHECK(s["broken_sequences"].contains("b"));
    CHECK(s["trackers"]["cacf"]["failed"].contains("c"));
  }

  TEST_CASE("the other protocols leave their files and scores") {
    const test::TemporaryFolder folder;
    make_dataset(folder / "set", {26});
    const struct {
      const char* protocol;
      const char* file;
      const char* score;
    } protocols[] = {{"tre", "cacf/tre/a_20.txt", "auc"},
                     {"sre", "cacf/sre/a_12.txt", "auc"},
                     {"vot", "cacf/baseline/a/a_001.txt", "accuracy"},
                     {"realtime --simulate 30", "cacf/realtime/a/a_001.txt", "accuracy"}};
    for (const auto& p : protocols) {
      CAPTURE(p.protocol);
      const fs::path out = folder / std::string(p.protocol).substr(0, 3);
      CHECK(evaluate(folder / "set", out, std::string("--protocol ") + p.protocol).code == 0);
      CHECK(fs::exists(out / p.file));
      CHECK(summary_of(out)["trackers"]["cacf"][p.score].get<double>() > 0.5);
    }
    CHECK(test::read_file(folder / "vot/cacf/baseline/a/a_001.txt").starts_with("1\n"));
  }

  TEST_CASE("results of other settings are not taken for these; wrong usage is exit code 2") {
    const test::TemporaryFolder folder;
    make_dataset(folder / "set", {4});
    CHECK(evaluate(folder / "set", folder / "out").code == 0);
    const Outcome other = evaluate(folder / "set", folder / "out", "--seed 1");
    CHECK(other.code == 1);
    CHECK(contains(other.err, "other settings"));
    for (const char* wrong : {"--shard 3/2", "--protocol fast", "--jobs 0", "--vot-year 2030", "--weights x"})
      CHECK_MESSAGE(evaluate(folder / "set", folder / "x", wrong).code == 2, wrong);
    CHECK(run_program("evaluate --tracker nosuch --root . --out x").code == 2);
    CHECK(evaluate(folder / "nowhere", folder / "x").code == 1);
  }
}
