"""PyTorch client of Dyadic.

>>> import dyadic
>>> dataset = dyadic.Dataset("pretrain", sampler="127.0.0.1:7070")
>>> for batch in dataset:
...     loss = model(batch.inputs, batch.targets)
"""

from dyadic._batch import Batch, MappedBatch, Position
from dyadic._client import Client, connect
from dyadic._dataset import Dataset
from dyadic._errors import (
    AccessDenied,
    CheckpointMismatch,
    DataLoss,
    DyadicError,
    EndOfRun,
    InvalidRequest,
    NotReady,
    OutOfOrder,
    RunNotFound,
)
from dyadic._packed import PackedBatch
from dyadic._types import Bounded, Document, Explanation, Live, Mixture, Published, Run, Sequence, Traced, Use

__all__ = [
    "AccessDenied",
    "Batch",
    "Bounded",
    "CheckpointMismatch",
    "Client",
    "DataLoss",
    "Dataset",
    "Document",
    "DyadicError",
    "EndOfRun",
    "Explanation",
    "InvalidRequest",
    "Live",
    "MappedBatch",
    "Mixture",
    "NotReady",
    "OutOfOrder",
    "PackedBatch",
    "Position",
    "Published",
    "Run",
    "RunNotFound",
    "Sequence",
    "Traced",
    "Use",
    "connect",
]
