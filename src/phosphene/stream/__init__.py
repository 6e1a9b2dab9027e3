"""Endless, resumable sequences of rendered batches."""

from phosphene.stream.batch import Batch
from phosphene.stream.quarantine import Quarantined
from phosphene.stream.state import merge_states
from phosphene.stream.stream import Stream, Throughput

__all__ = ["Batch", "Quarantined", "Stream", "Throughput", "merge_states"]
