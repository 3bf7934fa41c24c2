// SPDX-License-Identifier: MIT
#include "levels.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

using structure::complaints;
using structure::Header;

namespace {

const std::string top = "// SPDX-License-Identifier: MIT\n#pragma once\n";

// A small tree without faults, to which each case adds one.
std::vector<Header> good() {
  return {
      {"pursuit/core.hpp", top + "\n#include <pursuit/core/box.hpp>\n"},
      {"pursuit/core/box.hpp", top + "\n#include <cmath>\n\nstruct Box {};\n"},
      {"pursuit/kernels.hpp", top + "\n#include <pursuit/kernels/fft.hpp>\n"},
      {"pursuit/kernels/fft.hpp", top + "#include <pursuit/core/box.hpp>\n#include <pursuit/kernels/cpu/fft.hpp>\n"},
      {"pursuit/kernels/cpu/fft.hpp", top + "#include <fftw3.h>\n"},
      {"pursuit/nn.hpp", top + "#include <pursuit/nn/relu.hpp>\n"},
      {"pursuit/nn/relu.hpp", top + "#include <pursuit/kernels/fft.hpp>\n"},
      {"pursuit/loss.hpp", top + "#include <pursuit/loss/l1.hpp>\n"},
      {"pursuit/loss/l1.hpp", top + "int l1();\n"},
      {"pursuit/opencv.hpp", top + "#include <opencv2/core.hpp>\n#include <pursuit/core.hpp>\nint view();\n"},
      {"pursuit/pursuit.hpp", top + "#include <pursuit/core.hpp>\n#include <pursuit/kernels.hpp>\n"
                                    "#include <pursuit/nn.hpp>\n#include <pursuit/loss.hpp>\n"}};
}

// The one complaint about `good()` after `text` was added to the end of `path`.
std::string complaint_after(const std::string& path, const std::string& text) {
  std::vector<Header> headers = good();
  for (Header& h : headers)
    if (h.path == path) h.text += text;
  const std::vector<std::string> found = complaints(headers);
  REQUIRE(found.size() == 1);
  return found[0];
}

std::string complaint_with(const Header& added) {
  std::vector<Header> headers = good();
  headers.push_back(added);
  const std::vector<std::string> found = complaints(headers);
  REQUIRE(found.size() == 1);
  return found[0];
}

}  // namespace

TEST_CASE("levels: the checker is content with a tree that keeps the rules") { CHECK(complaints(good()).empty()); }

TEST_CASE("levels: the checker finds an include that goes up or sideways") {
  CHECK(complaint_after("pursuit/core/box.hpp", "#include <pursuit/nn/relu.hpp>\n") ==
        "pursuit/core/box.hpp:7: <pursuit/nn/relu.hpp>: level 3 from level 0");
  CHECK(complaint_after("pursuit/nn/relu.hpp", "  #  include <pursuit/loss/l1.hpp>  // sideways\n") ==
        "pursuit/nn/relu.hpp:4: <pursuit/loss/l1.hpp>: level 3 from level 3");
  CHECK(complaint_after("pursuit/opencv.hpp", "#include <pursuit/pursuit.hpp>\n") ==
        "pursuit/opencv.hpp:6: <pursuit/pursuit.hpp>: level 7 from level 7");
}

TEST_CASE("levels: the checker finds a backend named outside of kernels/") {
  for (const char* backend : {"fftw3.h", "dnnl.hpp", "oneapi/dnnl/dnnl.hpp", "cudnn.h", "cuda_runtime.h"})
    CHECK(complaint_after("pursuit/nn/relu.hpp", std::string("#include <") + backend + ">\n") ==
          std::string("pursuit/nn/relu.hpp:4: <") + backend + ">: only kernels/ names a backend");
  CHECK(complaint_after("pursuit/kernels/fft.hpp", "#include <opencv2/core.hpp>\n") ==
        "pursuit/kernels/fft.hpp:5: <opencv2/core.hpp>: only opencv.hpp may");
}

TEST_CASE("levels: the checker finds quotes, parent folders and headers that are not there") {
  CHECK(complaint_after("pursuit/nn/relu.hpp", "#include \"pursuit/core/box.hpp\"\n") ==
        "pursuit/nn/relu.hpp:4: \"pursuit/core/box.hpp\": need <pursuit/...>");
  CHECK(complaint_after("pursuit/nn/relu.hpp", "#include <../core/box.hpp>\n") ==
        "pursuit/nn/relu.hpp:4: <../core/box.hpp>: need <pursuit/...>");
  CHECK(complaint_after("pursuit/nn/relu.hpp", "#include <pursuit/core/bax.hpp>\n") ==
        "pursuit/nn/relu.hpp:4: <pursuit/core/bax.hpp>: there is no such header");
}

TEST_CASE("levels: the checker finds a header that begins wrongly") {
  CHECK(complaint_with({"pursuit/kernels/cpu/lrn.hpp", "#pragma once\n#pragma once\n"}) ==
        "pursuit/kernels/cpu/lrn.hpp:1: begins without the SPDX line");
  CHECK(complaint_with({"pursuit/kernels/cpu/lrn.hpp", "// SPDX-License-Identifier: MIT\n\n#pragma once\n"}) ==
        "pursuit/kernels/cpu/lrn.hpp:2: needs #pragma once on its second line");
}

TEST_CASE("levels: the checker finds umbrellas with code, with gaps, missing, or used by their own folder") {
  CHECK(complaint_after("pursuit/nn.hpp", "int f();\n") == "pursuit/nn.hpp:4: an umbrella holds includes only");
  CHECK(complaint_with({"pursuit/nn/gelu.hpp", top}) == "pursuit/nn.hpp:1: leaves out <pursuit/nn/gelu.hpp>");
  CHECK(complaint_with({"pursuit/optim/sgd.hpp", top}) == "pursuit/optim/: the folder has no umbrella beside it");
  CHECK(complaint_with({"pursuit/data.hpp", top}) == "pursuit/pursuit.hpp:1: leaves out <pursuit/data.hpp>");
  CHECK(complaint_after("pursuit/nn/relu.hpp", "#include <pursuit/nn.hpp>\n") ==
        "pursuit/nn/relu.hpp:4: <pursuit/nn.hpp>: a header of the folder includes its umbrella");
}

TEST_CASE("levels: the checker finds a folder that the table does not know") {
  std::vector<Header> headers = good();
  headers.push_back({"pursuit/misc/x.hpp", top});
  headers.push_back({"pursuit/misc.hpp", top + "#include <pursuit/misc/x.hpp>\n"});
  const std::vector<std::string> found = complaints(headers);
  CHECK(std::count(found.begin(), found.end(), "pursuit/misc.hpp:1: the module 'misc' has no level") == 1);
  CHECK(std::count(found.begin(), found.end(), "pursuit/misc/x.hpp:1: the module 'misc' has no level") == 1);
}

TEST_CASE("levels: the headers of this library keep the rules") {
  namespace fs = std::filesystem;
  const fs::path root = fs::path(PURSUIT_SOURCE_DIR) / "include";
  std::vector<Header> headers;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".hpp") continue;
    std::ifstream in(entry.path());
    headers.push_back(
        {entry.path().lexically_relative(root).generic_string(), std::string(std::istreambuf_iterator<char>(in), {})});
  }
  REQUIRE(headers.size() > 10);
  for (const std::string& complaint : complaints(headers)) FAIL_CHECK(complaint);
}
