// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/aligned.hpp>
#include <pursuit/core/error.hpp>
#include <pursuit/io/tensor_table.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <zlib.h>

namespace pursuit::inline v0 {

/// One file of a ZIP archive, as the archive's directory describes it.
struct ZipMember {
  std::string name;
  std::uint64_t size = 0;    ///< bytes
  std::uint64_t packed = 0;  ///< bytes in the archive; equal to size where the member is stored
  std::uint64_t header = 0;  ///< where its local header begins
  std::uint32_t crc = 0;
  std::uint16_t method = 0;  ///< 0 stored, 8 deflated
  std::uint16_t flags = 0;
};

/// The bytes of a member: in the archive itself, or unpacked into `owned`.
struct ZipContent {
  std::span<const std::byte> bytes;
  std::shared_ptr<const AlignedVector<std::byte>> owned{};
};

/// Reads a ZIP archive in memory, with or without the 64-bit extension. Throws FileError (without a path) where the
/// archive is cut off, inconsistent or encrypted, in several parts, or packed by another method than deflate.
///
/// Ref  PKWARE, APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
class ZipArchive {
 public:
  /// `max_inflated` limits the bytes that all read() together unpack.
  explicit ZipArchive(std::span<const std::byte> file, std::uint64_t max_inflated = std::uint64_t{1} << 30)
      : file_(file), inflatable_(max_inflated) {
    const Directory directory = find_directory();
    std::uint64_t at = directory.begin;
    const std::uint64_t end = directory.begin + directory.size;
    for (std::uint64_t i = 0; i < directory.entries; ++i) at = read_entry(at, end);
  }

  /// By name; of two with the same name, the first.
  const std::map<std::string, ZipMember, std::less<>>& members() const { return members_; }

  const ZipMember* find(std::string_view name) const {
    const auto found = members_.find(name);
    return found == members_.end() ? nullptr : &found->second;
  }

  /// The member's bytes, checked against its size and CRC. A stored member is not copied.
  ZipContent read(const ZipMember& member) {
    const std::string who = "archive member " + detail::printable(member.name);
    if (member.flags & 1U) throw FileError(who + " is encrypted");
    const auto local = piece(member.header, 30, who.c_str());
    if (u32(local, 0) != 0x04034B50) throw FileError(who + " has no header where the archive says");
    const auto packed = piece(member.header + 30 + u16(local, 26) + u16(local, 28), member.packed, who.c_str());
    ZipContent content;
    if (member.method == 0) {
      if (member.packed != member.size)
        throw FileError(concat(who, " is stored in ", member.packed, " bytes and claims ", member.size));
      content.bytes = packed;
    } else if (member.method == 8) {
      content.owned = inflate(packed, member.size, who);
      content.bytes = *content.owned;
    } else {
      throw FileError(concat(who, " is packed by method ", member.method, ": need 0 (stored) or 8 (deflated)"));
    }
    if (checksum(content.bytes) != member.crc) throw FileError(who + " is damaged: its checksum (CRC-32) differs");
    return content;
  }

 private:
  struct Directory {
    std::uint64_t begin = 0;
    std::uint64_t size = 0;
    std::uint64_t entries = 0;
  };
  using Bytes = std::span<const std::byte>;

  static std::uint16_t u16(Bytes b, std::size_t at) { return detail::load_as<std::uint16_t>(b.data() + at); }
  static std::uint32_t u32(Bytes b, std::size_t at) { return detail::load_as<std::uint32_t>(b.data() + at); }
  static std::uint64_t u64(Bytes b, std::size_t at) { return detail::load_as<std::uint64_t>(b.data() + at); }

  Bytes piece(std::uint64_t begin, std::uint64_t size, const char* what) const {
    if (begin > file_.size() || size > file_.size() - begin)
      throw FileError(concat(what, " reaches past the end of the file (truncated download?)"));
    return file_.subspan(begin, size);
  }

  Directory find_directory() const {
    // The record at the end is 22 bytes and a comment of up to 65535.
    const std::size_t last = file_.size() < 22 ? 0 : file_.size() - 22;
    for (std::size_t back = 0; file_.size() >= 22 && back <= std::min<std::size_t>(last, 65535); ++back) {
      const std::size_t at = last - back;
      const auto record = file_.subspan(at, 22);
      if (u32(record, 0) != 0x06054B50 || at + 22 + u16(record, 20) > file_.size()) continue;
      Directory directory{u32(record, 16), u32(record, 12), u16(record, 10)};
      bool parts = u16(record, 4) != 0 || u16(record, 6) != 0;
      if (at >= 20 && u32(file_.subspan(at - 20, 20), 0) == 0x07064B50) {
        const auto big = piece(u64(file_.subspan(at - 20, 20), 8), 56, "the archive's 64-bit directory record");
        if (u32(big, 0) != 0x06064B50) throw FileError("the archive's 64-bit directory record is damaged");
        directory = {u64(big, 48), u64(big, 40), u64(big, 32)};
        parts = u32(big, 16) != 0 || u32(big, 20) != 0;
      }
      if (parts) throw FileError("the archive is one of several parts: need a single file");
      piece(directory.begin, directory.size, "the archive's directory");
      return directory;
    }
    throw FileError("the archive's directory is missing: the file is cut off (truncated download?)");
  }

