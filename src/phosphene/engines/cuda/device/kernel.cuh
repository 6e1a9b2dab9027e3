// One launch draws some views of one program: a thread a pixel, blockIdx.z a view. The four threads of a
// quad are neighbours in their warp (lane bit 0: x, bit 1: y up), so that derivatives are shuffles.
#pragma once
#include "derivatives.cuh"

struct View {
  Frame frame;
  Texture channel[4];
  long long slot;  // which picture of the output is drawn
};

PH_FN unsigned char to_byte(float a) {
  int byte;
  glsl::nearest(glsl::saturate(a) * 255.0f, byte);
  return (unsigned char)byte;
}

PH_FN void write_pixel(unsigned char* out, long long slot, int width, int height, int x, int up, vec3 colour, bool channels_last = false) {
  long long plane = (long long)width * height, at = (long long)(height - 1 - up) * width + x;
  unsigned char* p = out + 3 * slot * plane + (channels_last ? 3 * at : at);
  long long step = channels_last ? 1 : plane;
  p[0] = to_byte(colour.x);
  p[step] = to_byte(colour.y);
  p[2 * step] = to_byte(colour.z);
}

// The colour at a point of the canvas, in [0, 1]; black where the program draws nothing.
// A program whose literals are parameters reads by how much they deviate from `family`.
PH_FN vec3 shade(const View& view, const Family* family, Quad quad, float x, float up) {
  glsl::Program program = {view.frame, view.channel, quad, {x, up, 0.5f, 1.0f}, {}, false};
#ifdef PH_FAMILY
  program.family = family;
#endif
  program.run();
  if (program.killed) return {0.0f, 0.0f, 0.0f};
  return {glsl::saturate(program.colour.x), glsl::saturate(program.colour.y), glsl::saturate(program.colour.z)};
}

// A pixel: the mean of samples * samples points. Kernels that draw one point have no loop: the compiler would compute
// ahead of it what the points share, in registers that it then lacks.
PH_FN vec3 draw_pixel(const View& view, const Family* family, Quad quad, int x, int up, int samples) {
#ifdef PH_SAMPLED
  vec3 sum = {0.0f, 0.0f, 0.0f};
  float step = 1.0f / (float)samples;
#pragma unroll 1
  for (int i = 0; i < samples; i++)
#pragma unroll 1
  for (int j = 0; j < samples; j++)
    sum = sum + shade(view, family, quad, (float)x + ((float)j + 0.5f) * step, (float)up + ((float)i + 0.5f) * step);
  return sum * (1.0f / (float)(samples * samples));
#else
  return shade(view, family, quad, (float)x + 0.5f, (float)up + 0.5f);
#endif
}

#ifdef __CUDACC__
#ifndef PH_VIEWS
#define PH_VIEWS 0
#endif

// What a launch draws. Its views travel with it, in the constant bank, where every thread reads them
// without a load; with PH_VIEWS = 0 they are looked up in global memory instead.
struct Launch {
  unsigned char* out;
  const View* views;
  int width, height, samples, channels_last;
#if PH_VIEWS
  View view[PH_VIEWS];
#endif
#if PH_VIEWS && defined(PH_FAMILY)
  Family family[PH_VIEWS];  // behind everything: other programs are launched with the same bytes
#elif defined(PH_FAMILY)
  const Family* families;
#endif
};

// Blocks that a multiprocessor holds at a time, at least: at most 64 registers a thread, which is a little faster than
// 128 though some programs spill. Large programs wait for their own text, so that more blocks help though more spill.
// Where samples share what is computed ahead of them, it is 128 registers.
#if defined(PH_SAMPLED)
#define PH_BLOCKS 4
#elif PH_LARGE
#define PH_BLOCKS 12
#else
#define PH_BLOCKS 8
#endif

// 16 x 8 pixels a block, 8 x 4 a warp: neighbours tend to take the same branches.
extern "C" __global__ void __launch_bounds__(128, PH_BLOCKS) ph_render(const __grid_constant__ Launch launch) {
#if PH_VIEWS
  const View& view = launch.view[PH_VIEWS == 1 ? 0 : blockIdx.z];
#else
  const View& view = launch.views[blockIdx.z];
#endif
#if PH_VIEWS && defined(PH_FAMILY)
  const Family* family = &launch.family[PH_VIEWS == 1 ? 0 : blockIdx.z];
#elif defined(PH_FAMILY)
  const Family* family = launch.families + blockIdx.z;
#else
  const Family* family = nullptr;
#endif
  int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  int x = blockIdx.x * 16 + (warp & 1) * 8 + ((lane >> 2) & 3) * 2 + (lane & 1);
  int up = blockIdx.y * 8 + (warp >> 1) * 4 + (lane >> 4) * 2 + ((lane >> 1) & 1);
  vec3 colour = draw_pixel(view, family, Quad{lane}, x, up, launch.samples);  // outside pixels, too: they are neighbours
  if (x < launch.width && up < launch.height)
    write_pixel(launch.out, view.slot, launch.width, launch.height, x, up, colour, launch.channels_last);
}
#endif
