// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/core/tensor_view.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pursuit::inline v0 {

/// How a number is stored in a weight file.
enum class Dtype { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

/// The name that safetensors gives it.
constexpr const char* to_string(Dtype d) {
  constexpr const char* names[] = {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"};
  return names[static_cast<int>(d)];
}

/// Bytes of one number.
constexpr std::size_t size_of(Dtype d) {
  constexpr std::size_t sizes[] = {8, 4, 2, 2, 8, 4, 2, 1, 1, 1};
  return sizes[static_cast<int>(d)];
}

constexpr bool is_floating(Dtype d) { return d <= Dtype::bf16; }

/// A tensor's place in a network: what is asked for.
struct TensorSpec {
  std::string name;
  std::vector<Index> shape;
  friend bool operator==(const TensorSpec&, const TensorSpec&) = default;
};

/// A tensor in a file: what is there.
struct TensorInfo {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<Index> shape;
  friend bool operator==(const TensorInfo&, const TensorInfo&) = default;
};

/// A tensor with its numbers: row-major, little-endian, at any alignment.
struct StoredTensor {
  TensorInfo info;
  std::span<const std::byte> bytes;  ///< points into the file, or into `owned`
  std::shared_ptr<const AlignedVector<std::byte>> owned{};
};

/// What a weight file holds, once all of it was found valid.
struct TensorTable {
  std::vector<StoredTensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// A view of `values` under a name, for writing. The numbers stay the caller's.
template <std::size_t N>
StoredTensor stored(std::string name, TensorView<const float, N> values) {
  return {{std::move(name), Dtype::f32, {values.shape.begin(), values.shape.end()}},
          std::as_bytes(std::span(values.data, static_cast<std::size_t>(values.size())))};
}

namespace detail {

static_assert(std::endian::native == std::endian::little, "pursuit: weight files are read on little-endian machines");

/// shape as (2,3,4).
inline std::string shape_text(std::span<const Index> shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? "," : "") + std::to_string(shape[i]);
  return text + ")";
}

/// A name out of a file, safe to print: control characters as '?', cut after 120 bytes.
inline std::string printable(std::string_view name) {
  std::string text = "\"";
  for (const char c : name.substr(0, 120)) text += static_cast<unsigned char>(c) < 32 || c == 127 ? '?' : c;
  return text + (name.size() > 120 ? "...\"" : "\"");
}

/// Bytes of a tensor; false where an extent is negative or the product does not fit a signed 64-bit number.
inline bool byte_count(std::span<const Index> shape, std::size_t element, std::size_t& bytes) {
  constexpr auto limit = static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  bytes = element;
  bool empty = false;
  for (const Index extent : shape) {
    if (extent < 0) return false;
    if (extent == 0) {
      empty = true;
    } else {
      if (bytes > limit / static_cast<std::size_t>(extent)) return false;
      bytes *= static_cast<std::size_t>(extent);
    }
  }
  if (empty) bytes = 0;
  return true;
}

template <class T>
T load_as(const std::byte* p) {
  T value;
  std::memcpy(&value, p, sizeof(T));
  return value;
}

/// IEEE 754 binary16 to float, exactly.
inline float float_from_half(std::uint16_t h) {
  const std::uint32_t sign = static_cast<std::uint32_t>(h & 0x8000U) << 16;
  const std::uint32_t exponent = (h >> 10) & 31U, fraction = h & 1023U;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | fraction << 13);
  if (exponent > 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  const float subnormal = static_cast<float>(fraction) * 0x1p-24F;
  return sign ? -subnormal : subnormal;
}

/// bfloat16 is the upper half of a float.
inline float float_from_bf16(std::uint16_t b) { return std::bit_cast<float>(static_cast<std::uint32_t>(b) << 16); }

/// Numbers of a floating type to float. Pre: is_floating(dtype), bytes hold out.size() of them.
inline void convert_to_float(Dtype dtype, std::span<const std::byte> bytes, std::span<float> out) {
  const std::byte* p = bytes.data();
  switch (dtype) {
    case Dtype::f32:
      if (!out.empty()) std::memcpy(out.data(), p, out.size_bytes());
      break;
    case Dtype::f64:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(load_as<double>(p + 8 * i));
      break;
    case Dtype::f16:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = float_from_half(load_as<std::uint16_t>(p + 2 * i));
      break;
    default:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = float_from_bf16(load_as<std::uint16_t>(p + 2 * i));
  }
}

}  // namespace detail

/// Whether no number of the tensor is NaN or beyond what a float holds; whole numbers always are.
inline bool is_finite(const StoredTensor& tensor) {
  if (!is_floating(tensor.info.dtype)) return true;
  std::array<float, 1024> values{};
  const std::size_t step = values.size() * size_of(tensor.info.dtype);
  for (auto rest = tensor.bytes; !rest.empty(); rest = rest.subspan(std::min(step, rest.size()))) {
    const auto part = rest.first(std::min(step, rest.size()));
    const std::span<float> numbers(values.data(), part.size() / size_of(tensor.info.dtype));
    detail::convert_to_float(tensor.info.dtype, part, numbers);
    for (const float v : numbers)
      if (!std::isfinite(v)) return false;
  }
  return true;
}

}  // namespace pursuit::inline v0
