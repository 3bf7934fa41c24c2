// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/io/mapped_file.hpp>
#include <pursuit/io/pth.hpp>
#include <pursuit/io/safetensors.hpp>
#include <pursuit/io/tensor_table.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace pursuit::inline v0 {

/// A weight file that is open: its table points into the mapped bytes.
struct TensorFile {
  std::shared_ptr<const MappedFile> file;
  TensorTable table;
  std::string format;  ///< "safetensors" or "pth"
};

namespace detail {

/// What a file that is no weight file looks like, by its first bytes; empty where nothing is recognised.
inline std::string looks_like(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), std::min<std::size_t>(file.size(), 512));
  const auto blank = text.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (blank != text.npos && text[blank] == '<')
    return "a web page (HTML or XML): the download needs another link or a log-in";
  const std::pair<std::string_view, const char*> known[] = {
      {"version https://git-lfs", "a Git LFS pointer: the file itself was not fetched"},
      {"\x1F\x8B", "a gzip archive: unpack it first"},
      {"BZh", "a bzip2 archive: unpack it first"},
      {"7z\xBC\xAF", "a 7z archive: unpack it first"},
      {"\xFD"
       "7zXZ",
       "an xz archive: unpack it first"},
      {"Rar!", "a RAR archive: unpack it first"},
      {"\x89HDF", "an HDF5 file (Keras or MATLAB)"},
      {"MATLAB 5.0", "a MATLAB file"},
      {"\x93NUMPY", "a NumPy array"},
      {"\x89PNG", "a PNG picture"},
      {"\xFF\xD8\xFF", "a JPEG picture"},
      {"%PDF", "a PDF document"},
      {"ustar", "a tar archive"}};
  for (const auto& [magic, what] : known)
    if (text.starts_with(magic)) return what;
  if (text.size() > 262 && text.substr(257, 5) == "ustar") return "a tar archive: unpack it first";
  return {};
}

/// A length below 2^40, then the header. The length may look like anything: 0x0280 as a pickle, 0x4B50 as a zip
/// archive.
inline bool begins_as_safetensors(std::string_view text) {
  return text.size() > 8 && text[8] == '{' && text.substr(5, 3) == std::string_view("\0\0\0", 3);
}

}  // namespace detail

/// Opens a weight file, its format told by its content. Throws FileError with the path in front, which says what the
/// file looks like where it is not a weight file.
inline TensorFile open_tensor_file(const std::filesystem::path& path) {
  auto file = std::make_shared<const MappedFile>(path);
  const auto bytes = file->bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  try {
    if (bytes.empty()) throw FileError("the file is empty: need safetensors or PyTorch (.pth) weights");
    if (detail::begins_as_safetensors(text)) return {file, parse_safetensors(bytes), "safetensors"};
    if (const auto what = detail::looks_like(bytes); !what.empty())
      throw FileError("this is not a weight file, it looks like " + what);
    if (text.starts_with("PK") || (text[0] == '\x80' && text.size() > 1 && text[1] <= 5))
      return {file, parse_pth(bytes), "pth"};
    if (path.extension() != ".safetensors" && (text.size() < 9 || text[8] != '{'))
      throw FileError("this is neither a safetensors nor a PyTorch (.pth) file");
    return {file, parse_safetensors(bytes), "safetensors"};
  } catch (const Error& e) {
    throw FileError(concat(path.string(), ": ", e.what()));
  }
}

}  // namespace pursuit::inline v0
