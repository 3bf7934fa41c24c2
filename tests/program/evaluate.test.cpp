// SPDX-License-Identifier: MIT
// The command `pursuit evaluate`, from outside.
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/io/image_file.hpp>
#include <pursuit/io/region.hpp>
#include <pursuit/io/results.hpp>

#include "../support/run_program.hpp"

#include <doctest/doctest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
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

  TEST_CASE("a run of several jobs that is killed goes on, with the runs of a half-done sequence") {
    const test::TemporaryFolder folder;
    make_dataset(folder / "set", {25, 20, 10});
    const std::string more = "--protocol vot --repetitions 3 --jobs 2";
    CHECK(evaluate(folder / "set", folder / "whole", more).code == 0);
    const fs::path some = folder / "broken/cacf/baseline/b/b_001.txt";
    kill_when(some, {"evaluate", "--tracker", "cacf", "--dataset", "otb", "--root", (folder / "set").string(), "--out",
                     (folder / "broken").string(), "--protocol", "vot", "--repetitions", "3", "--jobs", "2"});
    REQUIRE(fs::exists(some));
    CHECK(!fs::exists(folder / "broken/cacf/baseline/c/c_003.txt"));  // the shortest comes last
    const auto before = fs::last_write_time(some);
    CHECK(evaluate(folder / "set", folder / "broken", more).code == 0);
    CHECK(fs::last_write_time(some) == before);
    CHECK(without_speed(summary_of(folder / "broken")) == without_speed(summary_of(folder / "whole")));
  }

  TEST_CASE("bad data: what is wrong is said with file and line, and the rest is evaluated") {
    const test::TemporaryFolder folder;
    const fs::path set = folder / "set";
    make_dataset(set, {8, 8, 8, 8, 8, 8, 8, 8, 8, 1});  // a ... j
    const auto truth = [&](const char* name) { return set / name / "groundtruth_rect.txt"; };
    const std::string lines = test::read_file(truth("a"));
    // a to e are wrong.
    test::write_file(truth("a"), "1,2,3\n" + lines);
    test::write_file(truth("b"), "nan,nan,nan,nan\n" + lines.substr(lines.find('\n') + 1));
    test::write_file(truth("c"), "");
    fs::remove_all(set / "d/img");
    fs::create_directory(set / "d/img");
    test::write_file(set / "e/img/1.jpg", "");
    // f to j are only odd: CRLF, tabs and blanks, no last newline; a broken frame in the middle; too few lines; a box
    // past the edge and one without size; frames of another size.
    std::string odd;
    for (const char c : lines) odd += c == ',' ? "\t" : c == '\n' ? " \r\n" : std::string(1, c);
    test::write_file(truth("f"), odd.substr(0, odd.size() - 3));
    test::write_file(set / "g/img/4.jpg", test::read_file(set / "g/img/4.jpg").substr(0, 100));
    test::write_file(truth("h"), lines.substr(0, lines.rfind('\n', lines.size() - 2)));
    std::string edge = lines;
    edge.replace(edge.find('\n') + 1, edge.find('\n', edge.find('\n') + 1) - edge.find('\n') - 1, "5,5,900,900");
    edge.replace(0, edge.find('\n'), lines.substr(0, lines.find('\n')));
    test::write_file(truth("i"), edge + "7,7,0,9\n");
    save_jpeg(set / "i/img/5.jpg", Image(40, 30, PixelOrder::rgb));
    fs::rename(set / "j", set / fs::path(u8"Füße 追跡"));

    const Outcome o = evaluate(set, folder / "out", "--jobs 2");
    CHECK(o.code == 1);
    for (const char* said :
         {"a/groundtruth_rect.txt:1: 3 numbers", "b: no target in the first frame",
          "c/groundtruth_rect.txt: no annotation", "d/img: no frames in it", "e/img/1.jpg", "g/img/4.jpg",
          "h/groundtruth_rect.txt: 7 lines for 8 frames", "i/groundtruth_rect.txt: 9 lines for 8 frames"})
      CHECK_MESSAGE(contains(o.err, said), said << " in " << o.err);
    const json s = summary_of(folder / "out");
    CHECK(s["broken_sequences"].size() == 4);
    CHECK(s["trackers"]["cacf"]["failed"].size() == 1);
    const json& rows = s["trackers"]["cacf"]["sequences"];
    CHECK(rows.size() == 5);
    for (const char* name : {"f", "g", "h", "Füße 追跡"})
      CHECK_MESSAGE(rows[name]["auc"].get<double>() > 0.4, name << " " << rows[name]);
    CHECK(rows.contains("i"));
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
                     {"realtime --simulate 30", "cacf/realtime/a/a_001.txt", "accuracy"},
                     {"longterm", "cacf/longterm/a/a_001.txt", "f_score"}};
    for (const auto& p : protocols) {
      CAPTURE(p.protocol);
      const fs::path out = folder / std::string(p.protocol).substr(0, 3);
      CHECK(evaluate(folder / "set", out, std::string("--protocol ") + p.protocol).code == 0);
      CHECK(fs::exists(out / p.file));
      CHECK(summary_of(out)["trackers"]["cacf"][p.score].get<double>() > 0.5);
    }
    CHECK(test::read_file(folder / "vot/cacf/baseline/a/a_001.txt").starts_with("1\n"));
    CHECK(test::read_file(folder / "lon/cacf/longterm/a/a_001.txt").starts_with("1\n"));
    CHECK(read_times(folder / "lon/cacf/longterm/a/a_001_confidence.value").size() == 26);
    const std::string again = "--protocol longterm --merge " + quoted(folder / "lon");
    CHECK(evaluate(folder / "set", folder / "merged", again).code == 0);
    CHECK(without_speed(summary_of(folder / "merged")) == without_speed(summary_of(folder / "lon")));
  }

  TEST_CASE("TRE does not start where the data set says so") {
    const test::TemporaryFolder folder;
    make_dataset(folder / "set", {22});  // starts are possible at frames 1 to 3
    test::write_file(folder / "set/a/init_omit.txt", "1 1\n");
    CHECK(evaluate(folder / "set", folder / "out", "--protocol tre").code == 0);
    CHECK(read_results(folder / "out/cacf/tre/a_01.txt", Origin::one).size() == 21);
    CHECK(read_results(folder / "out/cacf/tre/a_20.txt", Origin::one).size() == 20);
    CHECK(summary_of(folder / "out")["trackers"]["cacf"]["auc"].get<double>() > 0.5);
  }

  TEST_CASE("VOT: polygons, tags and the frames a second of a sequence") {
    const test::TemporaryFolder folder;
    make_dataset(folder / "set", {12});
    const fs::path a = folder / "set/a";
    std::string polygons, tag;
    for (const Box& b : read_results(a / "groundtruth_rect.txt", Origin::one)) {
      polygons += to_text(std::vector<Point>{{b.x, b.y}, {b.x + b.w, b.y}, {b.x + b.w, b.y + b.h}, {b.x, b.y + b.h}});
      polygons += '\n';
    }
    fs::remove(a / "groundtruth_rect.txt");
    test::write_file(a / "groundtruth.txt", polygons);
    test::write_file(a / "occlusion.tag", "0\n0\n0\n0\n0\n0\n0\n0\n0\n0\n1\n0\n");
    const auto run = [&](const char* out, const char* more) {
      const Outcome o = run_program("evaluate --tracker cacf --dataset vot --root " + quoted(folder / "set") +
                                    " --out " + quoted(folder / out) + " " + more);
      CHECK_MESSAGE(o.code == 0, o.err);
      return summary_of(folder / out)["trackers"]["cacf"];
    };
    const json scores = run("vot", "--protocol vot");
    CHECK(scores["accuracy"].get<double>() > 0.5);
    CHECK(scores["tags"]["occlusion"]["frames"] == 1);  // and frame 11 is past the burn-in
    CHECK(scores["tags"]["occlusion"]["accuracy"].get<double>() > 0.5);
    CHECK(scores["tags"]["empty"]["frames"] == 11);

    // At 30 frames a second a video of 20 leaves nothing out, one of 90 does after the grace.
    const auto skipped = [&](const char* out) {
      const auto times = read_times(folder / out / "cacf/realtime/a/a_001_time.value");
      return std::count(times.begin(), times.end(), 0.0);
    };
    run("slow", "--protocol realtime --simulate 30");
    CHECK(skipped("slow") == 0);
    test::write_file(a / "sequence", "fps=90\n");
    run("fast", "--protocol realtime --simulate 30");
    CHECK(skipped("fast") > 3);
  }

  TEST_CASE("GOT-10k: runs and times in its layout, AO and SR; truth that is kept back") {
    const test::TemporaryFolder folder;
    make_dataset(folder / "set", {10, 8});
    for (const char* name : {"a", "b"}) {
      const fs::path one = folder / "set" / name;
      const auto boxes = read_results(one / "groundtruth_rect.txt", Origin::one);
      write_results(one / "groundtruth.txt", boxes, Origin::zero);
      fs::remove(one / "groundtruth_rect.txt");
      for (const auto& file : fs::directory_iterator(one / "img")) fs::rename(file, one / file.path().filename());
      fs::remove(one / "img");
      test::write_file(one / "meta_info.ini", "[METAINFO]\n");
    }
    test::write_file(folder / "set/a/cover.label", "8\n8\n8\n8\n8\n8\n8\n8\n8\n0\n");
    const auto run = [&](const char* out) {
      return run_program("evaluate --tracker cacf --dataset got10k --root " + quoted(folder / "set") + " --out " +
                         quoted(folder / out));
    };
    CHECK(run("open").code == 0);
    const json s = summary_of(folder / "open")["trackers"]["cacf"];
    CHECK(s["ao"].get<double>() > 0.5);
    CHECK(s["sr50"].get<double>() > 0.5);
    CHECK(s["sr75"].is_number());
    const fs::path a = folder / "open/cacf/a";
    CHECK(read_results(a / "a_001.txt", Origin::zero).size() == 10);
    CHECK(test::read_file(a / "a_001.txt") == test::read_file(a / "a_002.txt"));
    CHECK(!fs::exists(a / "a_003.txt"));  // the first two say the same
    const auto times = parse_numbers(test::read_file(a / "a_time.txt"), "times");
    REQUIRE(times.size() == 10);
    for (const auto& row : times) CHECK(row.values.size() == 2);  // a column for each run
    // Speed is the mean over all frames of all sequences, not of the sequences' means.
    double speed = 0;
    std::size_t frames = 0;
    for (const char* name : {"a", "b"})
      for (const auto& row :
           parse_numbers(test::read_file(folder / "open/cacf" / name / (std::string(name) + "_time.txt")), "times"))
        for (const double t : row.values) speed += 1 / t, ++frames;
    CHECK(s["fps"].get<double>() == doctest::Approx(speed / static_cast<double>(frames)).epsilon(1e-6));
    // The folder is what the toolkit packs and sends in: nothing else may be in it.
    for (const auto& entry : fs::directory_iterator(folder / "open/cacf")) CHECK(entry.is_directory());

    for (const char* name : {"a", "b"}) {
      const fs::path truth = folder / "set" / name / "groundtruth.txt";
      const std::string text = test::read_file(truth);
      test::write_file(truth, text.substr(0, text.find('\n') + 1));
    }
    CHECK(run("kept").code == 0);
    CHECK(test::read_file(folder / "kept/cacf/a/a_001.txt") == test::read_file(a / "a_001.txt"));
    const json kept = summary_of(folder / "kept")["trackers"]["cacf"];
    CHECK(!kept.contains("ao"));
    CHECK(kept["sequences"].size() == 2);
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
