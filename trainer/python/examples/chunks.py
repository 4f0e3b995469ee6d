"""A frozen data set: a file of token ids, concatenated and cut into chunks."""

import numpy
import torch
from torch.utils.data import Dataset


class Chunks(Dataset):
    def __init__(self, path: str, length: int) -> None:
        self.ids = numpy.memmap(path, dtype=numpy.uint16, mode="r")
        self.length = length

    def __len__(self) -> int:
        return (len(self.ids) - 1) // self.length

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        chunk = self.ids[index * self.length : (index + 1) * self.length + 1].astype(numpy.int64)
        return torch.from_numpy(chunk[:-1]), torch.from_numpy(chunk[1:])
