// SPDX-License-Identifier: MIT
#include <pursuit/data/annotation.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pursuit;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    for (const Annotation& a : parse_annotation(text, "fuzz", Origin::one)) {
      if (is_valid(a.box) && !(area(a.box) > 0 || a.box.w * a.box.h == 0)) std::abort();
      if (!a.polygon.empty() && a.polygon.size() < 3) std::abort();
    }
  } catch (const FileError&) {
  }
  return 0;
}
