// SPDX-License-Identifier: MIT
// The command `pursuit track`, from outside.
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/io/image_file.hpp>
#include <pursuit/io/results.hpp>

#include "../support/run_program.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace pursuit;
using test::contains, test::Outcome, test::run_program;
namespace fs = std::filesystem;

namespace {

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

/// An OTB sequence of a target that moves, in PNG pictures.
check::RenderedSequence make_sequence(const fs::path& folder, int frames) {
  check::RenderedSequence sequence(check::moving(frames, 2, 1));
  fs::create_directories(folder / "img");
  std::vector<Box> boxes;
  for (int t = 0; t < frames; ++t) {
    save_png(folder / "img" / (std::to_string(t + 1) + ".png"), sequence.frame(t));
    boxes.push_back(sequence.box(t));
  }
  write_results(folder / "groundtruth_rect.txt", boxes, Origin::one);
  return sequence;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_SUITE("pursuit track" * doctest::skip(!test::program_is_there())) {
  TEST_CASE("help is help, wrong usage is exit code 2 and says what is wrong") {
    CHECK(run_program("--help").code == 0);
    CHECK(contains(run_program("--help").out, "track"));
    CHECK(contains(run_program("track --help").out, "--source"));
    CHECK(contains(run_program("track --help").out, "Examples:"));
    CHECK(run_program("--version").code == 0);
    const struct {
      std::string arguments;
      std::string message;
    } wrong[] = {{"", "track"},
                 {"fly", "fly"},
                 {"track", "--source"},
                 {"track --source demo --no-such-option", "--no-such-option"},
                 {"track --source demo --precision double", "double"},
                 {"track --source demo --device cuda", "cuda"},
                 {"track --source demo --threads 0", "--threads"},
                 {"track --source demo --max-frames -1", "--max-frames"},
                 {"track --source demo --seed -1", "--seed"},
                 {"track --source demo --seed 99999999999999999999", "--seed"},
                 {"track --source ''", "--source"},
                 {"track --source demo --box ''", "--box"},
                 {"track --source demo --output ''", "--output"},
                 {"track --source demo --weights=''", "--weights"},
                 {"track --source demo --box 1,2,3", "need x,y,w,h"},
                 {"track --source demo --box a,b,c,d", "not a number"},
                 {"track --source demo --tracker nosuch", "cacf"},
                 {"track --source demo --tracker siamfc", "--weights"},
                 {"track --source demo --weights random:7", "--tracker"},
                 {"track --source demo --tracker dcfnet --weights random:x", "random:7"}};
    for (const auto& each : wrong) {
      CAPTURE(each.arguments);
      const Outcome o = run_program(each.arguments);
      CHECK(o.code == 2);
      CHECK(o.out.empty());
      CAPTURE(o.err);
      CHECK(contains(o.err, each.message));
    }
  }

  TEST_CASE("a failure is exit code 1 and names the file") {
    const test::TemporaryFolder folder;
    test::write_file(folder / "weights.pth", "<html>");
    test::write_file(folder / "video.mp4", "no video");
    const struct {
      std::string arguments;
      std::string message;
    } failures[] = {{"track --source /no/such/folder", "/no/such/folder: no such file or folder"},
                    {"track --source demo --output /no/such/boxes.txt", "/no/such/boxes.txt: cannot be written"},
                    {"track --source demo --page /no/such/page.html", "/no/such/page.html: cannot be written"},
                    {"track --source demo --video /proc/no/such", "/proc/no/such: cannot be made"},
                    {"track --source demo --box 5000,5000,10,10", "overlaps the frame"},
                    {"track --source demo --box nan,1,10,10", "finite"},
                    {"track --source demo --tracker dcfnet --weights " + quoted(folder / "weights.pth"), "weights.pth"},
                    {"track --source " + quoted(folder / "video.mp4"), "video.mp4"},
                    {"track --source " + quoted(folder.path()), "no frames in it"}};
    for (const auto& each : failures) {
      CAPTURE(each.arguments);
      const Outcome o = run_program(each.arguments);
      CHECK(o.code == 1);
      CAPTURE(o.err);
      CHECK(contains(o.err, each.message));
    }
    if (fs::exists("/dev/full")) {
      CHECK(run_program("track --source demo --max-frames 3 --json >/dev/full").code == 1);
      CHECK(run_program("track --source demo --max-frames 3 --output /dev/full").code == 1);
      CHECK(run_program("track --source demo --max-frames 3 --page /dev/full").code == 1);
      CHECK(run_program("track --help >/dev/full").code == 1);
      CHECK(run_program("--version >/dev/full").code == 1);
    } else {
      MESSAGE("skipped: no /dev/full here");
    }
  }

  TEST_CASE("closed standard input, output that is no terminal") {
    const Outcome o = run_program("track --source demo --max-frames 5 <&-");
    CHECK(o.code == 0);
    CHECK(o.err.empty());  // no progress
    CHECK(contains(o.out, "5 frames"));
  }

  TEST_CASE("one frame is a video") {
    const test::TemporaryFolder folder;
    make_sequence(folder / "Seq", 1);
    const Outcome o = run_program("track --json --source " + quoted(folder / "Seq") + " --output " +
                                  quoted(folder / "out.txt") + " --page " + quoted(folder / "page.html"));
    REQUIRE(o.code == 0);
    const auto json = nlohmann::json::parse(o.out);
    CHECK(json["frames"] == 1);
    CHECK(json["mean_ms"] == 0);
    CHECK(json["fps"] == 0);
    CHECK(json["mean_iou"] == 1);
    CHECK(read_results(folder / "out.txt", Origin::one).size() == 1);
    CHECK(count(test::read_file(folder / "page.html"), "\"/9j/") == 1);
  }

  TEST_CASE("a run that is told to stop still writes its results and its page") {
    const test::TemporaryFolder folder;
    const std::string out = quoted(folder / "out.txt"), page = quoted(folder / "page.html");
    // A network on one core takes seconds for the clip; the signal comes with the first line of the results.
    const Outcome o = run_program("track --source demo --tracker siamfc --weights random:1 --json --output " + out +
                                  " --page " + page + " & p=$!; for i in $(seq 400); do [ -s " + out +
                                  " ] && break; sleep 0.05; done; kill $p; wait $p");
    CHECK(o.code == 0);
    const auto json = nlohmann::json::parse(o.out);
    CHECK(json["frames"] < 150);
    CHECK(read_results(folder / "out.txt", Origin::zero).size() == json["frames"]);
    CHECK(test::read_file(folder / "page.html").ends_with("</html>\n"));
  }

  TEST_CASE("closed standard output and error: a failure, and nothing of theirs in the results") {
    const test::TemporaryFolder folder;
    make_sequence(folder / "Seq", 3);
    test::write_file(folder / "Seq" / "img" / "2.png", "damaged");
    const std::string source = "track --source " + quoted(folder / "Seq") + " --output " + quoted(folder / "out.txt");
    CHECK(run_program(source + " >&-").code == 1);
    CHECK(read_results(folder / "out.txt", Origin::one).size() == 3);
    CHECK(run_program(source + " 2>&-").code == 0);
    CHECK(read_results(folder / "out.txt", Origin::one).size() == 3);
    CHECK(run_program(source + " <&- >&- 2>&-").code == 1);
    CHECK(read_results(folder / "out.txt", Origin::one).size() == 3);
    // Nor does a box that cannot be tracked cost them.
    CHECK(run_program(source + " --box 5000,5000,10,10").code == 1);
    CHECK(read_results(folder / "out.txt", Origin::one).size() == 3);
  }

  TEST_CASE("the JSON object has the agreed members") {
    const Outcome o = run_program("track --source demo --max-frames 20 --json");
    REQUIRE(o.code == 0);
    const auto json = nlohmann::ordered_json::parse(o.out);
    std::vector<std::string> names;
    for (const auto& item : json.items()) names.push_back(item.key());
    CHECK(names == std::vector<std::string>{"tracker", "frames", "init_ms", "mean_ms", "median_ms", "max_ms", "fps",
                                            "stages", "auc", "precision20", "mean_iou"});
    CHECK(json["tracker"] == "cacf");
    CHECK(json["frames"] == 20);
    CHECK(json["fps"].get<double>() == doctest::Approx(1000 / json["mean_ms"].get<double>()));
    CHECK(json["max_ms"] >= json["median_ms"]);
    CHECK(json["auc"] > 0.5);
    double sum = 0;
    for (const auto& stage : json["stages"]) sum += stage.get<double>();
    CHECK(sum > 0);
    CHECK(sum <= json["mean_ms"].get<double>());
  }

  TEST_CASE("results are in the convention of the source, first the given box") {
    const test::TemporaryFolder folder;
    auto sequence = make_sequence(folder / "Seq", 12);
    const std::string source = "track --source " + quoted(folder / "Seq") + " --output " + quoted(folder / "out.txt");
    REQUIRE(run_program(source).code == 0);
    const std::string given = test::read_file(folder / "Seq" / "groundtruth_rect.txt");
    const std::string got = test::read_file(folder / "out.txt");
    CHECK(got.substr(0, got.find('\n')) == given.substr(0, given.find('\n')));
    const auto boxes = read_results(folder / "out.txt", Origin::one);
    REQUIRE(boxes.size() == 12);
    for (int t = 0; t < 12; ++t) CHECK(iou(boxes[static_cast<std::size_t>(t)], sequence.box(t)) > 0.5);

    // The same frames without annotation: 0-based, and the box has to be given.
    const Outcome lost = run_program("track --source " + quoted(folder / "Seq" / "img"));
    CHECK(lost.code == 2);
    CHECK(contains(lost.err, "--box x,y,w,h"));
    // A display that is named and does not answer is none.
    const Outcome dark = run_program("track --source " + quoted(folder / "Seq" / "img"), "DISPLAY=:4321");
    CHECK(dark.code == 2);
    CHECK(dark.err == lost.err);
    const Outcome o = run_program("track --json --source " + quoted(folder / "Seq" / "img") +
                                  " --box 110,90,48,40 --max-frames 4 --output " + quoted(folder / "img.txt"));
    REQUIRE(o.code == 0);
    CHECK_FALSE(nlohmann::json::parse(o.out).contains("auc"));
    CHECK(test::read_file(folder / "img.txt").starts_with("110.000,90.000,48.000,40.000\n"));
    CHECK(read_results(folder / "img.txt", Origin::zero).size() == 4);
  }

  TEST_CASE("a frame that cannot be decoded is said and passed over; truth that is too short is said") {
    const test::TemporaryFolder folder;
    make_sequence(folder / "Seq", 8);
    test::write_file(folder / "Seq" / "img" / "5.png", "damaged");
    const std::string truth = test::read_file(folder / "Seq" / "groundtruth_rect.txt");
    test::write_file(folder / "Seq" / "groundtruth_rect.txt", truth.substr(0, truth.rfind('\n', truth.size() - 2) + 1));
    const Outcome o = run_program("track --json --source " + quoted(folder / "Seq") + " --output " +
                                  quoted(folder / "out.txt") + " --page " + quoted(folder / "page.html"));
    CHECK(o.code == 0);
    CHECK(contains(o.err, "frame 5: "));
    CHECK(contains(o.err, "5.png: neither JPEG nor PNG"));
    CHECK(contains(o.err, "7 lines for 8 frames"));
    CHECK(nlohmann::json::parse(o.out)["frames"] == 8);
    const auto boxes = read_results(folder / "out.txt", Origin::one);
    REQUIRE(boxes.size() == 8);
    CHECK(boxes[4] == boxes[3]);
    CHECK(count(test::read_file(folder / "page.html"), "\"/9j/") == 7);
    // Without a first frame there is nothing to learn from.
    test::write_file(folder / "Seq" / "img" / "1.png", "damaged");
    CHECK(run_program("track --source " + quoted(folder / "Seq")).code == 1);
  }

  TEST_CASE("the page holds every frame and asks nothing of a network; any path will do") {
    const test::TemporaryFolder folder;
    const fs::path page = folder.path() / u8"Seite ü.html";
    REQUIRE(run_program("track --source demo --max-frames 30 --page " + quoted(page)).code == 0);
    const std::string html = test::read_file(page);
    CHECK(html.starts_with("<!doctype html>"));
    CHECK(html.ends_with("</html>\n"));
    CHECK(count(html, "\"/9j/") == 30);  // base64 of a JPEG's first bytes
    CHECK_FALSE(contains(html, "http"));
    CHECK_FALSE(contains(html, "/*RUN*/"));
    CHECK(html.size() < 3'000'000);
  }

  TEST_CASE("an annotated copy as pictures") {
    const test::TemporaryFolder folder;
    REQUIRE(run_program("track --source demo --max-frames 4 --video " + quoted(folder / "copy")).code == 0);
    CHECK(fs::exists(folder / "copy" / "000004.jpg"));
    CHECK_FALSE(fs::exists(folder / "copy" / "000005.jpg"));
    // The box is drawn: orange at its upper edge.
    const Box box = check::RenderedSequence(check::demo_clip()).box(0);
    const Image image = load_image(folder / "copy" / "000001.jpg");
    const std::uint8_t* pixel = image.at(static_cast<int>(box.x + box.w / 2), static_cast<int>(std::lround(box.y)));
    CHECK(pixel[0] > pixel[2] + 80);
  }

  TEST_CASE("frames that change their size are tracked, and fitted into an annotated video") {
    const test::TemporaryFolder folder;
    make_sequence(folder / "Seq", 4);
    save_png(folder / "Seq" / "img" / "3.png", Image(200, 300, PixelOrder::grey, 90));
    const Outcome o = run_program("track --json --source " + quoted(folder / "Seq") + " --video " +
                                  quoted(folder / "copy.avi") + " --page " + quoted(folder / "page.html"));
    if (contains(o.err, "OpenCV is off")) {
      MESSAGE("skipped: the program was built without OpenCV");
      return;
    }
    CHECK(o.code == 0);
    CHECK(nlohmann::json::parse(o.out)["frames"] == 4);
    CHECK(fs::file_size(folder / "copy.avi") > 4000);
  }

  TEST_CASE("the same seed gives the same boxes") {
    const test::TemporaryFolder folder;
    for (const char* name : {"a", "b"})
      REQUIRE(run_program("track --source demo --max-frames 15 --seed 3 --output " + quoted(folder / name)).code == 0);
    CHECK(test::read_file(folder / "a") == test::read_file(folder / "b"));
  }
}

TEST_CASE("pursuit track: the program") {
  if (!test::program_is_there()) MESSAGE("skipped: no " PURSUIT_PROGRAM " here");
}
