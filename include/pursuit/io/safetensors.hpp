// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/io/atomic_file.hpp>
#include <pursuit/io/tensor_table.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

// A safetensors file is
//
//     8 bytes    N, unsigned, little-endian
//     N bytes    JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ...,
//                       "__metadata__": {"key": "text", ...}}, padded with blanks
//     the rest   the numbers; offsets count from here
//
// Ref  https://github.com/huggingface/safetensors, section "Format".

/// Longer headers are refused.
inline constexpr std::size_t max_safetensors_header = 100'000'000;

namespace detail {

inline std::optional<Dtype> dtype_from_name(std::string_view name) {
  for (const Dtype d : {Dtype::f64, Dtype::f32, Dtype::f16, Dtype::bf16, Dtype::i64, Dtype::i32, Dtype::i16, Dtype::i8,
                        Dtype::u8, Dtype::boolean})
    if (name == to_string(d)) return d;
  return std::nullopt;
}

/// Takes the header's JSON event by event: nothing nests deeper than the format says, and a key that comes twice is
/// seen (a JSON object in memory would silently keep one of them).
class SafetensorsHeader {
 public:
  struct Entry {
    TensorInfo info;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  std::vector<Entry> entries;
  std::map<std::string, std::string> metadata;

  bool null() { return wrong("null"); }
  bool boolean(bool) { return wrong("true or false"); }
  bool number_float(double, const std::string& text) { return wrong("the number " + text); }
  bool binary(std::vector<std::uint8_t>&) { return wrong("bytes"); }
  bool number_integer(std::int64_t value) { return wrong("the number " + std::to_string(value)); }
  bool number_unsigned(std::uint64_t value) {
    if (place_ == Place::shape) {
      if (value > static_cast<std::uint64_t>(std::numeric_limits<Index>::max()))
        return wrong("the number " + std::to_string(value));
      if (entries.back().info.shape.size() == max_rank)
        throw FileError(concat("tensor ", name(), " has more than ", max_rank, " dimensions"));
      entries.back().info.shape.push_back(static_cast<Index>(value));
    } else if (place_ == Place::offsets && offsets_ < 2) {
      (offsets_ == 0 ? entries.back().begin : entries.back().end) = value;
      ++offsets_;
    } else {
      return wrong("the number " + std::to_string(value));
    }
    return true;
  }
  bool string(std::string& text) {
    if (place_ == Place::metadata && key_) {
      metadata[*std::exchange(key_, std::nullopt)] = text;
    } else if (place_ == Place::tensor && key_ == "dtype") {
      const auto dtype = dtype_from_name(text);
      if (!dtype) throw FileError(concat("tensor ", name(), " has the unknown dtype ", printable(text)));
      entries.back().info.dtype = *dtype;
      key_.reset();
    } else {
      return wrong("the text " + printable(text));
    }
    return true;
  }
  bool start_object(std::size_t) {
    if (place_ == Place::outside) {
      place_ = Place::top;
    } else if (place_ == Place::top) {
      if (key_ == "__metadata__") {
        place_ = Place::metadata;
      } else {
        place_ = Place::tensor;
        entries.push_back({});
        entries.back().info.name = *key_;
      }
      key_.reset();
    } else {
      return wrong("an object");
    }
    return true;
  }
  bool key(std::string& text) {
    auto& seen = place_ == Place::top ? names_ : fields_;
    if (!seen.insert(text).second) throw FileError(concat("the key ", printable(text), " comes twice in the header"));
    if (place_ == Place::tensor && text != "dtype" && text != "shape" && text != "data_offsets")
      throw FileError(concat("tensor ", name(), " has the unknown field ", printable(text)));
    key_ = text;
    return true;
  }
  bool end_object() {
    if (place_ == Place::tensor && fields_.size() != 3)
      throw FileError(concat("tensor ", name(), " lacks one of dtype, shape and data_offsets"));
    place_ = place_ == Place::top ? Place::outside : Place::top;
    fields_.clear();
    return true;
  }
  bool start_array(std::size_t) {
    if (place_ == Place::tensor && key_ == "shape") {
      place_ = Place::shape;
    } else if (place_ == Place::tensor && key_ == "data_offsets") {
      place_ = Place::offsets;
      offsets_ = 0;
    } else {
      return wrong("a list");
    }
    key_.reset();
    return true;
  }
  bool end_array() {
    if (place_ == Place::offsets && offsets_ != 2)
      throw FileError(concat("tensor ", name(), " needs two data_offsets"));
    place_ = Place::tensor;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& e) {
    throw FileError(concat("the header is not valid JSON at byte ", position, " (", e.what(), ")"));
  }

 private:
  static constexpr std::size_t max_rank = 32;
  enum class Place { outside, top, metadata, tensor, shape, offsets };

  std::string name() const { return printable(entries.back().info.name); }
  [[noreturn]] bool wrong(const std::string& came) const {
    switch (place_) {
      case Place::outside: throw FileError("the header holds " + came + ": need an object of tensors");
      case Place::top: throw FileError(concat(printable(*key_), " is ", came, ": need an object"));
      case Place::metadata: throw FileError(concat("__metadata__ holds ", came, ": need texts only"));
      case Place::tensor: throw FileError(concat("tensor ", name(), ": ", *key_, " is ", came));
      case Place::shape: throw FileError(concat("tensor ", name(), ": shape holds ", came));
      case Place::offsets: break;
    }
    throw FileError(concat("tensor ", name(), ": data_offsets hold ", came, ": need two whole numbers, not negative"));
  }

