// SPDX-License-Identifier: MIT
#include <pursuit/data/sequence.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace pursuit;

TEST_CASE("Layout: each has a name of its own") {
  std::set<std::string> names;
  for (const Layout l : {Layout::frames, Layout::otb, Layout::vot, Layout::got10k, Layout::lasot, Layout::davis})
    names.insert(to_string(l));
  CHECK(names.size() == 6);
  CHECK_FALSE(names.contains("unknown"));
}

TEST_CASE("Sequence: annotated where there are boxes") {
  Sequence sequence;
  CHECK(sequence.size() == 0);
  CHECK_FALSE(sequence.annotated());
  sequence.frames.resize(2);
  sequence.boxes.assign(2, no_box);
  CHECK(sequence.size() == 2);
  CHECK(sequence.annotated());
}
