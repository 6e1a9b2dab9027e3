// One launch draws some views of one program: a thread a pixel, blockIdx.y a view. The four threads of a
// quad are neighbours in their warp (lane bit 0: x, bit 1: y up), so that derivatives are shuffles.
#pragma once
#include "texture.cuh"

struct View {
  Frame frame;
  Texture channel[4];
  long long slot;  // which picture of the output is drawn
};

PH_FN unsigned char to_byte(float a) { return (unsigned char)(fminf(fmaxf(a, 0.0f), 1.0f) * 255.0f + 0.5f); }

PH_FN void write_pixel(unsigned char* out, long long slot, int width, int height, int x, int up, vec3 colour, bool channels_last = false) {
  long long plane = (long long)width * height, at = (long long)(height - 1 - up) * width + x;
  unsigned char* p = out + 3 * slot * plane + (channels_last ? 3 * at : at);
  long long step = channels_last ? 1 : plane;
  p[0] = to_byte(colour.x);
  p[step] = to_byte(colour.y);
  p[2 * step] = to_byte(colour.z);
}

// Averages samples * samples shaded points of the pixel, each rounded to nothing but its own range.
PH_FN vec3 shade(const View& view, Quad quad, int x, int up, int samples) {
  vec3 sum = {0.0f, 0.0f, 0.0f};
  for (int i = 0; i < samples * samples; i++) {
    float step = 1.0f / (float)samples;
    float dx = ((float)(i % samples) + 0.5f) * step, dy = ((float)(i / samples) + 0.5f) * step;
    glsl::Program program = {view.frame, view.channel, quad, {(float)x + dx, (float)up + dy, 0.5f, 1.0f}, {}, false};
    program.run();
    if (!program.killed)
      sum = sum + vec3{fminf(fmaxf(program.colour.x, 0.0f), 1.0f), fminf(fmaxf(program.colour.y, 0.0f), 1.0f), fminf(fmaxf(program.colour.z, 0.0f), 1.0f)};
  }
  return sum * (1.0f / (float)(samples * samples));
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
};

// 16 x 8 pixels a block, 8 x 4 a warp: neighbours tend to take the same branches.
extern "C" __global__ void __launch_bounds__(128) ph_render(const __grid_constant__ Launch launch) {
#if PH_VIEWS
  const View& view = launch.view[PH_VIEWS == 1 ? 0 : blockIdx.y];
#else
  const View& view = launch.views[blockIdx.y];
#endif
  int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, across = (launch.width + 15) / 16;
  int x = (blockIdx.x % across) * 16 + (warp & 1) * 8 + ((lane >> 2) & 3) * 2 + (lane & 1);
  int up = (blockIdx.x / across) * 8 + (warp >> 1) * 4 + (lane >> 4) * 2 + ((lane >> 1) & 1);
  vec3 colour = shade(view, Quad{lane}, x, up, launch.samples);  // outside pixels, too: they are neighbours
  if (x < launch.width && up < launch.height)
    write_pixel(launch.out, view.slot, launch.width, launch.height, x, up, colour, launch.channels_last);
}
#endif
