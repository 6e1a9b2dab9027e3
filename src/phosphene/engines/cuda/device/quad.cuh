// The exchange of values between the four threads of a quad on the GPU.
#pragma once
#include "vectors.cuh"

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
