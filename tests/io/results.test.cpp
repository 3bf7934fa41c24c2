// SPDX-License-Identifier: MIT
#include <pursuit/io/results.hpp>

#include "../support/bytes.hpp"
#include "../support/temporary_folder.hpp"

#include <doctest/doctest.h>

using namespace pursuit;

TEST_CASE("results: written as the toolkits read them, in the source's own counting") {
  const test::TemporaryFolder folder;
  const std::vector<Box> boxes{{10, 20, 30, 40}, {10.25, -5.5, 1e5, 0.125}};
  write_results(folder / "zero.txt", boxes, Origin::zero);
  CHECK(test::read_file(folder / "zero.txt") == "10.000,20.000,30.000,40.000\n10.250,-5.500,100000.000,0.125\n");
  write_results(folder / "one.txt", boxes, Origin::one);
  CHECK(test::read_file(folder / "one.txt") == "11.000,21.000,30.000,40.000\n11.250,-4.500,100000.000,0.125\n");
  CHECK(read_results(folder / "zero.txt", Origin::zero) == boxes);
  CHECK(read_results(folder / "one.txt", Origin::one) == boxes);
}

TEST_CASE("ResultWriter: the lines so far are there while it still writes, as after kill -9") {
  const test::TemporaryFolder folder;
  ResultWriter writer(folder / "cut.txt", Origin::zero);
  for (std::size_t lines = 1; lines < 4; ++lines) {
    writer.write({1, 2, 3, 4});
    CHECK(read_results(folder / "cut.txt", Origin::zero).size() == lines);
  }
}

TEST_CASE("results: what cannot be read or written is named") {
  const test::TemporaryFolder folder;
  CHECK_THROWS_AS(ResultWriter(folder / "no" / "x.txt", Origin::zero), FileError);
  CHECK_THROWS_AS(read_results(folder / "missing.txt", Origin::zero), FileError);
  test::write_file(folder / "five.txt", "1,2,3,4\n1,2,3,4,5\n");
  CHECK(test::message_of<FileError>([&] { read_results(folder / "five.txt", Origin::zero); }) ==
        (folder / "five.txt").string() + ":2: 5 numbers: need 4 (x,y,w,h)");
  if (std::filesystem::exists("/dev/full")) {
    ResultWriter full("/dev/full", Origin::zero);
    full.write({1, 2, 3, 4});
    CHECK_THROWS_AS(full.close(), FileError);
  } else {
    MESSAGE("skipped: no /dev/full here");
  }
}

TEST_CASE("times: eight decimals, one a line") {
  const test::TemporaryFolder folder;
  const std::vector<double> seconds{0, 0.0125, 3.00000001};
  write_times(folder / "times.txt", seconds);
  CHECK(test::read_file(folder / "times.txt") == "0.00000000\n0.01250000\n3.00000001\n");
  CHECK(read_times(folder / "times.txt") == seconds);
  test::write_file(folder / "two.txt", "1,2\n");
  CHECK_THROWS_AS(read_times(folder / "two.txt"), FileError);
}
