// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/zoo/atom.hpp>
#include <pursuit/zoo/atom_filter.hpp>
#include <pursuit/zoo/cacf.hpp>
#include <pursuit/zoo/dcf_net.hpp>
#include <pursuit/zoo/dr_net.hpp>
#include <pursuit/zoo/entry.hpp>
#include <pursuit/zoo/feature_filter.hpp>
#include <pursuit/zoo/filter_tracker.hpp>
#include <pursuit/zoo/nano_track.hpp>
#include <pursuit/zoo/nano_track_branch.hpp>
#include <pursuit/zoo/registry.hpp>
#include <pursuit/zoo/siam_rpn.hpp>
#include <pursuit/zoo/siam_rpn_branch.hpp>
#include <pursuit/zoo/siamfc.hpp>
#include <pursuit/zoo/weight_files.hpp>
