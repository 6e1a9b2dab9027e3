"""The paper's way on the same programs: called by cuda_throughput.py, in a process without CUDA.

python benchmarks/cuda_paper.py PACK IDS.json ANSWER.json SECONDS
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import moderngl
import numpy as np
from direct import Direct, author_text
from module_pack import Pack

from phosphene.views import Latent, RenderRequest, View

SIZE = 256


def main() -> None:
    """Compiles for at most so many seconds, then draws for as many."""
    pack = Pack.read(Path(sys.argv[1]))
    ids = json.loads(Path(sys.argv[2]).read_text())
    budget = float(sys.argv[4])
    direct = Direct(SIZE, SIZE)
    began = time.perf_counter()
    ready, refused = [], 0
    for i in ids:
        program = pack.program(i)
        try:
            array = direct.compile(author_text(program))
        except (moderngl.Error, ValueError):
            refused += 1
            continue
        request = RenderRequest.of([View(i, Latent(3.0), (float(SIZE), float(SIZE)))], SIZE)
        direct.draw(array, program, request)
        ready.append((array, program, request))
        if time.perf_counter() - began > budget and len(ready) >= 10:
            break
    rng = np.random.default_rng(0)
    began, images = time.perf_counter(), 0
    while time.perf_counter() - began < budget:
        direct.draw(*ready[int(rng.integers(len(ready)))])
        images += 1
    rate = images / (time.perf_counter() - began)
    answer = {
        "rate": rate,
        "programs": len(ready),
        "refused": refused,
        "renderer": direct.context.info["GL_RENDERER"],
    }
    Path(sys.argv[3]).write_text(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)  # some drivers hang when a context is torn down


if __name__ == "__main__":
    main()
