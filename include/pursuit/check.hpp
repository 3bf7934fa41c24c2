// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/check/archetypes.hpp>
#include <pursuit/check/gradient.hpp>
#include <pursuit/check/noise.hpp>
#include <pursuit/check/rendered.hpp>
#include <pursuit/check/rendered_frames.hpp>
#include <pursuit/check/scene.hpp>
#include <pursuit/check/scenes.hpp>
#include <pursuit/check/texture.hpp>
