// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// What the bytes of a pixel mean. `grey` has one channel, `rgb` and `bgr` three.
enum class PixelOrder { grey, rgb, bgr };

/// How one channel of a pixel is stored. The trackers read `u8`; the others exist so that a caller who has
/// such pixels gets a message instead of noise.
enum class PixelType { u8, u16, f32 };

/// No side of a frame is longer than this many pixels.
inline constexpr int max_frame_side = 32767;

/// A picture that somebody else owns: 8-bit pixels, channels interleaved, rows `row_stride` bytes apart.
///
/// Nothing is copied, so a region of a cv::Mat, a camera buffer or an xtensor array is a view with the right
/// pointer and stride. The view is trusted by nobody: `require_readable` says what is wrong with it.
struct ImageView {
  const std::uint8_t* data{};
  int width{};                        ///< pixels
  int height{};                       ///< pixels
  int channels{3};                    ///< 1 (grey) or 3
  std::ptrdiff_t row_stride{};        ///< bytes from one row to the next, at least width * channels
  PixelOrder order{PixelOrder::rgb};  ///< ignored where channels is 1
  PixelType type{PixelType::u8};

  const std::uint8_t* row(int y) const { return data + static_cast<std::ptrdiff_t>(y) * row_stride; }
};

/// The view of rows that follow each other without gaps.
inline ImageView packed_view(const std::uint8_t* data, int width, int height, PixelOrder order = PixelOrder::rgb) {
  const int channels = order == PixelOrder::grey ? 1 : 3;
  return {data, width, height, channels, static_cast<std::ptrdiff_t>(width) * channels, order};
}

/// The part of `image` with upper-left pixel (x, y). Pre: the part lies inside.
inline ImageView subview(ImageView image, int x, int y, int width, int height) {
  image.data = image.row(y) + static_cast<std::ptrdiff_t>(x) * image.channels;
  image.width = width;
  image.height = height;
  return image;
}

/// Empty where the view can be read as a frame, else what is wrong and what is needed.
inline std::string unreadable(const ImageView& v) {
  if (v.data == nullptr) return "frame has no data (null pointer)";
  if (v.width < 1 || v.height < 1 || v.width > max_frame_side || v.height > max_frame_side)
    return concat("frame is ", v.width, "x", v.height, " pixels: need 1 to ", max_frame_side, " each way");
  if (v.type != PixelType::u8)
    return concat("frame has ", v.type == PixelType::u16 ? "16-bit" : "float", " pixels: need 8-bit");
  if (v.channels != 1 && v.channels != 3)
    return concat("frame has ", v.channels, " channels: need 1 (grey) or 3 (rgb, bgr)");
  if (v.channels == 3 && v.order == PixelOrder::grey)
    return "frame has 3 channels but says its order is grey: need rgb or bgr";
  const std::ptrdiff_t need = static_cast<std::ptrdiff_t>(v.width) * v.channels;
  if (v.row_stride < need) return concat("frame's row stride is ", v.row_stride, " bytes: need at least ", need);
  return {};
}

/// Throws Error with `where` in front unless the view can be read as a frame.
inline void require_readable(const ImageView& v, const char* where) {
  if (std::string why = unreadable(v); !why.empty()) throw Error(concat(where, ": ", why));
}

/// A picture that owns its pixels, rows packed.
class Image {
 public:
  Image() = default;
  /// Throws Error unless both sides are 1 to max_frame_side.
  Image(int width, int height, PixelOrder order, std::uint8_t value = 0)
      : width_(width), height_(height), order_(order) {
    if (width < 1 || height < 1 || width > max_frame_side || height > max_frame_side)
      throw Error(concat("Image: ", width, "x", height, " pixels: need 1 to ", max_frame_side, " each way"));
    pixels_.assign(static_cast<std::size_t>(width) * height * channels(), value);
  }
  /// A copy of what the view shows. Throws Error where it cannot be read.
  explicit Image(const ImageView& v) {
    require_readable(v, "Image");
    *this = Image(v.width, v.height, v.channels == 1 ? PixelOrder::grey : v.order);
    const std::size_t row = static_cast<std::size_t>(width_) * channels();
    for (int y = 0; y < height_; ++y) std::copy_n(v.row(y), row, pixels_.data() + y * row);
  }

  int width() const { return width_; }
  int height() const { return height_; }
  int channels() const { return order_ == PixelOrder::grey ? 1 : 3; }
  PixelOrder order() const { return order_; }
  bool empty() const { return pixels_.empty(); }
  std::uint8_t* data() { return pixels_.data(); }
  const std::uint8_t* data() const { return pixels_.data(); }
  /// The first byte of pixel (x, y).
  std::uint8_t* at(int x, int y) { return pixels_.data() + (static_cast<std::size_t>(y) * width_ + x) * channels(); }
  const std::uint8_t* at(int x, int y) const { return const_cast<Image*>(this)->at(x, y); }

  ImageView view() const { return packed_view(pixels_.data(), width_, height_, order_); }
  operator ImageView() const { return view(); }

 private:
  std::vector<std::uint8_t> pixels_;
  int width_ = 0;
  int height_ = 0;
  PixelOrder order_ = PixelOrder::rgb;
};

}  // namespace pursuit::inline v0
