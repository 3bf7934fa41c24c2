// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/data/attributes.hpp>
#include <pursuit/data/frame_list.hpp>
#include <pursuit/data/mask.hpp>
#include <pursuit/data/sequence.hpp>
#include <pursuit/io/file_bytes.hpp>
#include <pursuit/io/image_file.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pursuit::inline v0 {

namespace detail {

namespace fs = std::filesystem;

inline bool file_exists(const fs::path& p) {
  std::error_code ignored;
  return fs::exists(p, ignored);
}
inline bool is_folder(const fs::path& p) {
  std::error_code ignored;
  return fs::is_directory(p, ignored);
}

/// The last name in a path, also of "videos/Bolt/" and of ".".
inline std::string folder_name(const fs::path& folder) {
  std::error_code ignored;
  fs::path p = fs::weakly_canonical(folder, ignored);
  if (ignored || p.empty()) p = folder;
  return (p.has_filename() ? p.filename() : p.parent_path().filename()).string();
}

/// Fits annotation to the frames. Frames past its last line have no box, lines past the last frame are left out, and
/// a line whose box has no size is kept; each with a note.
inline void set_annotation(Sequence& sequence, const fs::path& file) {
  const std::string name = file.string();
  std::vector<Annotation> lines = parse_annotation(read_text(file), name, sequence.origin);
  if (lines.empty()) throw FileError(concat(name, ": no annotation in it: need a box (x,y,w,h) in the first line"));
  if (lines.size() != sequence.size())
    sequence.notes.push_back(concat(
        name, ": ", lines.size(), " lines for ", sequence.size(),
        " frames: ", lines.size() > sequence.size() ? "the last lines are left out" : "the last frames have no box"));
  lines.resize(sequence.size());
  bool polygons = false;
  for (const Annotation& a : lines) {
    if (is_finite(a.box) && !is_valid(a.box))
      sequence.notes.push_back(concat(name, ":", a.line, ": box of ", a.box.w, " x ", a.box.h,
                                      " pixels: taken as a frame without the target"));
    sequence.boxes.push_back(a.box);
    polygons = polygons || !a.polygon.empty();
  }
  if (polygons)
    for (Annotation& a : lines) sequence.polygons.push_back(std::move(a.polygon));
}

/// One small whole number a frame, in lines or one long line. A file of another length is an error: there is no
/// telling which frames it means.
inline std::vector<std::uint8_t> read_flags(const fs::path& file, std::size_t frames, int largest) {
  std::vector<std::uint8_t> flags;
  for (const NumberRow& row : parse_numbers(read_text(file), file.string(), frames + 1))
    for (const double v : row.values) {
      if (!(v >= 0 && v <= largest) || v != static_cast<int>(v))
        throw FileError(concat(file.string(), ":", row.line, ": ", v, ": need a whole number from 0 to ", largest));
      flags.push_back(static_cast<std::uint8_t>(v));
    }
  if (flags.size() != frames)
    throw FileError(concat(file.string(), ": ", flags.size(), " values for ", frames, " frames"));
  return flags;
}

/// groundtruth_rect.txt, or the first by number of groundtruth_rect.1.txt, ...; empty where there is none.
inline fs::path otb_annotation(const fs::path& folder) {
  if (file_exists(folder / "groundtruth_rect.txt")) return folder / "groundtruth_rect.txt";
  std::vector<std::string> names;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(folder, problem)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("groundtruth_rect") && name.ends_with(".txt")) names.push_back(name);
  }
  if (names.empty()) return {};
  return folder / *std::min_element(names.begin(), names.end(), numeric_less);
}

/// Whether the first line of an annotation file is a polygon.
inline bool has_polygons(const fs::path& file) {
  const std::string text = read_text(file);
  const auto rows = parse_numbers(text.substr(0, text.find('\n')), file.string());
  return !rows.empty() && rows[0].values.size() > 4;
}

/// The value of a line `key=value` in the file `sequence` of a VOT folder; empty without that line or file.
inline std::string vot_metadata(const fs::path& folder, std::string_view key) {
  if (!file_exists(folder / "sequence")) return {};
  const std::string text = read_text(folder / "sequence");
  std::string_view rest = text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!line.starts_with(key) || line.substr(key.size(), 1) != "=") continue;
    line.remove_prefix(key.size() + 1);
    return std::string(line.substr(0, line.find('\r')));
  }
  return {};
}

/// Frames a second by `fps=` in that file; 0 where it does not say.
inline double vot_fps(const fs::path& folder) {
  const std::string text = vot_metadata(folder, "fps");
  if (text.empty()) return 0;
  double fps = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), fps);
  if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(fps) || !(fps > 0))
    throw FileError(concat((folder / "sequence").string(), ": fps=", text.substr(0, 40), ": need a number above 0"));
  return fps;
}

/// Where the frames of a VOT folder are: as its file `sequence` says (channels.color=color/%08d.jpg), in color/ or
/// img/, or in the folder itself.
inline fs::path vot_frames(const fs::path& folder) {
  if (const std::string pattern = vot_metadata(folder, "channels.color"); !pattern.empty())
    return folder / fs::path(pattern).parent_path();
  for (const char* name : {"color", "img"})
    if (is_folder(folder / name)) return folder / name;
  return folder;
}

