// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/io/image_limits.hpp>

#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace pursuit::inline v0 {

inline bool is_png(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 8> signature{0x89, 'P', 'N', 'G', 0x0D, 0x0A, 0x1A, 0x0A};
  return bytes.size() >= signature.size() && std::equal(signature.begin(), signature.end(), bytes.begin());
}

namespace detail {

/// libpng's reader over memory. libpng reports errors by longjmp; it never leaves one of these member functions,
/// and none of them holds an object with a destructor.
class PngReader {
 public:
  explicit PngReader(std::span<const std::uint8_t> bytes) : next_(bytes.data()), left_(bytes.size()) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, &PngReader::fail, &PngReader::ignore);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw Error("PNG: cannot start the decoder");
    }
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  bool read_header() {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_set_read_fn(png_, this, &PngReader::take);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // ours are checked before pixels are read
    png_set_chunk_malloc_max(png_, 1 << 20);
    png_set_chunk_cache_max(png_, 16);
    png_read_info(png_, info_);
    return true;
  }
  std::int64_t width() const { return png_get_image_width(png_, info_); }
  std::int64_t height() const { return png_get_image_height(png_, info_); }
  bool grey() const { return (png_get_color_type(png_, info_) & PNG_COLOR_MASK_COLOR) == 0; }
  /// Pixels that one byte of deflated data can stand for: at most 1032 bytes, 8 / depth pixels each.
  std::size_t pixels_per_byte() const { return 1032 * std::max(1U, 8U / png_get_bit_depth(png_, info_)); }

  /// 8 bits a channel, no alpha. Pre: rows[0..height) hold width * (1 or 3) bytes each.
  bool read_rows(png_bytepp rows, PixelOrder order) {
    if (setjmp(png_jmpbuf(png_))) return false;
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    if (png_get_color_type(png_, info_) == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
    if (grey() && png_get_bit_depth(png_, info_) < 8) png_set_expand_gray_1_2_4_to_8(png_);
    if (grey() && order != PixelOrder::grey) png_set_gray_to_rgb(png_);
    if (!grey() && order == PixelOrder::bgr) png_set_bgr(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }
  const char* error() const { return error_; }

 private:
  static void take(png_structp png, png_bytep out, std::size_t n) {
    auto* self = static_cast<PngReader*>(png_get_io_ptr(png));
    if (n > self->left_) png_error(png, "truncated");
    std::memcpy(out, self->next_, n);
    self->next_ += n;
    self->left_ -= n;
  }
  [[noreturn]] static void fail(png_structp png, png_const_charp message) {
    auto* self = static_cast<PngReader*>(png_get_error_ptr(png));
    std::snprintf(self->error_, sizeof self->error_, "%s", message);
    png_longjmp(png, 1);
  }
  static void ignore(png_structp, png_const_charp) {}

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  const std::uint8_t* next_;
  std::size_t left_;
  char error_[160] = {};
};

}  // namespace detail

/// Decodes a PNG into `out`, which keeps its memory where size and order stay. 16-bit channels keep their upper 8
/// bits, alpha is dropped (the colour under it stays), palettes become rgb, gamma is left alone: what cv::imread does.
/// Without `order` a grey picture is grey and any other rgb. Throws Error for what is truncated, corrupt, above the
/// limits, or coloured where grey is asked for.
inline void decode_png(std::span<const std::uint8_t> bytes, Image& out, const ImageLimits& limits = {},
                       std::optional<PixelOrder> order = {}) {
  if (!is_png(bytes)) throw Error("not a PNG file");
  if (bytes.size() > limits.max_bytes)
    throw Error(concat("PNG of ", bytes.size(), " bytes: the limit is ", limits.max_bytes, " bytes"));
  detail::PngReader reader(bytes);
  if (!reader.read_header()) throw Error(concat("PNG: ", reader.error()));
  detail::check_claim(reader.width(), reader.height(), bytes.size(), reader.pixels_per_byte(), limits);

  const PixelOrder wanted = order.value_or(reader.grey() ? PixelOrder::grey : PixelOrder::rgb);
  if (wanted == PixelOrder::grey && !reader.grey()) throw Error("PNG in colour: need grey");
  detail::reshape(out, static_cast<int>(reader.width()), static_cast<int>(reader.height()), wanted);
  std::vector<png_bytep> rows(static_cast<std::size_t>(out.height()));
  for (int y = 0; y < out.height(); ++y) rows[static_cast<std::size_t>(y)] = out.at(0, y);
  if (!reader.read_rows(rows.data(), wanted)) throw Error(concat("PNG: ", reader.error()));
}

/// A PNG file in memory. Throws Error where the picture cannot be read.
inline std::vector<std::uint8_t> encode_png(const ImageView& image) {
  require_readable(image, "encode_png");
  if (image.row_stride > std::numeric_limits<png_int_32>::max())
    throw Error(concat("encode_png: row stride of ", image.row_stride, " bytes: need less than 2^31"));
  png_image png{};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = image.channels == 1 ? PNG_FORMAT_GRAY : image.order == PixelOrder::bgr ? PNG_FORMAT_BGR : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<std::uint8_t> bytes(size);
  if (!png_image_write_to_memory(&png, bytes.data(), &size, 0, image.data, static_cast<png_int_32>(image.row_stride),
                                 nullptr))
    throw Error(concat("encode_png: ", png.message));
  bytes.resize(size);
  return bytes;
}

}  // namespace pursuit::inline v0
