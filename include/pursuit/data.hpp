// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/data/annotation.hpp>
#include <pursuit/data/attributes.hpp>
#include <pursuit/data/dataset.hpp>
#include <pursuit/data/frame_list.hpp>
#include <pursuit/data/frame_reader.hpp>
#include <pursuit/data/frame_source.hpp>
#include <pursuit/data/mask.hpp>
#include <pursuit/data/open_sequence.hpp>
#include <pursuit/data/sequence.hpp>
#include <pursuit/data/stills.hpp>
