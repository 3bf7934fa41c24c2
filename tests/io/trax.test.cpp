// SPDX-License-Identifier: MIT
#include <pursuit/io/trax.hpp>

#include <doctest/doctest.h>
#include <string>

using namespace pursuit;

TEST_CASE("TraX messages: names, quotes, escapes, key=value") {
  const auto m = parse_trax("@@TRAX:initialize \"file:///a b=\\\"c\\\".jpg\" 10,20,30,40 \"key.1=va=lue\\n\"\r\n");
  REQUIRE(m.has_value());
  CHECK(m->name == "initialize");
  REQUIRE(m->arguments.size() == 2);
  CHECK(m->arguments[0] == "file:///a b=\"c\".jpg");  // ':' and '/' are no letters of a key
  CHECK(m->arguments[1] == "10,20,30,40");
  REQUIRE(m->named.size() == 1);
  CHECK(m->named[0].first == "key.1");
  CHECK(m->named[0].second == "va=lue\n");
  CHECK(parse_trax("@@TRAX:quit")->arguments.empty());
}

TEST_CASE("other output is no message; a message that breaks off is an error") {
  CHECK(!parse_trax("loading weights"));
  CHECK(!parse_trax(" @@TRAX:quit"));
  CHECK(!parse_trax("@@TRA"));
  CHECK_THROWS_WITH_AS(parse_trax("@@TRAX:"), "TraX: a message without a name", Error);
  CHECK_THROWS_WITH_AS(parse_trax("@@TRAX:frame \"file:///a.jpg"), "TraX: frame: a quote is not closed", Error);
}

TEST_CASE("a message that is written is read back") {
  const TraxMessage m{"state", {"1,2,3,4", "a \"quoted\" \\ one\nand more"}, {{"confidence", "0.5"}}};
  const std::string line = to_line(m);
  CHECK(line == "@@TRAX:state \"1,2,3,4\" \"a \\\"quoted\\\" \\\\ one\\nand more\" \"confidence=0.5\"\n");
  const auto back = parse_trax(line);
  REQUIRE(back.has_value());
  CHECK(back->arguments == m.arguments);
  CHECK(back->named == m.named);
}

TEST_CASE("TraX images: in memory, as bytes of a file, and what is none") {
  TraxImageReader reader;
  const ImageView grey = reader.read("image:2;1;gray8;AAE=");
  CHECK(grey.width == 2);
  CHECK(grey.channels == 1);
  CHECK(grey.data[1] == 1);
  const ImageView rgb = reader.read("image:1;1;rgb;/wID");
  CHECK(rgb.channels == 3);
  CHECK(rgb.data[0] == 255);
  CHECK(rgb.data[2] == 3);
  const char* wrong[] = {"image:2;2;gray8;AAE=",
                         "image:2;1;gray16;AAE=",
                         "image:0;1;gray8;",
                         "image:2;1",
                         "image:2;1;gray8;*",
                         "data:image/jpeg",
                         "data:image/jpeg;base64;AAAA",
                         "file:///no/such/file.jpg",
                         "0001.jpg",
                         ""};
  for (const char* text : wrong) CHECK_THROWS_AS(reader.read(text), Error);
  // One white PNG pixel.
  const ImageView png = reader.read(
      "data:image/"
      "png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==");
  CHECK(png.width == 1);
  CHECK(png.data[0] == 255);
}