  Place place_ = Place::outside;
  std::optional<std::string> key_;
  std::set<std::string> names_;
  std::set<std::string> fields_;
  int offsets_ = 0;
};

/// A JSON string, with its quotes. `path` is for the message where the text is not UTF-8.
inline std::string json_text(const std::filesystem::path& path, const std::string& text) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw FileError(concat(path.string(), ": the name ", printable(text), " is not UTF-8"));
  }
}

}  // namespace detail

/// Reads a safetensors file in memory; the tensors come in the order of their numbers and point into `file`.
/// Throws FileError (without a path: the caller knows it) unless every byte of the header and every offset is as the
/// format demands: no key twice, no overlap, no gap, nothing past the end, no overflow.
inline TensorTable parse_safetensors(std::span<const std::byte> file) {
  if (file.empty()) throw FileError("the file is empty");
  if (file.size() < 8) throw FileError(concat("the file has ", file.size(), " bytes: too short for safetensors"));
  const auto length = detail::load_as<std::uint64_t>(file.data());
  if (length > max_safetensors_header)
    throw FileError(concat("the header claims ", length, " bytes: need at most ", max_safetensors_header));
  if (length > file.size() - 8)
    throw FileError(concat("the header claims ", length, " bytes, the file has ", file.size() - 8, " left"));
  const auto* text = reinterpret_cast<const char*>(file.data()) + 8;
  if (length < 2 || *text != '{') throw FileError("the header does not begin with '{'");

  detail::SafetensorsHeader header;
  nlohmann::json::sax_parse(text, text + length, &header);

  auto& entries = header.entries;
  std::ranges::sort(entries,
                    [](const auto& a, const auto& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
  const auto numbers = file.subspan(8 + length);
  std::uint64_t reached = 0;
  TensorTable table{{}, std::move(header.metadata)};
  table.tensors.reserve(entries.size());
  for (auto& entry : entries) {
    const std::string name = "tensor " + detail::printable(entry.info.name);
    const auto range = concat("data_offsets [", entry.begin, ", ", entry.end, "]");
    if (entry.begin > entry.end) throw FileError(concat(name, ": ", range, " are reversed"));
    if (entry.end > numbers.size())
      throw FileError(concat(name, ": ", range, " go past the end of the file's ", numbers.size(), " bytes"));
    if (entry.begin < reached) throw FileError(concat(name, ": ", range, " overlap the tensor before"));
    if (entry.begin > reached) throw FileError(concat(name, ": ", range, " leave a gap after byte ", reached));
    std::size_t need = 0;
    if (!detail::byte_count(entry.info.shape, size_of(entry.info.dtype), need))
      throw FileError(concat(name, ": the shape ", detail::shape_text(entry.info.shape), " overflows"));
    if (need != entry.end - entry.begin)
      throw FileError(concat(name, ": ", range, " hold ", entry.end - entry.begin, " bytes: shape ",
                             detail::shape_text(entry.info.shape), " of ", to_string(entry.info.dtype), " needs ",
                             need));
    table.tensors.push_back({std::move(entry.info), numbers.subspan(entry.begin, need)});
    reached = entry.end;
  }
  if (reached != numbers.size())
    throw FileError(concat("the tensors end at byte ", reached, " of ", numbers.size(), ": the rest belongs to none"));
  return table;
}

/// Writes tensors so that `path` is whole or untouched. Tensors are sorted by size of their numbers, then by name, and
/// the numbers begin on an 8-byte border, so each tensor is aligned. Throws FileError where a name comes twice, is
/// not UTF-8 or is "__metadata__", where bytes do not fit a shape, or where the disk fails.
inline void save_safetensors(const std::filesystem::path& path, std::span<const StoredTensor> tensors,
                             const std::map<std::string, std::string>& metadata = {}) {
  std::vector<const StoredTensor*> order;
  for (const auto& t : tensors) order.push_back(&t);
  std::ranges::sort(order, [](const StoredTensor* a, const StoredTensor* b) {
    const auto rank = [](const StoredTensor* t) {
      return std::pair(-static_cast<int>(size_of(t->info.dtype)), t->info.name);
    };
    return rank(a) < rank(b);
  });

  std::set<std::string> names{"__metadata__"};
  std::string header = "{";
  if (!metadata.empty()) {
    header += "\"__metadata__\":{";
    for (const auto& [key, value] : metadata)
      header += detail::json_text(path, key) + ':' + detail::json_text(path, value) + ',';
    header.back() = '}';
    header += ',';
  }
  std::size_t at = 0;
  for (const auto* t : order) {
    const std::string name = "tensor " + detail::printable(t->info.name);
    if (!names.insert(t->info.name).second) throw FileError(concat(path.string(), ": ", name, " comes twice"));
    std::size_t bytes = 0;
    if (!detail::byte_count(t->info.shape, size_of(t->info.dtype), bytes) || bytes != t->bytes.size())
      throw FileError(concat(path.string(), ": ", name, " has ", t->bytes.size(), " bytes: shape ",
                             detail::shape_text(t->info.shape), " of ", to_string(t->info.dtype), " does not fit"));
    header +=
        detail::json_text(path, t->info.name) + concat(":{\"dtype\":\"", to_string(t->info.dtype), "\",\"shape\":[");
    for (std::size_t d = 0; d < t->info.shape.size(); ++d) header += (d ? "," : "") + std::to_string(t->info.shape[d]);
    header += concat("],\"data_offsets\":[", at, ",", at + bytes, "]},");
    at += bytes;
  }
  if (header.back() == ',') header.pop_back();
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');
  if (header.size() > max_safetensors_header)
    throw FileError(concat(path.string(), ": the header needs ", header.size(), " bytes: the format allows ",
                           max_safetensors_header));

  AtomicFile file(path);
  const std::uint64_t length = header.size();
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(header);
  for (const auto* t : order) file.write(t->bytes);
  file.commit();
}

}  // namespace pursuit::inline v0
