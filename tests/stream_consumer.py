"""A process that consumes a stream: each sample's hash to a log, the stream's state to a file.

    python stream_consumer.py FOLDER ENGINE [batch_size=7] [workers=1] [limit=100] [size=16] [mix=2] [delay=0]
        [pause=0]

ENGINE is "hash" (the fake) or "opengl", which draws the programs of FOLDER/bank.db. It goes on from
FOLDER/state.json where there is one. On Ctrl-C it writes FOLDER/stopped.json and exits with 130.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path

from phosphene.bank.bank import Bank
from phosphene.engines import open_engine
from phosphene.stream import Batch, Stream
from stream_fakes import HashEngine, selection


def sample_hashes(batch: Batch) -> dict[int, str]:
    """Sample number → hash of its views, parts and weights."""
    found = {}
    for row, index in enumerate(batch.index.tolist()):
        tensors = (batch.views[:, row], batch.parts[row], batch.weights[row])
        data = b"".join(tensor.contiguous().numpy().tobytes() for tensor in tensors)
        found[index] = hashlib.blake2b(data, digest_size=8).hexdigest()
    return found


def open_stream(folder: Path, engine: str, settings: dict[str, float]) -> Stream:
    """The stream of the command line."""
    workers, delay = int(settings.pop("workers", 1)), settings.pop("delay", 0.0)
    chosen = {"batch_size": 7, "size": 16, "mix": 2} | {k: int(v) for k, v in settings.items()}
    if engine == "hash":
        return Stream(selection(30), engine=HashEngine(workers, delay=delay), **chosen)
    bank = Bank.open(folder / "bank.db")
    opened = open_engine("opengl", bank.modules, gpu=False, workers=workers)
    return Stream(bank, engine=opened, **chosen)


def save(path: Path, state: object) -> None:
    """Replaces a file at once, so that a kill leaves the old or the new one."""
    path.with_suffix(".new").write_text(json.dumps(state))
    os.replace(path.with_suffix(".new"), path)


def main(folder: Path, engine: str, *options: str) -> int:
    # A shell's background jobs, and what they start, ignore Ctrl-C unless told otherwise.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings = {name: float(value) for name, value in (option.split("=") for option in options)}
    pause = settings.pop("pause", 0.0)
    stream = open_stream(folder, engine, settings)
    state = folder / "state.json"
    if state.exists():
        stream.load_state_dict(json.loads(state.read_text()))
    try:
        with (folder / "log").open("a") as log:
            for batch in stream:
                for index, value in sample_hashes(batch).items():
                    print(index, value, file=log, flush=True)
                save(state, stream.state_dict())
                time.sleep(pause)
    except KeyboardInterrupt:
        save(folder / "stopped.json", stream.state_dict())
        return 130
    finally:
        stream.close()
        stream.engine.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
