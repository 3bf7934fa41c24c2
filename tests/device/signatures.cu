// SPDX-License-Identifier: MIT
// Device code sees what a kernel's signature is made of: core/, concepts/ and the kernels' headers. Compiled by nvcc;
// run, it works on a GPU where there is one and says so where there is none.
#include <pursuit/concepts.hpp>
#include <pursuit/core.hpp>
// All kernels but those that compile networks for the processor: nvcc 13's front end stops at their vector code.
#include <pursuit/kernels/augment.hpp>
#include <pursuit/kernels/complex_fft.hpp>
#include <pursuit/kernels/crop.hpp>
#include <pursuit/kernels/cross_correlation.hpp>
#include <pursuit/kernels/fft.hpp>
#include <pursuit/kernels/hog.hpp>
#include <pursuit/kernels/layer_options.hpp>
#include <pursuit/kernels/lrn.hpp>
#include <pursuit/kernels/network_definition.hpp>
#include <pursuit/kernels/peak.hpp>
#include <pursuit/kernels/pooling.hpp>
#include <pursuit/kernels/spectra.hpp>
#include <pursuit/kernels/upsample.hpp>
#include <pursuit/kernels/window.hpp>

#include <cuda_runtime.h>

#include <cstdio>
#include <type_traits>
#include <vector>

using pursuit::Cuda;
using pursuit::Index;
using pursuit::TensorView;

// A kernel takes views by value, indexes them, and takes sub-tensors.
__global__ void add_rows(TensorView<const float, 2, Cuda> x, TensorView<float, 1, Cuda> sum) {
  const Index row = blockIdx.x * blockDim.x + threadIdx.x;
  if (row >= x.shape[0]) return;
  float total = 0;
  for (Index column = 0; column < x.shape[1]; ++column) total += x(row, column);
  sum(row) = total;
}

// The host function in front of it: the device is a part of the type, so the overload is chosen at compile time.
int add_rows_on(TensorView<const float, 2, pursuit::Cpu>, TensorView<float, 1, pursuit::Cpu>) { return 1; }
int add_rows_on(TensorView<const float, 2, Cuda> x, TensorView<float, 1, Cuda> sum) {
  add_rows<<<static_cast<unsigned>((x.shape[0] + 63) / 64), 64>>>(x, sum);
  return cudaDeviceSynchronize() == cudaSuccess ? 0 : 2;
}

static_assert(pursuit::Device<Cuda>);
static_assert(std::is_trivially_copyable_v<TensorView<float, 4, Cuda>>);
static_assert(!std::is_convertible_v<TensorView<float, 4, Cuda>, TensorView<float, 4>>);

int main() {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::puts("skipped: compiled, but there is no GPU to run on");
    return 0;
  }
  const Index rows = 100, columns = 37;
  std::vector<float> host(rows * columns), sums(rows);
  for (Index i = 0; i < rows * columns; ++i) host[i] = static_cast<float>(i % 11);
  float* memory = nullptr;
  if (cudaMalloc(&memory, (rows * columns + rows) * sizeof(float)) != cudaSuccess) return 2;
  cudaMemcpy(memory, host.data(), host.size() * sizeof(float), cudaMemcpyHostToDevice);
  if (add_rows_on(TensorView<const float, 2, Cuda>(memory, {rows, columns}),
                  TensorView<float, 1, Cuda>(memory + rows * columns, {rows})) != 0)
    return 2;
  cudaMemcpy(sums.data(), memory + rows * columns, rows * sizeof(float), cudaMemcpyDeviceToHost);
  cudaFree(memory);
  for (Index r = 0; r < rows; ++r) {
    float expected = 0;
    for (Index c = 0; c < columns; ++c) expected += host[r * columns + c];
    if (sums[r] != expected) return 1;  // whole numbers below 2^24: exact in float
  }
  std::puts("ran on the GPU");
  return 0;
}
