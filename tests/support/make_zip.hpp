// SPDX-License-Identifier: MIT
#pragma once

#include "bytes.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <zlib.h>

namespace test {

struct ZipOptions {
  bool deflate = false;
  bool zip64 = false;  ///< all sizes and offsets in the 64-bit records
  std::uint16_t flags = 0;
  std::string comment{};
};

inline std::string deflated(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 16, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// A ZIP archive of (name, content).
inline std::string make_zip(const std::vector<std::pair<std::string, std::string>>& members,
                            const ZipOptions& options = {}) {
  std::string file, directory;
  for (const auto& [name, content] : members) {
    const std::string packed = options.deflate ? deflated(content) : content;
    const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
    const std::string common =
        little(options.flags, 2) + little(options.deflate ? 8 : 0, 2) + little(0, 4) + little(crc, 4);
    const std::uint64_t at = file.size(), ones = 0xFFFFFFFF;
    std::string extra;
    if (options.zip64)
      extra = little(1, 2) + little(24, 2) + little(content.size(), 8) + little(packed.size(), 8) + little(at, 8);
    const auto sizes =
        options.zip64 ? little(ones, 4) + little(ones, 4) : little(packed.size(), 4) + little(content.size(), 4);
    file +=
        little(0x04034B50, 4) + little(45, 2) + common + sizes + little(name.size(), 2) + little(0, 2) + name + packed;
    directory += little(0x02014B50, 4) + little(45, 2) + little(45, 2) + common + sizes + little(name.size(), 2) +
                 little(extra.size(), 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                 little(options.zip64 ? ones : at, 4) + name + extra;
  }
  const std::uint64_t begin = file.size();
  file += directory;
  if (options.zip64) {
    const std::uint64_t record = file.size();
    file += little(0x06064B50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 4) + little(0, 4) +
            little(members.size(), 8) + little(members.size(), 8) + little(directory.size(), 8) + little(begin, 8);
    file += little(0x07064B50, 4) + little(0, 4) + little(record, 8) + little(1, 4);
  }
  const std::uint64_t count = options.zip64 ? 0xFFFF : members.size();
  file += little(0x06054B50, 4) + little(0, 4) + little(count, 2) + little(count, 2) +
          little(options.zip64 ? 0xFFFFFFFF : directory.size(), 4) + little(options.zip64 ? 0xFFFFFFFF : begin, 4) +
          little(options.comment.size(), 2) + options.comment;
  return file;
}

}  // namespace test
