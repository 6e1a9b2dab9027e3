"""The files of a run: `config.yaml`, `record.jsonl`, `checkpoints/` and TensorBoard events.

Whoever reads a run reads these and nothing else. The record has one line an event and survives a kill at
any moment: a torn last line is skipped by readers and closed by the next writer.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import logging
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from phosphene.closing import Closing
from phosphene.errors import PhospheneError, UsageError

CONFIG = "config.yaml"
RECORD = "record.jsonl"
CHECKPOINTS = "checkpoints"

PROGRAMS = "image programs"
"""What a backbone saw that was pretrained on a bank."""

Event = dict[str, Any]

log = logging.getLogger(__name__)

_NONE = object()
"""In place of a writer of TensorBoard events that failed."""


class Run(Closing):
    """A directory that holds one run; use `Run.create` to write to it and `Run.open` to read it."""

    def __init__(self, directory: Path, config: Mapping[str, Any]) -> None:
        self.directory = directory
        self.config = dict(config)
        self._writer: Any = None
        self._lock: int | None = None

    @property
    def name(self) -> str:
        """The last part of the directory."""
        return self.directory.resolve().name

    @property
    def checkpoints(self) -> Path:
        """Where the checkpoints lie."""
        return self.directory / CHECKPOINTS

    @classmethod
    def create(
        cls,
        directory: Path,
        config: Mapping[str, Any],
        resume: bool = False,
        free: Sequence[str] = (),
        usual: Mapping[str, Any] | None = None,
    ) -> Run:
        """Starts a run, or continues one, and keeps other processes out of it until `close`.

        Args:
            directory: `runs/NAME`.
            config: everything that was decided, as plain values (mappings, lists, numbers, strings).
            resume: the run exists and goes on; its configuration must be equal. A run that does not
                exist is started, and one that ended before it began to train is started anew: nothing is lost.
            free: dotted paths of entries that may differ, with all below them, when it is resumed.
            usual: the values of entries that a run of an older version, which did not have them, lacks.

        Raises:
            UsageError: the run exists and `resume` is False, or its configuration is another; the directory is
                somebody else's, or a run's that lost its configuration.
            PhospheneError: the directory cannot be written, or another process writes to the run.
        """
        config = json.loads(json.dumps(config))
        run = cls(directory, config)
        run._check_ours()
        try:
            run.checkpoints.mkdir(parents=True, exist_ok=True)
            run._take_lock()
        except OSError as error:
            raise PhospheneError(f"cannot make the run {directory}: {error.strerror}") from error
        try:
            found = cls.open(directory) if (directory / CONFIG).exists() else None
            if found is None or not found.began:
                (directory / RECORD).unlink(missing_ok=True)
                text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
                write_atomically(directory / CONFIG, text.encode())
            elif resume:
                _check_equal(directory, _completed(found.config, usual or {}), config, free)
            else:
                raise UsageError(
                    f"the run {directory} exists already; continue it with --resume, or give another --run"
                )
        except OSError as error:
            run.close()
            raise PhospheneError(f"cannot write {directory / CONFIG}: {error.strerror}") from error
        except PhospheneError:
            run.close()
            raise
        return run

    @classmethod
    def open(cls, directory: Path) -> Run:
        """An existing run, to read. Raises UsageError where there is none, PhospheneError if it is torn."""
        path = directory / CONFIG
        if not path.is_file():
            raise UsageError(f"{directory} is not a run: it has no {CONFIG}")
        try:
            config = yaml.safe_load(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise PhospheneError(f"cannot read {path}: {error}") from error
        if not isinstance(config, dict):
            raise PhospheneError(f"{path} must hold a mapping; restore it or start another run")
        return cls(directory, config)

    @property
    def began(self) -> bool:
        """Whether it trained, or at least was about to: what it is made of fits together."""
        kept = self.checkpoints.is_dir() and any(self.checkpoints.iterdir())
        return kept or any(event.get("event") != "engine" for event in self.events())

    def _check_ours(self) -> None:
        """Raises UsageError where starting a run would replace what no run wrote, or what is left of one."""
        configured, was_run = (self.directory / CONFIG).exists(), self.checkpoints.is_dir()
        if configured and not was_run and not (self.directory / RECORD).exists():
            raise UsageError(
                f"{self.directory / CONFIG} is no run's; give another name or directory for the run"
            )
        if not configured and self.began:
            raise UsageError(
                f"{self.directory} holds checkpoints or a record, but no {CONFIG}: put that back, or give another name "
                "or directory for the run"
            )

    def _take_lock(self) -> None:
        self._lock = os.open(self.directory / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            self._lock = None
            raise PhospheneError(
                f"another process is writing to the run {self.directory}"
            ) from error

    def append(self, event: str, **fields: Any) -> None:
        """Adds a line to the record and waits until it is on the disk.

        Args:
            event: its kind: "started", "resumed", "metrics", "checkpoint", "quarantine",
                "evaluation", "finished" …
            fields: plain values; numbers that are not finite are stored as null.
        """
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
        line = json.dumps(finite({"event": event, "time": now, **fields}), ensure_ascii=False)
        try:
            with open(self.directory / RECORD, "ab+") as file:
                file.write(_closing_newline(file) + line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            path = self.directory / RECORD
            raise PhospheneError(f"cannot write to {path}: {error.strerror}") from error

    def events(self, *kinds: str) -> Iterator[Event]:
        """The record's events in order, of the given kinds or all; torn lines are skipped."""
        try:
            text = (self.directory / RECORD).read_text("utf-8", "replace")
        except FileNotFoundError:
            return
        for line in text.split("\n"):  # not `splitlines`: texts in it may hold other ends of lines
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and (not kinds or event.get("event") in kinds):
                yield event

    def metrics(self) -> list[Event]:
        """The metrics along the path that led to the present: after a resume at step n, what an
        interrupted attempt had recorded beyond n is left out."""
        kept: list[Event] = []
        for event in self.events("metrics", "resumed"):
            if event["event"] == "resumed":
                kept = [metric for metric in kept if metric["step"] <= event["step"]]
            else:
                kept.append(event)
        return kept

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Adds numbers to the TensorBoard events; those beyond the first step of a resume are purged.

        Where they cannot be written (a full disk), that is said once: the record has the same numbers.
        """
        if self._writer is _NONE:
            return
        try:
            if self._writer is None:
                from torch.utils.tensorboard import SummaryWriter

                self._writer = SummaryWriter(str(self.directory), purge_step=step)
            for name, value in values.items():
                self._writer.add_scalar(name, value, step)
        except OSError as error:
            self._without_events(error)

    def _without_events(self, error: OSError) -> None:
        log.warning("no TensorBoard events in %s: %s", self.directory, error.strerror or error)
        self._writer = _NONE

    def close(self) -> None:
        """Flushes the TensorBoard events and lets other processes in."""
        if self._writer is not None and self._writer is not _NONE:
            try:
                self._writer.close()
            except OSError as error:
                self._without_events(error)
        self._writer = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class FollowedRun(Run):
    """A run that another process writes: what is recorded here is left to that one."""

    def append(self, event: str, **fields: Any) -> None:
        """Does nothing."""

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """Does nothing."""


def seen(config: Mapping[str, Any]) -> str:
    """What a run shows, by its configuration: PROGRAMS, or the source in their place; empty where it does not say."""
    data = config.get("data", {})
    return str(data.get("source") or "") or (PROGRAMS if data.get("bank") else "")


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file such that a reader, or a kill, meets the old content or the new, never a part.

    Links are followed. What is no file (a pipe, a device) is written as it stands.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    path = path.resolve()
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with open(partial, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Makes renames inside a directory survive a loss of power."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def first_difference(old: Any, new: Any, path: str = "") -> tuple[str, Any, Any] | None:
    """Where two trees of plain values differ first: the dotted path and both values; None if equal."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            found = first_difference(old.get(key), new.get(key), f"{path}.{key}".lstrip("."))
            if found:
                return found
        return None
    return None if old == new else (path, old, new)


