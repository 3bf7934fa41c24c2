// SPDX-License-Identifier: MIT
// Lines of the TraX protocol with the pictures and regions in them: nothing but Error may come out, and what is read
// can be written and read again.
#include <pursuit/io/region.hpp>
#include <pursuit/io/trax.hpp>

#include <cstdlib>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  try {
    const auto message = pursuit::parse_trax(line);
    if (!message) return 0;
    const auto again = pursuit::parse_trax(to_line(*message));
    if (!again || again->arguments != message->arguments || again->named != message->named) std::abort();
    pursuit::TraxImageReader reader({.max_pixels = 1 << 16});
    for (const std::string& argument : message->arguments) {
      if (const auto region = pursuit::parse_region(argument)) to_text(*region);
      // Files are another parser's matter, and none of the machine's should be opened here.
      if (!argument.starts_with("file:") && !argument.starts_with('/')) reader.read(argument);
    }
  } catch (const pursuit::Error&) {
  }
  return 0;
}
