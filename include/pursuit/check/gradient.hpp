// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/error.hpp>
#include <pursuit/core/random.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace pursuit::inline v0::check {

/// How a gradient is checked.
struct GradientOptions {
  bool adds = false;        ///< the hand gradient adds to its buffer; else it assigns
  double typical = 1;       ///< size of a usual input value: steps are a fraction of this or of the value, if larger
  double floor = 1e-3;      ///< entries below this part of the largest one are measured against that part of it
  std::size_t entries = 0;  ///< how many entries of each input are checked, drawn at random; 0 for all of them
  std::uint64_t seed = 1;   ///< of the draw and of what the buffers hold before
};

/// An input of a function of several: its name is for the report.
struct Input {
  std::string name;
  std::span<const double> values;
};

/// What came out of a gradient check; `worst` is what a test compares.
struct GradientReport {
  /// The largest |hand - numeric| / max(|hand|, |numeric|, floor * largest). At a kink, where the slopes to both sides
  /// differ, any value between them is right. Infinite where `fault` has words.
  double worst = 0;
  std::string input;      ///< where: its name, empty for the only one
  std::size_t index = 0;  ///< where in it
  double hand = 0;        ///< the two numbers there
  double numeric = 0;
  double uncertainty =
      0;  ///< of `numeric`, by its own estimate and on the scale of `worst`: no tolerance below is fair
  std::size_t checked = 0;
  std::size_t kinks = 0;  ///< how many of those checked lie on a kink
  std::string fault;      ///< an entry that was not written, was overwritten, or is not finite
};

inline std::ostream& operator<<(std::ostream& out, const GradientReport& r) {
  out << "gradient: worst relative error " << r.worst << " at " << r.input << '[' << r.index << "]: by hand " << r.hand
      << ", by differences " << r.numeric << " (known to " << r.uncertainty << "); " << r.checked << " entries";
  if (r.kinks > 0) out << ", " << r.kinks << " on a kink";
  if (!r.fault.empty()) out << "; " << r.fault;
  return out;
}

