// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/io/image_limits.hpp>

#include <turbojpeg.h>

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pursuit::inline v0 {

inline bool is_jpeg(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF;
}

/// JPEG through the TurboJPEG functions that versions 2.1 and 3.x share. The decoder keeps its state between pictures.
///
/// Pixels are those of libjpeg's defaults (accurate integer DCT, smooth chroma upsampling), which are OpenCV's too.
/// An orientation tag (Exif) is not applied: annotations count the pixels as they are stored.
class JpegDecoder {
 public:
  /// Decodes into `out`, which keeps its memory where size and order stay. Without `order` a grey picture is grey
  /// and a colour picture rgb. Throws Error for what is truncated, corrupt, above the limits, or CMYK.
  void decode(std::span<const std::uint8_t> bytes, Image& out, const ImageLimits& limits = {},
              std::optional<PixelOrder> order = {}) {
    if (!is_jpeg(bytes)) throw Error("not a JPEG file");
    if (bytes.size() > limits.max_bytes)
      throw Error(concat("JPEG of ", bytes.size(), " bytes: the limit is ", limits.max_bytes, " bytes"));
    if (!handle_) handle_.reset(tjInitDecompress());
    if (!handle_) throw Error("JPEG: cannot start the decoder");

    const auto size = static_cast<unsigned long>(bytes.size());
    int width = 0, height = 0, subsampling = 0, space = 0;
    if (tjDecompressHeader3(handle_.get(), bytes.data(), size, &width, &height, &subsampling, &space) != 0) fail();
    if (space == TJCS_CMYK || space == TJCS_YCCK) throw Error("JPEG in CMYK: need grey or colour (YCbCr, RGB)");
    // A Huffman-coded scan spends at least one bit on each block of 8 x 8.
    detail::check_claim(width, height, bytes.size(), 8 * 64, limits);

    const PixelOrder stored = space == TJCS_GRAY ? PixelOrder::grey : PixelOrder::rgb;
    detail::reshape(out, width, height, order.value_or(stored));
    if (tjDecompress2(handle_.get(), bytes.data(), size, out.data(), width, width * out.channels(), height,
                      pixel_format(out.order()), flags) != 0 &&
        !harmless())
      fail();
  }

  static constexpr int pixel_format(PixelOrder order) {
    return order == PixelOrder::grey ? TJPF_GRAY : order == PixelOrder::rgb ? TJPF_RGB : TJPF_BGR;
  }

 private:
#ifdef TJFLAG_LIMITSCAN
  static constexpr int flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCAN;  // a file of thousands of scans takes minutes
#else
  static constexpr int flags = TJFLAG_ACCURATEDCT;
#endif

  // TurboJPEG 2.1 does not forget a header that broke off: its state goes, so that the next picture is read afresh.
  [[noreturn]] void fail() {
    const std::string message = concat("JPEG: ", tjGetErrorStr2(handle_.get()));
    handle_.reset();
    throw Error(message);
  }

  // Cameras and old encoders pad their data; the picture is whole. Any other warning means missing pixels.
  bool harmless() const {
    return tjGetErrorCode(handle_.get()) == TJERR_WARNING &&
           std::string_view(tjGetErrorStr2(handle_.get())).find("extraneous bytes") != std::string_view::npos;
  }

  struct Destroy {
    void operator()(void* handle) const { tjDestroy(handle); }
  };
  std::unique_ptr<void, Destroy> handle_;
};

/// A JPEG file in memory, chroma at half resolution. `quality` is 1 to 100.
/// Throws Error where the picture cannot be read.
inline std::vector<std::uint8_t> encode_jpeg(const ImageView& image, int quality = 90) {
  require_readable(image, "encode_jpeg");
  if (quality < 1 || quality > 100) throw Error(concat("encode_jpeg: quality ", quality, ": need 1 to 100"));
  if (image.row_stride > std::numeric_limits<int>::max())
    throw Error(concat("encode_jpeg: row stride of ", image.row_stride, " bytes: need less than 2^31"));
  const std::unique_ptr<void, int (*)(void*)> handle(tjInitCompress(), &tjDestroy);
  if (!handle) throw Error("encode_jpeg: cannot start the encoder");

  const PixelOrder order = image.channels == 1 ? PixelOrder::grey : image.order;
  const int subsampling = order == PixelOrder::grey ? TJSAMP_GRAY : TJSAMP_420;
  unsigned long size = tjBufSize(image.width, image.height, subsampling);
  std::vector<std::uint8_t> bytes(size);
  std::uint8_t* out = bytes.data();
  if (tjCompress2(handle.get(), image.data, image.width, static_cast<int>(image.row_stride), image.height,
                  JpegDecoder::pixel_format(order), &out, &size, subsampling, quality,
                  TJFLAG_NOREALLOC | TJFLAG_ACCURATEDCT) != 0)
    throw Error(concat("encode_jpeg: ", tjGetErrorStr2(handle.get())));
  bytes.resize(size);
  return bytes;
}

}  // namespace pursuit::inline v0