  /// Reads the entry at `at`; the answer is where the next one begins.
  std::uint64_t read_entry(std::uint64_t at, std::uint64_t end) {
    if (end - at < 46 || u32(file_.subspan(at, 46), 0) != 0x02014B50)
      throw FileError("the archive's directory is damaged");
    const auto entry = file_.subspan(at, 46);
    const std::uint64_t name = u16(entry, 28), extra = u16(entry, 30), comment = u16(entry, 32);
    if (end - at - 46 < name + extra + comment) throw FileError("the archive's directory is damaged");
    ZipMember member;
    member.name.assign(reinterpret_cast<const char*>(file_.data()) + at + 46, name);
    member.flags = u16(entry, 8);
    member.method = u16(entry, 10);
    member.crc = u32(entry, 16);
    member.packed = u32(entry, 20);
    member.size = u32(entry, 24);
    member.header = u32(entry, 42);
    read_big_sizes(file_.subspan(at + 46 + name, extra), member);
    members_.emplace(member.name, member);
    return at + 46 + name + extra + comment;
  }

  /// Numbers that do not fit 32 bits are all ones, and come in this order in extra field 1.
  static void read_big_sizes(Bytes extra, ZipMember& member) {
    while (extra.size() >= 4) {
      const std::size_t id = u16(extra, 0), size = u16(extra, 2);
      if (size > extra.size() - 4) return;
      auto field = extra.subspan(4, size);
      if (id == 1) {
        for (std::uint64_t* value : {&member.size, &member.packed, &member.header}) {
          if (*value != 0xFFFFFFFF) continue;
          if (field.size() < 8) throw FileError("the archive's directory is damaged (64-bit sizes)");
          *value = u64(field, 0);
          field = field.subspan(8);
        }
      }
      extra = extra.subspan(4 + size);
    }
  }

  std::shared_ptr<AlignedVector<std::byte>> inflate(Bytes packed, std::uint64_t size, const std::string& who) {
    if (size > inflatable_)
      throw FileError(concat(who, " unpacks to ", size, " bytes, of which ", inflatable_, " are allowed"));
    auto out = std::make_shared<AlignedVector<std::byte>>();
    z_stream stream{};
    // Negative: the bytes have no zlib header around them.
    if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw FileError(who + " cannot be unpacked (zlib)");
    const std::unique_ptr<z_stream, int (*)(z_stream*)> guard(&stream, ::inflateEnd);
    std::size_t done = 0;
    int state = Z_OK;
    // The memory grows with what comes out; the claimed size only stops it.
    while (state == Z_OK) {
      if (done == out->size()) {
        if (done > size) break;
        out->resize(std::min<std::uint64_t>(std::max<std::uint64_t>(65536, 2 * done), size + 1));
      }
      constexpr std::size_t step = std::numeric_limits<uInt>::max();
      const auto give = std::min(packed.size(), step), room = std::min(out->size() - done, step);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.data()));
      stream.avail_in = static_cast<uInt>(give);
      stream.next_out = reinterpret_cast<Bytef*>(out->data() + done);
      stream.avail_out = static_cast<uInt>(room);
      state = ::inflate(&stream, Z_NO_FLUSH);
      const std::size_t taken = give - stream.avail_in, made = room - stream.avail_out;
      packed = packed.subspan(taken);
      done += made;
      if (state == Z_BUF_ERROR || (state == Z_OK && taken == 0 && made == 0)) break;
    }
    if (state != Z_STREAM_END || done != size)
      throw FileError(concat(who, " is damaged: it does not unpack to ", size, " bytes"));
    inflatable_ -= size;
    out->resize(size);
    return out;
  }

  static std::uint32_t checksum(Bytes bytes) {
    uLong crc = ::crc32_z(0, nullptr, 0);
    return static_cast<std::uint32_t>(::crc32_z(crc, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  }

  Bytes file_;
  std::uint64_t inflatable_;
  std::map<std::string, ZipMember, std::less<>> members_;
};

}  // namespace pursuit::inline v0
