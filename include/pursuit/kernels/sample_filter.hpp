// SPDX-License-Identifier: MIT
#pragma once

#include <pursuit/core/device.hpp>
#include <pursuit/kernels/cpu/sample_filter.hpp>

namespace pursuit::inline v0::kernels {

/// Maps a device to its products. A device specialises it.
template <class T, class D>
struct SampleFilterOn;

template <class T>
struct SampleFilterOn<T, Cpu> {
  using type = cpu::SampleFilter<T>;
};

/// Products of one filter with many samples, for filters that are learned from a memory of samples:
///
///     s[i,j]     = sum_{c,p,q} w[c,p,q] x[c, i+p-k/2, j+q-k/2]          zeros outside; "same" with an even kernel too
///     g[c,p,q]  += sum_{i,j} u[i,j] x[c, i+p-k/2, j+q-k/2]
///     y[o,i,j]   = sum_c m[c,o] x[c,i,j]
///
///     SampleFilter(channels, height, width, kernel)
///     use(w)             w is the filter of responses from now on
///     look(x)            x is the sample; it must live, and stay what it is, until another one is looked at
///     respond(s)
///     collect(u, next)   adds g to what is collected; meanwhile `next`, any sample, is brought to the second cache
///     deliver(g)         g += what was collected, which is then forgotten
///     pack(plain, x, scale)   packs scale * plain
///     project(x, m, outputs, y, scale)
///
/// Layout  samples are packed: sample_size() numbers each, one after another from a 64-byte border on, (any, C, chunk);
///         unpack() undoes it.
///         Filters are (C, row) with row = k k rounded up to a multiple of 16; what fills a row up
///         is not used as a filter, and nothing is added to it. Maps are (H, W). m is (C, O) with O a multiple of 4.
/// An object has scratch memory: it serves one thread at a time.
template <class T, class D = Cpu>
using SampleFilter = typename SampleFilterOn<T, D>::type;

using cpu::add_narrow_product;

}  // namespace pursuit::inline v0::kernels
