// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Text that may stand in HTML and SVG.
std::string escaped(std::string_view text);

/// The colour of the i-th tracker; ten that are told apart, then again.
const char* plot_colour(std::size_t i);

/// One line of a plot.
struct Curve {
  std::string name;
  std::vector<double> values;  ///< in [0, 1], at equal distances from 0 to `Axes::end`
  double score = 0;            ///< stands in the legend, which is ordered by it
  std::size_t colour = 0;
};

struct Axes {
  std::string title;
  std::string x;
  std::string y;
  double end = 1;
};

/// A plot of curves from 0 to 1 as a complete SVG picture, the legend ranked.
std::string curves_svg(const Axes& axes, std::vector<Curve> curves);

/// A point of a scatter plot.
struct Spot {
  std::string name;
  double x = 0;
  double y = 0;
  std::size_t colour = 0;
};

/// Points over a logarithmic x axis, as a complete SVG picture. Points without a positive x are left out.
std::string spots_svg(const Axes& axes, const std::vector<Spot>& spots);
