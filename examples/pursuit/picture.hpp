// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/box.hpp>
#include <pursuit/core/image.hpp>

#include <array>
#include <cstdint>

using Colour = std::array<std::uint8_t, 3>;  ///< red, green, blue

/// A smaller copy: each pixel is the mean of those it covers. Sides above the picture's are cut to them.
pursuit::Image shrink(const pursuit::ImageView& image, int width, int height);

/// A copy in RGB.
pursuit::Image to_rgb(const pursuit::ImageView& image);

/// Draws the outline of `box`, `thickness` pixels wide, into an RGB picture; parts outside are left out.
void draw_box(pursuit::Image& image, const pursuit::Box& box, Colour colour, int thickness);
