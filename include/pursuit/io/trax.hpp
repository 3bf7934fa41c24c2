// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/image.hpp>
#include <pursuit/io/image_file.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

/// A message of the TraX protocol, by which an evaluator (client) drives a tracker (server): a line
///
///     @@TRAX:frame "file:///tmp/0001.jpg" "key=value"
///
/// Ref: Cehovin 2017, "TraX: The visual Tracking eXchange Protocol and Library".
struct TraxMessage {
  std::string name;                                          ///< hello, initialize, frame, state or quit
  std::vector<std::string> arguments;                        ///< those without a name
  std::vector<std::pair<std::string, std::string>> named{};  ///< key=value
};

namespace detail {

inline constexpr std::string_view trax_prefix = "@@TRAX:";

/// How long the key of "key=value" is: 1 to 64 letters, digits, points and underscores; 0 where there is none.
inline std::size_t trax_key(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0 || equals > 64) return 0;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
  };
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(equals), plain) ? equals : 0;
}

inline void put_trax(std::string& out, std::string_view text) {
  out += " \"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  out += '"';
}

}  // namespace detail

/// Reads a line; empty where it is not a message, as other output of a program is. Throws Error for a line that begins
/// as a message and is none: without a name, or with a quote that is not closed.
inline std::optional<TraxMessage> parse_trax(std::string_view line) {
  if (!line.starts_with(detail::trax_prefix)) return {};
  line.remove_prefix(detail::trax_prefix.size());
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  TraxMessage message;
  std::size_t i = line.find(' ');
  message.name = line.substr(0, i);
  if (message.name.empty()) throw Error("TraX: a message without a name");
  i = std::min(i, line.size());
  while (i < line.size()) {
    if (line[i] == ' ' || line[i] == '\t') {
      ++i;
      continue;
    }
    std::string word;
    if (line[i] == '"') {
      for (++i; i < line.size() && line[i] != '"'; ++i) {
        const bool escaped = line[i] == '\\' && i + 1 < line.size();
        if (escaped) ++i;
        word += escaped && line[i] == 'n' ? '\n' : line[i];
      }
      if (i == line.size()) throw Error(concat("TraX: ", message.name.substr(0, 40), ": a quote is not closed"));
      ++i;
    } else {
      while (i < line.size() && line[i] != ' ' && line[i] != '\t') word += line[i++];
    }
    if (const std::size_t key = detail::trax_key(word))
      message.named.emplace_back(word.substr(0, key), word.substr(key + 1));
    else
      message.arguments.push_back(std::move(word));
  }
  return message;
}

/// The line of a message, with its end.
inline std::string to_line(const TraxMessage& message) {
  std::string out(detail::trax_prefix);
  out += message.name;
  for (const std::string& argument : message.arguments) detail::put_trax(out, argument);
  for (const auto& [key, value] : message.named) detail::put_trax(out, key + "=" + value);
  return out + "\n";
}

/// Bytes of base64 text, with or without padding; empty where the text is not that.
inline std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t word = 0;
  int bits = 0;
  for (const char c : text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t value = digits.find(c);
    if (value == digits.npos) return {};
    word = word << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(word >> bits & 255U));
  }
  return bytes;
}

/// Reads the pictures of TraX: `file:///abs/path.jpg`, `image:W;H;rgb|gray8;base64`, `data:image/jpeg;base64,...`.
class TraxImageReader {
 public:
  explicit TraxImageReader(const ImageLimits& limits = {}) : reader_(limits) {}

  /// Valid until the next call. Throws Error where there is no such picture.
  ImageView read(std::string_view text) {
    if (text.starts_with("file://")) return reader_.read(std::string(text.substr(7)));
    if (text.starts_with("data:")) {
      const std::size_t mark = text.find("base64");
      if (mark == text.npos || mark + 7 > text.size()) throw Error("TraX: data: without base64");
      return reader_.decode(bytes(text.substr(mark + 7)));
    }
    if (text.starts_with("image:")) return raw(text.substr(6));
    if (text.starts_with('/')) return reader_.read(std::string(text));
    throw Error(concat("TraX: image '", text.substr(0, 60), "': need file://, image: or data:"));
  }

 private:
  static std::vector<std::uint8_t> bytes(std::string_view text) {
    auto decoded = decode_base64(text);
    if (!decoded) throw Error("TraX: an image's bytes are not base64");
    return std::move(*decoded);
  }

  ImageView raw(std::string_view text) {
    std::string_view fields[3];
    for (std::string_view& field : fields) {
      const std::size_t end = text.find(';');
      if (end == text.npos) throw Error("TraX: image: need width;height;format;bytes");
      field = text.substr(0, end);
      text.remove_prefix(end + 1);
    }
    int size[2] = {0, 0};
    for (int i = 0; i < 2; ++i) std::from_chars(fields[i].data(), fields[i].data() + fields[i].size(), size[i]);
    if (size[0] < 1 || size[1] < 1 || size[0] > max_frame_side || size[1] > max_frame_side)
      throw Error(concat("TraX: image of ", fields[0].substr(0, 20), "x", fields[1].substr(0, 20), " pixels"));
    if (fields[2] != "rgb" && fields[2] != "gray8")
      throw Error(concat("TraX: image format '", fields[2].substr(0, 20), "': need rgb or gray8"));
    const PixelOrder order = fields[2] == "rgb" ? PixelOrder::rgb : PixelOrder::grey;
    pixels_ = bytes(text);
    const std::size_t need =
        static_cast<std::size_t>(size[0]) * static_cast<std::size_t>(size[1]) * (order == PixelOrder::rgb ? 3U : 1U);
    if (pixels_.size() != need) throw Error(concat("TraX: image of ", pixels_.size(), " bytes: need ", need));
    return packed_view(pixels_.data(), size[0], size[1], order);
  }

  ImageReader reader_;
  std::vector<std::uint8_t> pixels_;
};

}  // namespace pursuit::inline v0
