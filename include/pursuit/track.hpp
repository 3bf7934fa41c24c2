// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/track/any_tracker.hpp>
#include <pursuit/track/atom_region.hpp>
#include <pursuit/track/context_region.hpp>
#include <pursuit/track/filled_squares.hpp>
#include <pursuit/track/padded_region.hpp>
#include <pursuit/track/pysot_region.hpp>
#include <pursuit/track/search_region.hpp>
#include <pursuit/track/stages.hpp>
#include <pursuit/track/tracker.hpp>
#include <pursuit/track/updated_template.hpp>
#include <pursuit/track/warped_region.hpp>