namespace detail {

struct Slope {
  double value = 0;
  double uncertainty = std::numeric_limits<double>::infinity();
  double low = 0;  ///< the slopes to both sides, where they differ
  double high = 0;
  bool kink = false;
};

/// The derivative of `f` (of one number) at x. `at_x` is f(x).
///
/// Central differences over fourteen steps, each half of the one before, extrapolated to step zero; the entry of the
/// table that agrees best with its neighbours is the answer, and how well it agrees is its uncertainty, next to the
/// rounding of f. So a step that leaves the domain of f or crosses a kink spoils nothing as long as smaller ones do
/// not.
///
/// Ref  C. Ridders, Accurate computation of F'(x) and F'(x) F''(x), Adv. Eng. Software 4(2), 1982.
template <class F>
Slope slope(const F& f, double x, double at_x, double typical) {
  constexpr int steps = 14;
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  Slope best;
  std::array<double, steps> row{}, above{};
  std::array<double, 2> bend{};  // difference of the one-sided slopes, at the last two steps
  int usable = 0;                // steps in a row whose values were finite
  double step = 0.05 * std::max(std::abs(x), typical);
  for (int k = 0; k < steps; ++k, step /= 2) {
    // The step that is really taken, after x + step has been rounded.
    const double right = x + step, left = x - step, width = right - left;
    const double up = f(right), down = f(left);
    if (!std::isfinite(up) || !std::isfinite(down)) {
      usable = 0;
      continue;
    }
    const double rounding = epsilon * std::max({std::abs(up), std::abs(down), std::abs(at_x)}) / step;
    std::swap(row, above);
    row[0] = (up - down) / width;
    double power = 1;
    for (int m = 1; m <= usable; ++m) {
      power *= 4;
      row[m] = (power * row[m - 1] - above[m - 1]) / (power - 1);
      const double error = std::max(std::abs(row[m] - row[m - 1]), std::abs(row[m] - above[m - 1])) + rounding;
      if (error < best.uncertainty) best.value = row[m], best.uncertainty = error;
    }
    ++usable;
    const double after = (up - at_x) / (right - x), before = (at_x - down) / (x - left);
    bend = {bend[1], after - before};
    best.low = std::min(before, after);
    best.high = std::max(before, after);
    // Where f is smooth the bend halves with the step; at a kink it stays.
    best.kink = usable > 1 && std::abs(bend[1]) > 0.75 * std::abs(bend[0]) && std::abs(bend[1]) > 1e4 * rounding;
  }
  return best;
}

/// Fills `hand` by the hand gradient, with its buffers poisoned, and says what it did wrong with them.
template <class Gradient>
std::string hand_gradient(const Gradient& gradient, const GradientOptions& options, std::span<double> hand) {
  const auto first = [&](auto&& bad) {
    for (std::size_t i = 0; i < hand.size(); ++i)
      if (bad(i)) return i;
    return hand.size();
  };
  std::fill(hand.begin(), hand.end(), options.adds ? 0.0 : std::numeric_limits<double>::quiet_NaN());
  gradient(hand);
  if (const std::size_t i = first([&](std::size_t k) { return !std::isfinite(hand[k]); }); i < hand.size())
    return concat("entry ", i, " of the gradient is ", hand[i],
                  options.adds ? "" : " (the buffer held NaN before: it was not assigned)");
  if (!options.adds) return {};
  std::vector<double> before(hand.size()), after;
  Random random(options.seed);
  for (double& value : before) value = random.uniform(-1, 1);
  after = before;
  gradient(std::span<double>(after));
  // Several additions may go into one entry, in any order: a few roundings, not one.
  const auto lost = [&](std::size_t k) {
    return !(std::abs(after[k] - before[k] - hand[k]) <= 1e-9 * (std::abs(before[k]) + std::abs(hand[k])));
  };
  if (const std::size_t i = first(lost); i < hand.size())
    return concat("entry ", i, " held ", before[i], " before and ", after[i], " after: ", hand[i], " was not added");
  return {};
}

template <class Value, class Gradient>
GradientReport check_gradient(const Value& value, const Gradient& gradient, const GradientOptions& options,
                              std::span<const Input> inputs) {
  std::size_t total = 0;
  for (const Input& input : inputs) total += input.values.size();
  if (total == 0) throw Error("check::gradient: there are no inputs to differentiate by");
  std::vector<double> x, hand(total);
  for (const Input& input : inputs) x.insert(x.end(), input.values.begin(), input.values.end());

  const double at_x = value(std::span<const double>(x));
  GradientReport report;
  const auto failed = [&](std::string why) {
    report.worst = std::numeric_limits<double>::infinity();
    report.fault = std::move(why);
    return report;
  };
  if (!std::isfinite(at_x)) return failed(concat("the value is ", at_x));
  const auto write = [&](std::span<double> buffer) { gradient(std::span<const double>(x), buffer); };
  std::string fault = hand_gradient(write, options, std::span<double>(hand));
  if (!fault.empty()) return failed(std::move(fault));

  struct Checked {
    std::size_t input, index, place;
    Slope slope;
  };
  std::vector<Checked> list;
  Random random(options.seed);
  for (std::size_t k = 0, start = 0; k < inputs.size(); start += inputs[k++].values.size()) {
    std::vector<std::size_t> order(inputs[k].values.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    if (options.entries > 0 && options.entries < order.size()) {
      for (std::size_t i = 0; i < options.entries; ++i) std::swap(order[i], order[i + random.below(order.size() - i)]);
      order.resize(options.entries);
    }
    for (const std::size_t i : order) list.push_back({k, i, start + i, {}});
  }
  double largest = 0;
  for (Checked& c : list) {
    const double here = x[c.place];
    const auto along = [&](double moved) {
      x[c.place] = moved;
      return static_cast<double>(value(std::span<const double>(x)));
    };
    c.slope = slope(along, here, at_x, options.typical);
    x[c.place] = here;
    largest = std::max({largest, std::abs(hand[c.place]), std::abs(c.slope.value)});
  }
  report.worst = -1;
  for (const Checked& c : list) {
    const double by_hand = hand[c.place];
    const double numeric = c.slope.kink ? std::clamp(by_hand, c.slope.low, c.slope.high) : c.slope.value;
    const double scale =
        std::max({std::abs(by_hand), std::abs(numeric), options.floor * largest, std::numeric_limits<double>::min()});
    // Written so that a NaN counts as the worst.
    const double error = std::isfinite(c.slope.uncertainty) ? std::abs(by_hand - numeric) / scale
                                                            : std::numeric_limits<double>::infinity();
    ++report.checked;
    report.kinks += c.slope.kink;
    if (error <= report.worst) continue;
    report.worst = error;
    report.input = inputs[c.input].name;
    report.index = c.index;
    report.hand = by_hand;
    report.numeric = numeric;
    report.uncertainty = c.slope.uncertainty / scale;
  }
  if (std::isinf(report.worst)) report.fault = "the value is not finite around there";
  return report;
}

}  // namespace detail

/// Compares a gradient written by hand with central differences, entry by entry, in double.
///
///     value(x) -> a number                     x is std::span<const double>
///     gradient(x, dx)                          writes d value / d x to dx, a std::span<double>
///
/// The buffer that `gradient` gets is poisoned, so an entry it does not write is found out; with `adds`, one it
/// overwrites. About thirty calls of value() for each entry. Throws Error where x is empty.
template <class Value, class Gradient>
GradientReport gradient(const Value& value, const Gradient& gradient, std::span<const double> x,
                        const GradientOptions& options = {}) {
  const Input input{"", x};
  return detail::check_gradient(value, gradient, options, std::span<const Input>(&input, 1));
}
template <class Value, class Gradient>
GradientReport gradient(const Value& value, const Gradient& gradient, const std::vector<double>& x,
                        const GradientOptions& options = {}) {
  return check::gradient(value, gradient, std::span<const double>(x), options);
}

/// The same for a function of several inputs: value(x, y, ...) and gradient(x, y, ..., dx, dy, ...).
///
///     check::gradient(value, gradient, {.adds = true}, check::Input{"z", z}, check::Input{"x", x})
template <class Value, class Gradient, class... Inputs>
requires(sizeof...(Inputs) > 0 && (std::is_same_v<Inputs, Input> && ...)) GradientReport
    gradient(const Value& value, const Gradient& gradient, const GradientOptions& options, const Inputs&... inputs) {
  const std::array<Input, sizeof...(Inputs)> all{inputs...};
  // Where each input begins in the one long vector that is differentiated by.
  std::array<std::size_t, sizeof...(Inputs)> start{};
  for (std::size_t k = 1; k < all.size(); ++k) start[k] = start[k - 1] + all[k - 1].values.size();
  const auto part = [&](auto whole, std::size_t k) { return whole.subspan(start[k], all[k].values.size()); };
  return [&]<std::size_t... K>(std::index_sequence<K...>) {
    return detail::check_gradient(
        [&](std::span<const double> x) { return value(part(x, K)...); },
        [&](std::span<const double> x, std::span<double> dx) { gradient(part(x, K)..., part(dx, K)...); }, options,
        std::span<const Input>(all));
  }
  (std::index_sequence_for<Inputs...>{});
}

}  // namespace pursuit::inline v0::check
