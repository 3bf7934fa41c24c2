// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/io/atomic_file.hpp>
#include <pursuit/io/file_bytes.hpp>
#include <pursuit/io/image_file.hpp>
#include <pursuit/io/image_limits.hpp>
#include <pursuit/io/jpeg.hpp>
#include <pursuit/io/mapped_file.hpp>
#include <pursuit/io/number_table.hpp>
#include <pursuit/io/pickle.hpp>
#include <pursuit/io/png.hpp>
#include <pursuit/io/pth.hpp>
#include <pursuit/io/region.hpp>
#include <pursuit/io/results.hpp>
#include <pursuit/io/safetensors.hpp>
#include <pursuit/io/tensor_file.hpp>
#include <pursuit/io/tensor_table.hpp>
#include <pursuit/io/trax.hpp>
#include <pursuit/io/weights.hpp>
#include <pursuit/io/zip.hpp>
