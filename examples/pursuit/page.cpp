// SPDX-License-Identifier: MIT
#include "page.hpp"

#include "page_template.hpp"
#include "picture.hpp"

#include <pursuit/io/jpeg.hpp>
#include <pursuit/io/number_table.hpp>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace {

constexpr std::size_t budget = 10'000'000;  // bytes of JPEG; a third more in base64
constexpr int longest_side = 640;
constexpr int quality = 78;

std::string base64(const std::vector<std::uint8_t>& bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t word = 0;
    for (std::size_t j = 0; j < 3; ++j) word = word << 8 | (i + j < bytes.size() ? bytes[i + j] : 0U);
    for (std::size_t j = 0; j < 4; ++j) out += i + j < bytes.size() + 1 ? digits[word >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

void put_box(std::string& out, const pursuit::Box& box) {
  if (!is_finite(box)) {
    out += "null,";
    return;
  }
  out += '[';
  for (const double v : {box.x, box.y, box.w, box.h}) {
    pursuit::put_number(out, v, 1);
    out += ',';
  }
  out.back() = ']';
  out += ',';
}

template <class Items, class Put>
void put_array(std::string& out, const char* name, const Items& items, Put put) {
  out.append(name).append(":[");
  for (const auto& item : items) put(out, item);
  out += "],\n";
}

}  // namespace

std::string script_safe(const nlohmann::ordered_json& value) {
  const std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string out;
  for (const char c : text) out += c == '<' ? std::string("\\u003c") : std::string(1, c);
  return out;
}

Page::Page(const std::filesystem::path& file, std::optional<std::size_t> frames)
    : file_(file), out_(file, std::ios::binary), expected_(frames) {
  if (!out_) throw pursuit::FileError(pursuit::concat(file_.string(), ": cannot be written: ", std::strerror(errno)));
}

void Page::choose_size(const pursuit::ImageView& frame) {
  width_ = frame.width;
  height_ = frame.height;
  scale_ = std::min(1.0, 1.0 * longest_side / std::max(frame.width, frame.height));
  if (!expected_) return;
  const auto size = [&](double scale) {
    return static_cast<double>(
        pursuit::encode_jpeg(shrink(frame, std::lround(width_ * scale), std::lround(height_ * scale)), quality).size());
  };
  // Later frames may hold more detail than the first: a tenth is left for that. Below half size a face is a smudge;
  // then frames are left out instead.
  const double whole = size(scale_) * static_cast<double>(*expected_);
  if (whole > 0.9 * budget) scale_ *= std::max(0.5, std::sqrt(0.9 * budget / whole));
}

void Page::add_frame(const pursuit::ImageView& frame) {
  const std::size_t index = seen_++;
  if (scale_ == 0) choose_size(frame);
  if (index % every_ != 0) return;
  const int width = static_cast<int>(std::lround(frame.width * scale_));
  const int height = static_cast<int>(std::lround(frame.height * scale_));
  pictures_.push_back({index, pursuit::encode_jpeg(shrink(frame, width, height), quality)});
  bytes_ += pictures_.back().jpeg.size();
  while (bytes_ > budget && pictures_.size() > 1) {
    every_ *= 2;
    std::erase_if(pictures_, [&](const Picture& p) { return p.frame % every_ != 0; });
    bytes_ = 0;
    for (const Picture& p : pictures_) bytes_ += p.jpeg.size();
  }
}

void Page::write(const RunRecord& run, double rate) {
  nlohmann::ordered_json facts = nlohmann::ordered_json::parse(run.json());
  facts["source"] = run.source;
  facts["width"] = width_;
  facts["height"] = height_;
  facts["rate"] = rate;
  facts["statuses"] = {"tracking", "uncertain", "lost", "bad_frame"};

  std::string text = "const facts = " + script_safe(facts) + ";\nconst run = {\n";
  using pursuit::Box, pursuit::Track, pursuit::put_number;
  put_array(text, "boxes", run.tracks, [](std::string& out, const Track& t) { put_box(out, t.box); });
  put_array(text, "score", run.tracks, [](std::string& out, const Track& t) {
    put_number(out, t.score, 3);
    out += ',';
  });
  put_array(text, "status", run.tracks,
            [](std::string& out, const Track& t) { out.append(std::to_string(static_cast<int>(t.status))) += ','; });
  put_array(text, "ms", run.update_ms, [](std::string& out, double ms) {
    put_number(out, ms, 3);
    out += ',';
  });
  put_array(text, "truth", run.truth, [](std::string& out, const Box& b) { put_box(out, b); });
  put_array(text, "shown", pictures_,
            [](std::string& out, const Picture& p) { out.append(std::to_string(p.frame)) += ','; });
  put_array(text, "jpeg", pictures_,
            [](std::string& out, const Picture& p) { out.append("\n\"").append(base64(p.jpeg)) += "\","; });
  text += "};\n";

  const std::string_view page = page_template;
  constexpr std::string_view mark = "/*RUN*/";
  const auto at = page.find(mark);
  out_ << page.substr(0, at) << text << page.substr(at + mark.size());
  out_.close();
  if (!out_) throw pursuit::FileError(pursuit::concat(file_.string(), ": writing failed: ", std::strerror(errno)));
}