/// Boxes from the masks of a DAVIS sequence: the mask of a frame has its name. A frame without mask has no box.
inline void set_masks(Sequence& sequence, const fs::path& masks) {
  ImageReader reader;
  std::size_t missing = 0;
  for (const fs::path& frame : sequence.frames) {
    fs::path mask = masks / frame.filename();
    mask.replace_extension(".png");
    if (file_exists(mask)) {
      sequence.boxes.push_back(mask_box(reader.read(mask)));
    } else {
      sequence.boxes.push_back(no_box);
      ++missing;
    }
  }
  if (missing == sequence.size()) throw FileError(concat(masks.string(), ": no mask belongs to a frame"));
  if (missing > 0) sequence.notes.push_back(concat(masks.string(), ": ", missing, " frames have no mask"));
}

inline void set_frames(Sequence& sequence, const fs::path& folder) {
  sequence.frames = list_frames(folder);
  if (sequence.frames.empty())
    throw FileError(concat(folder.string(), ": no frames in it: need pictures that end in .jpg, .jpeg or .png"));
}

}  // namespace detail

/// Opens a sequence by what lies at `path`. One of these, the first that fits:
///
///     OTB      img/ and groundtruth_rect*.txt. Of several targets the first; name another one's file as `path`.
///     LaSOT    img/ and groundtruth.txt; full_occlusion.txt and out_of_view.txt where they are
///     GOT-10k  groundtruth.txt beside the frames, with absence.label, cover.label or meta_info.ini
///     VOT      groundtruth.txt, boxes or polygons; frames beside it, in color/ or where `sequence` says; in img/ too
///              where they are polygons; *.tag and the frames a second where they are given
///     DAVIS    .../JPEGImages/<resolution>/<name>, with masks in .../Annotations/<resolution>/<name>
///     frames   pictures in `path` or in `path`/img, without annotation
///
/// OTB and LaSOT count pixels from 1, the others from 0. Frames are not opened: one that cannot be decoded is found
/// by FrameSource. Throws FileError that says what is missing or names file and line.
inline Sequence open_sequence(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  using detail::file_exists, detail::is_folder;
  if (!file_exists(path)) throw FileError(concat(path.string(), ": no such file or folder"));
  Sequence sequence;
  const bool names_annotation = !is_folder(path);
  if (names_annotation && !path.filename().string().starts_with("groundtruth"))
    throw FileError(concat(path.string(), ": not a folder: need a folder of frames or a sequence"));
  const fs::path folder = names_annotation ? fs::absolute(path).parent_path() : path;
  sequence.name = detail::folder_name(folder);

  fs::path annotation = names_annotation ? path : detail::otb_annotation(folder);
  if (annotation.empty() && file_exists(folder / "groundtruth.txt")) annotation = folder / "groundtruth.txt";
  const bool rect = annotation.filename().string().starts_with("groundtruth_rect");
  const bool img = is_folder(folder / "img");

  if (rect) {
    sequence.layout = Layout::otb;
    sequence.origin = Origin::one;
    // groundtruth_rect.2.txt is the second target, known as Jogging.2
    const std::string target = annotation.stem().extension().string();
    if (target != ".txt") sequence.name += target;
    detail::set_frames(sequence, img ? folder / "img" : folder);
  } else if (annotation.empty()) {
    detail::set_frames(sequence, img ? folder / "img" : folder);
    const fs::path whole = fs::absolute(folder).lexically_normal();
    const fs::path here = whole.has_filename() ? whole : whole.parent_path();
    const fs::path resolution = here.parent_path(), pictures = resolution.parent_path();
    const fs::path masks = pictures.parent_path() / "Annotations" / resolution.filename() / here.filename();
    if (pictures.filename() == "JPEGImages" && is_folder(masks)) {
      sequence.layout = Layout::davis;
      detail::set_masks(sequence, masks);
    }
    return sequence;
  } else if (img && !detail::has_polygons(annotation)) {
    sequence.layout = Layout::lasot;
    sequence.origin = Origin::one;
    detail::set_frames(sequence, folder / "img");
  } else if (file_exists(folder / "absence.label") || file_exists(folder / "cover.label") ||
             file_exists(folder / "meta_info.ini")) {
    sequence.layout = Layout::got10k;
    detail::set_frames(sequence, folder);
  } else {
    sequence.layout = Layout::vot;
    sequence.fps = detail::vot_fps(folder);
    detail::set_frames(sequence, detail::vot_frames(folder));
    sequence.tags = read_tags(folder, sequence.size());
  }
  detail::set_annotation(sequence, annotation);

  if (sequence.layout == Layout::lasot) {
    for (const char* label : {"full_occlusion.txt", "out_of_view.txt"}) {
      if (!file_exists(folder / label)) continue;
      sequence.absent.resize(sequence.size());
      const auto flags = detail::read_flags(folder / label, sequence.size(), 1);
      for (std::size_t i = 0; i < flags.size(); ++i) sequence.absent[i] |= flags[i];
    }
  } else if (sequence.layout == Layout::got10k) {
    if (file_exists(folder / "absence.label"))
      sequence.absent = detail::read_flags(folder / "absence.label", sequence.size(), 1);
    if (file_exists(folder / "cover.label"))
      sequence.cover = detail::read_flags(folder / "cover.label", sequence.size(), 8);
  }
  return sequence;
}

}  // namespace pursuit::inline v0
