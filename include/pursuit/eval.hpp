// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/eval/frame_errors.hpp>
#include <pursuit/eval/got10k.hpp>
#include <pursuit/eval/long_term.hpp>
#include <pursuit/eval/one_pass.hpp>
#include <pursuit/eval/ope.hpp>
#include <pursuit/eval/polygon.hpp>
#include <pursuit/eval/raster_overlap.hpp>
#include <pursuit/eval/robust_starts.hpp>
#include <pursuit/eval/session.hpp>
#include <pursuit/eval/speed.hpp>
#include <pursuit/eval/supervised.hpp>
#include <pursuit/eval/vot.hpp>