def _check_equal(
    directory: Path, old: Mapping[str, Any], new: Mapping[str, Any], free: Sequence[str]
) -> None:
    difference = first_difference(without(old, free), without(new, free))
    if difference:
        path, before, now = difference
        raise UsageError(
            f"the run {directory} was started with {path} = {before!r}, now it is {now!r}; "
            "a resumed run keeps its configuration: give the same, or take another name or directory"
        )


def _completed(config: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    """A tree of mappings with the usual values of entries that it lacks."""
    tree = {**usual, **config}
    for name, value in usual.items():
        own = tree[name]
        if isinstance(value, Mapping) and isinstance(own, Mapping):
            tree[name] = _completed(own, value)
    return tree


def without(config: Mapping[str, Any], paths: Sequence[str]) -> dict[str, Any]:
    """A copy of a tree of mappings, less the entries at the dotted paths."""
    copy: dict[str, Any] = json.loads(json.dumps(config))
    for path in paths:
        *parents, last = path.split(".")
        inner: Any = copy
        for name in parents:
            inner = inner.get(name, {}) if isinstance(inner, dict) else {}
        if isinstance(inner, dict):
            inner.pop(last, None)
    return copy


def _closing_newline(file: Any) -> bytes:
    """A newline where the last writer was killed in the middle of a line."""
    if file.seek(0, os.SEEK_END) == 0:
        return b""
    file.seek(-1, os.SEEK_END)
    return b"" if file.read(1) == b"\n" else b"\n"


def finite(value: Any) -> Any:
    """A value with None in place of every number in it that is not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
