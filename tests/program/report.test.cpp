// SPDX-License-Identifier: MIT
// The command `pursuit report`, from outside.
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/io/image_file.hpp>
#include <pursuit/io/results.hpp>

#include "../support/run_program.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace pursuit;
using test::contains, test::run_program;
namespace fs = std::filesystem;

namespace {

std::string quoted(const fs::path& path) { return "'" + path.string() + "'"; }

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_SUITE("pursuit report" * doctest::skip(!test::program_is_there())) {
  TEST_CASE("one page with plots, tables and frames, and nothing from the network") {
    const test::TemporaryFolder folder;
    std::vector<Box> truth;
    for (const char* name : {"easy", "<odd & name>"}) {
      const fs::path sequence = folder / "set" / name;
      check::RenderedSequence rendered(check::moving(12, 1, 1));
      fs::create_directories(sequence / "img");
      truth.clear();
      for (int t = 0; t < 12; ++t) {
        save_jpeg(sequence / "img" / (std::to_string(t + 1) + ".jpg"), rendered.frame(t));
        truth.push_back(rendered.box(t));
      }
      write_results(sequence / "groundtruth_rect.txt", truth, Origin::one);
    }
    const std::string set = quoted(folder / "set"), out = quoted(folder / "out");
    REQUIRE(run_program("evaluate --tracker cacf --dataset otb --root " + set + " --out " + out).code == 0);
    // Another tracker's results: perfect on one sequence, none on the other.
    fs::create_directories(folder / "oracle");
    write_results(folder / "oracle/easy.txt", truth, Origin::one);

    const auto o = run_program("report " + out + " " + quoted(folder / "oracle") + " --frames 3 --output " +
                               quoted(folder / "page/report.html"));
    CHECK(o.code == 0);
    CHECK(contains(o.err, "there are no results"));
    const std::string page = test::read_file(folder / "page/report.html");
    CHECK(page.ends_with("</html>\n"));
    CHECK(count(page, "data:image/jpeg;base64,") == 2 * 3);
    CHECK(contains(page, "&lt;odd &amp; name&gt;"));
    CHECK(!contains(page, "<odd"));
    CHECK(contains(page, "0.952  oracle"));  // 20/21
    CHECK(page.find("0.952  oracle") < page.find("  cacf</text>"));
    for (const char* outside : {"src=\"http", "href=\"http", "@import", "<script", "url("})
      CHECK(!contains(page, outside));
    for (const char* plot : {"success", "precision", "norm_precision", "speed"})
      CHECK(test::read_file(folder / ("page/report_" + std::string(plot) + ".svg")).starts_with("<svg xmlns"));
  }

  TEST_CASE("the VOT experiments have their own numbers, with a table of tags") {
    const test::TemporaryFolder folder;
    const fs::path sequence = folder / "set/ball";
    check::RenderedSequence rendered(check::moving(12, 1, 1));
    fs::create_directories(sequence / "color");
    std::vector<Box> truth;
    for (int t = 0; t < 12; ++t) {
      save_jpeg(sequence / "color" / (std::to_string(t + 1) + ".jpg"), rendered.frame(t));
      truth.push_back(rendered.box(t));
    }
    write_results(sequence / "groundtruth.txt", truth, Origin::zero);
    test::write_file(sequence / "occlusion.tag", "0\n0\n0\n0\n0\n0\n0\n0\n0\n0\n1\n1\n");
    const auto page_of = [&](const std::string& protocol) {
      const std::string out = quoted(folder / protocol);
      REQUIRE(run_program("evaluate --tracker cacf --dataset vot --root " + quoted(folder / "set") + " --out " + out +
                          " --protocol " + protocol)
                  .code == 0);
      const auto o = run_program("report " + out + " --output " + quoted(folder / "report.html"));
      CHECK_MESSAGE(o.code == 0, o.err);
      return test::read_file(folder / "report.html");
    };
    const std::string vot = page_of("vot");
    for (const char* part : {"<th>A</th>", "<th>EAO</th>", "Frames with a tag, accuracy", "occlusion", "ball"})
      CHECK_MESSAGE(contains(vot, part), part);
    const std::string long_term = page_of("longterm");
    for (const char* part : {"<th>F</th>", "<th>Pr</th>", "<th>Re</th>", "Sequences, F", "ball"})
      CHECK_MESSAGE(contains(long_term, part), part);
  }

  TEST_CASE("a folder without results is an error that names it") {
    const test::TemporaryFolder folder;
    CHECK(run_program("report " + quoted(folder.path())).code == 1);
    CHECK(contains(run_program("report " + quoted(folder.path())).err, "no summary.json"));
    test::write_file(folder / "summary.json", "{\"trackers\": 3");
    CHECK(contains(run_program("report " + quoted(folder.path())).err, "summary.json"));
    CHECK(run_program("report").code == 2);
  }
}
