// Draws whole views on the host, quad by quad; the counterpart of ph_render in kernel.cuh.
#pragma once
#include "host.hpp"
#include "kernel.cuh"

struct Job {
  const View* view;
  const Family* family;
  unsigned char* out;
  int x, up, width, height, samples;
  Quad quad;
  bool done;
};

static void draw(unsigned low, unsigned high) {
  Job* job = (Job*)(((unsigned long long)high << 32) | low);
  vec3 colour = draw_pixel(*job->view, job->family, job->quad, job->x, job->up, job->samples);
  if (job->x < job->width && job->up < job->height)
    write_pixel(job->out, job->view->slot, job->width, job->height, job->x, job->up, colour);
  job->quad.meeting->arriving[job->quad.lane] = {nullptr, 0.0f};
  job->done = true;
}

static void start(Meeting& meeting, Job& job, char* stack, size_t size) {
  ucontext_t& lane = meeting.lane[job.quad.lane];
  unsigned long long address = (unsigned long long)&job;
  getcontext(&lane);
  lane.uc_stack.ss_sp = stack;
  lane.uc_stack.ss_size = size;
  lane.uc_link = &meeting.driver;
  makecontext(&lane, (void (*)())draw, 2, (unsigned)address, (unsigned)(address >> 32));
}

// Round by round, every lane runs to its next exchange; what they brought is then what they meet.
static void draw_quad(Meeting& meeting, Job* jobs, std::vector<char>& stacks) {
  for (long& count : meeting.meetings) count = 0;
  for (int i = 0; i < 4; i++) start(meeting, jobs[i], stacks.data() + i * (stacks.size() / 4), stacks.size() / 4);
  while (!(jobs[0].done && jobs[1].done && jobs[2].done && jobs[3].done)) {
    for (int i = 0; i < 4; i++)
      if (!jobs[i].done) swapcontext(&meeting.driver, &meeting.lane[i]);
    for (int i = 0; i < 4; i++) meeting.met[i] = meeting.arriving[i];
  }
}

// Returns how many pixels met the others of their view at another number of places than its first: on a GPU they would
// wait for each other in vain.
extern "C" long ph_render_host(const View* views, unsigned char* out, int count, int width, int height, int samples, const void* families) {
  Meeting meeting;
  std::vector<char> stacks(4 << 20);
  long apart = 0;
  for (int v = 0; v < count; v++) {
    long expected = -1;
#ifdef PH_FAMILY
    const Family* family = (const Family*)families + v;
#else
    const Family* family = nullptr;
#endif
    for (int up = 0; up < height; up += 2)
      for (int x = 0; x < width; x += 2) {
        Job jobs[4];
        for (int i = 0; i < 4; i++)
          jobs[i] = Job{&views[v], family, out, x + (i & 1), up + (i >> 1), width, height, samples, Quad{&meeting, i}, false};
        draw_quad(meeting, jobs, stacks);
        if (expected < 0) expected = meeting.meetings[0];
        for (long met : meeting.meetings) apart += met != expected;
      }
  }
  return apart;
}
