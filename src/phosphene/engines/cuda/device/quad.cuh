// The exchange of values between the four threads of a quad on the GPU.
#pragma once
#include "vectors.cuh"

// Turns of a loop that are computed side by side, one a thread of the block (emitter/sharing.py).
#define PH_TURNS 128
#define PH_SHARED __shared__
#define PH_MEET() __syncthreads()
#define PH_EACH_TURN(NAME) if (const int NAME = (int)threadIdx.x; true)

struct Quad {
  int lane;
  PH_FN bool has(int bit) const { return lane & bit; }
  // The neighbour's value; our own where the neighbour is not here.
  PH_FN float exchange(float a, int bit) const {
    unsigned here = __activemask();
    float b = __shfl_sync(here, a, lane ^ bit);
    return (here >> (lane ^ bit)) & 1u ? b : a;
  }
};
