// SPDX-License-Identifier: MIT
#include <pursuit/io/pth.hpp>

#include "../support/make_zip.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

namespace {

/// Any bytes are refused by FileError, or give tensors whose bytes can be read and fit their shape.
void check(std::span<const std::byte> file) {
  // Small limits: an input that is only slow teaches nothing.
  const pursuit::PthLimits limits{
      .pickle = {.values = 1 << 16, .steps = 1 << 18}, .inflated = 1 << 20, .visits = 1 << 16, .tensors = 1000};
  try {
    const pursuit::TensorTable table = pursuit::parse_pth(file, limits);
    unsigned sum = 0;
    for (const auto& t : table.tensors) {
      std::size_t bytes = 0;
      if (!pursuit::detail::byte_count(t.info.shape, size_of(t.info.dtype), bytes) || bytes != t.bytes.size())
        std::abort();
      for (const std::byte b : t.bytes) sum += static_cast<unsigned>(b);
    }
    volatile unsigned read = sum;
    static_cast<void>(read);
  } catch (const pursuit::FileError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check(std::as_bytes(std::span(data, size)));
  // A checksum guards the pickle of an archive from changes, so the input is also put there as the pickle.
  if (size > 0 && data[0] == 0x80) {
    const std::string pickle(reinterpret_cast<const char*>(data), size);
    check(test::bytes_of(test::make_zip({{"x/data.pkl", pickle}, {"x/data/0", std::string(24, '1')}})));
  }
  return 0;
}
