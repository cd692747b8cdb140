"""The tutorials' CIFAR-10 program as it stands there, for any images and optimizer.

What it takes from torchvision is written out: its dataset, which makes a picture of
Pillow for every sample, and its ``ToTensor``. Nothing is tuned: batches come from a
``DataLoader`` without workers, operations use all cores, and the loss that is summed
up drags its graph along.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset

from benchmarks.bare import Factory


def to_tensor(picture: Image.Image) -> torch.Tensor:
    """Return a picture as floats in 0 … 1, channels first: torchvision's ToTensor."""
    pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True))
    pixels = pixels.view(picture.size[1], picture.size[0], len(picture.getbands()))
    pixels = pixels.permute((2, 0, 1)).contiguous()
    return pixels.to(dtype=torch.get_default_dtype()).div(255)


class Pictures(Dataset[tuple[torch.Tensor, int]]):
    """Images and classes as torchvision's CIFAR10 holds them and hands them out."""

    def __init__(self, images: npt.NDArray[Any], classes: list[int]) -> None:
        self.data, self.targets = images, classes

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        """Return one image as a tensor, and its class."""
        picture = Image.fromarray(self.data[index])
        return to_tensor(picture), self.targets[index]

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self.data)


class Net(nn.Module):
    """The program's net."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Conv2d(3, 32, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 32, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(1024, 64),
            nn.Linear(64, 10),
        )

    def forward(self, x: torch.Tensor) -> Any:
        """Return the scores of a batch."""
        return self.model(x)


def train(dataset: Pictures, factory: Factory, *, batch: int, epochs: int = 1) -> None:
    """Run the program with an optimizer."""
    dataloader = DataLoader(dataset, batch_size=batch)
    loss = nn.CrossEntropyLoss()
    net = Net()
    optimizer = factory(list(net.parameters()))
    for _ in range(epochs):
        running_loss: Any = 0.0
        for images, targets in dataloader:
            outputs = net(images)
            result_loss = loss(outputs, targets)
            optimizer.zero_grad()
            result_loss.backward()
            optimizer.step()
            running_loss = running_loss + result_loss
