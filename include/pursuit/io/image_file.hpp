// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/io/file_bytes.hpp>
#include <pursuit/io/jpeg.hpp>
#include <pursuit/io/png.hpp>

#include <filesystem>
#include <optional>
#include <vector>

namespace pursuit::inline v0 {

/// Reads one picture after the other; the file's bytes, the decoder and the pixels keep their memory between them.
/// Not for two threads at a time.
class ImageReader {
 public:
  /// Without `order` a grey picture is grey and a colour picture rgb.
  explicit ImageReader(const ImageLimits& limits = {}, std::optional<PixelOrder> order = {})
      : limits_(limits), order_(order) {}

  /// The picture in `file`, JPEG or PNG by its content; valid until the next call. Throws FileError that names the
  /// file where it cannot be read, is empty, truncated, corrupt, of another kind, or above the limits.
  const Image& read(const std::filesystem::path& file) {
    read_bytes(file, bytes_, limits_.max_bytes);
    try {
      return decode(bytes_);
    } catch (const Error& e) {
      throw FileError(concat(file.string(), ": ", e.what()));
    }
  }

  /// The picture in memory; valid until the next call. Throws Error.
  const Image& decode(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) throw Error("the file is empty: need a JPEG or PNG picture");
    if (is_jpeg(bytes))
      jpeg_.decode(bytes, image_, limits_, order_);
    else if (is_png(bytes))
      decode_png(bytes, image_, limits_, order_);
    else
      throw Error("neither JPEG nor PNG");
    return image_;
  }

 private:
  ImageLimits limits_;
  std::optional<PixelOrder> order_;
  JpegDecoder jpeg_;
  std::vector<std::uint8_t> bytes_;
  Image image_;
};

/// The picture in `file`; see ImageReader::read.
inline Image load_image(const std::filesystem::path& file, const ImageLimits& limits = {},
                        std::optional<PixelOrder> order = {}) {
  return ImageReader(limits, order).read(file);
}

/// The picture in memory; see ImageReader::decode.
inline Image decode_image(std::span<const std::uint8_t> bytes, const ImageLimits& limits = {},
                          std::optional<PixelOrder> order = {}) {
  return ImageReader(limits, order).decode(bytes);
}

/// Throws FileError where the file cannot be written, Error where the picture cannot be read.
inline void save_jpeg(const std::filesystem::path& file, const ImageView& image, int quality = 90) {
  write_bytes(file, encode_jpeg(image, quality));
}
inline void save_png(const std::filesystem::path& file, const ImageView& image) {
  write_bytes(file, encode_png(image));
}

}  // namespace pursuit::inline v0
