// SPDX-License-Identifier: MIT
#include "plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iomanip>
#include <locale>
#include <sstream>

namespace {

constexpr double width = 640, height = 420, left = 56, right = 20, top = 40, bottom = 52;
constexpr double plot_width = width - left - right, plot_height = height - top - bottom;

std::ostringstream picture(const Axes& axes) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << std::fixed << std::setprecision(2);
  out << "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " << width << ' ' << height
      << "\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n"
      << "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
      << "<text x=\"" << width / 2 << "\" y=\"22\" text-anchor=\"middle\" font-size=\"15\" font-weight=\"600\">"
      << escaped(axes.title) << "</text>\n"
      << "<text x=\"" << left + plot_width / 2 << "\" y=\"" << height - 12 << "\" text-anchor=\"middle\">"
      << escaped(axes.x) << "</text>\n"
      << "<text transform=\"translate(16 " << top + plot_height / 2 << ") rotate(-90)\" text-anchor=\"middle\">"
      << escaped(axes.y) << "</text>\n";
  for (int i = 0; i <= 5; ++i) {
    const double y = top + plot_height * (1 - i / 5.0);
    out << "<path d=\"M" << left << ' ' << y << "h" << plot_width << "\" stroke=\"#e4e7ec\"/>"
        << "<text x=\"" << left - 8 << "\" y=\"" << y + 4 << "\" text-anchor=\"end\">" << i / 5.0 << "</text>\n";
  }
  return out;
}

void tick(std::ostringstream& out, double share, double value, int digits) {
  const double x = left + plot_width * share;
  out << "<path d=\"M" << x << ' ' << top << "v" << plot_height << "\" stroke=\"#eef0f4\"/>"
      << "<text x=\"" << x << "\" y=\"" << height - bottom + 18 << "\" text-anchor=\"middle\">"
      << std::setprecision(digits) << value << std::setprecision(2) << "</text>\n";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

const char* plot_colour(std::size_t i) {
  constexpr std::array<const char*, 10> colours{"#e4572e", "#3b6df6", "#17a673", "#8b5cf6", "#e2a400",
                                                "#00a3bf", "#d6336c", "#7a5c3e", "#6b7280", "#84cc16"};
  return colours[i % colours.size()];
}

std::string curves_svg(const Axes& axes, std::vector<Curve> curves) {
  std::stable_sort(curves.begin(), curves.end(), [](const Curve& a, const Curve& b) { return a.score > b.score; });
  std::ostringstream out = picture(axes);
  for (int i = 0; i <= 5; ++i) tick(out, i / 5.0, axes.end * i / 5, axes.end > 5 ? 0 : 1);
  for (const Curve& c : curves) {
    if (c.values.size() < 2) continue;
    out << "<polyline fill=\"none\" stroke=\"" << plot_colour(c.colour) << "\" stroke-width=\"2\""
        << (c.colour >= 10 ? " stroke-dasharray=\"6 3\"" : "") << " points=\"";
    for (std::size_t i = 0; i < c.values.size(); ++i)
      out << left + plot_width * static_cast<double>(i) / static_cast<double>(c.values.size() - 1) << ','
          << top + plot_height * (1 - std::clamp(c.values[i], 0.0, 1.0)) << ' ';
    out << "\"/>\n";
  }
  // Precision rises and success falls: the legend stands below the curves, where they are high.
  const double y0 = height - bottom - 12 - 17.0 * static_cast<double>(curves.size());
  const double x0 = axes.end != 1 ? width - right - 160 : left + 16;
  out << "<rect x=\"" << x0 - 8 << "\" y=\"" << y0 << "\" width=\"164\" height=\""
      << 17 * static_cast<double>(curves.size()) + 8 << "\" rx=\"6\" fill=\"#fff\" fill-opacity=\".7\"/>\n";
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const double y = y0 + 16 + 17.0 * static_cast<double>(i);
    out << "<path d=\"M" << x0 << ' ' << y - 4 << "h22\" stroke-width=\"3\" stroke=\"" << plot_colour(curves[i].colour)
        << "\"" << (curves[i].colour >= 10 ? " stroke-dasharray=\"6 3\"" : "") << "/><text x=\"" << x0 + 30 << "\" y=\""
        << y << "\">" << std::setprecision(3) << curves[i].score << std::setprecision(2) << "  "
        << escaped(curves[i].name) << "</text>\n";
  }
  out << "</svg>\n";
  return out.str();
}

std::string spots_svg(const Axes& axes, const std::vector<Spot>& spots) {
  double low = 1e9, high = 1;
  for (const Spot& s : spots)
    if (s.x > 0) low = std::min(low, s.x), high = std::max(high, s.x);
  const double first = std::floor(std::log10(std::min(low, high))),
               last = std::max(first + 1, std::ceil(std::log10(high)));
  std::ostringstream out = picture(axes);
  for (double e = first; e <= last; ++e) tick(out, (e - first) / (last - first), std::pow(10, e), e < 0 ? 2 : 0);
  for (const Spot& s : spots) {
    if (!(s.x > 0)) continue;
    const double x = left + plot_width * (std::log10(s.x) - first) / (last - first);
    const double y = top + plot_height * (1 - std::clamp(s.y, 0.0, 1.0));
    const bool flip = x > width - 150;
    out << "<circle cx=\"" << x << "\" cy=\"" << y << "\" r=\"6\" fill=\"" << plot_colour(s.colour) << "\"/><text x=\""
        << (flip ? x - 10 : x + 10) << "\" y=\"" << y + 4 << "\"" << (flip ? " text-anchor=\"end\"" : "") << ">"
        << escaped(s.name) << "</text>\n";
  }
  out << "</svg>\n";
  return out.str();
}
