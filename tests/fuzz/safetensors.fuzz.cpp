// SPDX-License-Identifier: MIT
#include <pursuit/io/safetensors.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

/// Any bytes are refused by FileError, or give tensors that cover all numbers of the file and lie inside of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  try {
    const pursuit::TensorTable table = pursuit::parse_safetensors(file);
    std::size_t numbers = 0;
    for (const auto& t : table.tensors) {
      std::size_t bytes = 0;
      if (!pursuit::detail::byte_count(t.info.shape, size_of(t.info.dtype), bytes) || bytes != t.bytes.size())
        std::abort();
      if (bytes > 0 && (t.bytes.data() < file.data() || t.bytes.data() + bytes > file.data() + size)) std::abort();
      numbers += bytes;
    }
    if (numbers > size - 8) std::abort();
  } catch (const pursuit::FileError&) {
  }
  return 0;
}
