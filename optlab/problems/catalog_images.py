"""Catalog data of image classification and of its datasets.

Imports neither torch nor NumPy.
"""

from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.problems.catalog_models import MODELS
from optlab.registry import DatasetInfo, ProblemInfo, Rule

DATASETS: Final[tuple[DatasetInfo, ...]] = (
    DatasetInfo(
        name="lobes-32",
        label="Lobes",
        description="Ten kinds of drawn shapes (lobes, full or hollow) in random "
        "colours on textured ground, 32×32×3; made on the spot, needs no network.",
        factory="optlab.problems.lobes:load",
        source="OptLab; not linearly separable (a linear model stays below 20 %).",
        classes=10,
        train_size=4000,
        test_size=1000,
    ),
    DatasetInfo(
        name="digits",
        label="Digits",
        description="1,797 scanned handwritten digits that ship inside scikit-learn, "
        "enlarged from 8×8 to 32×32×3; real data that needs no network.",
        factory="optlab.problems.digits:load",
        source="Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits, "
        "UCI Machine Learning Repository.",
        classes=10,
        train_size=1437,
        test_size=360,
    ),
    DatasetInfo(
        name="glyphs",
        label="Glyphs",
        description="The ten digits as bitmaps of 5×7 dots, turned, stretched, "
        "shifted, blurred and noisy on 16×16 pixels, doubled to 32×32×3; made on the "
        "spot, needs no network.",
        factory="optlab.problems.glyphs:load",
        source="OptLab.",
        classes=10,
        train_size=3000,
        test_size=1000,
    ),
    DatasetInfo(
        name="cifar10",
        label="CIFAR-10",
        description="60,000 photographs of ten kinds of things, 32×32×3; fetch it with "
        "optlab data get cifar10.",
        factory="optlab.problems.cifar:load_cifar10",
        source="Krizhevsky 2009, Learning Multiple Layers of Features from Tiny "
        "Images.",
        classes=10,
        train_size=50_000,
        test_size=10_000,
        download=True,
    ),
    DatasetInfo(
        name="cifar100",
        label="CIFAR-100",
        description="60,000 photographs of a hundred kinds of things, 32×32×3; fetch "
        "it with optlab data get cifar100.",
        factory="optlab.problems.cifar:load_cifar100",
        source="Krizhevsky 2009, Learning Multiple Layers of Features from Tiny "
        "Images.",
        classes=100,
        train_size=50_000,
        test_size=10_000,
        download=True,
    ),
)


def _batch_fits(values: Values) -> bool:
    sizes = [d.train_size for d in DATASETS if d.name == values["dataset"]]
    batch_size = values["batch_size"]
    # Data of the user's own are counted when they are loaded.
    return isinstance(batch_size, int) and all(batch_size <= size for size in sizes)


IMAGE_CLASSIFICATION: Final = ProblemInfo(
    name="image-classification",
    label="Image classification",
    description="A net that learns to name what is on small colour images.",
    kind="task",
    params=(
        ParamSpec(
            name="model",
            label="model",
            kind=Kind.CHOICE,
            default="seed-cnn",
            choices=tuple(model.name for model in MODELS),
            meaning="The net.",
            own="path/to/file.py:Name of a torch.nn.Module or of what makes one",
        ),
        ParamSpec(
            name="dataset",
            label="dataset",
            kind=Kind.CHOICE,
            default="lobes-32",
            choices=tuple(dataset.name for dataset in DATASETS),
            meaning="The images.",
            own="path/to/data.npz or a folder with one folder of images per class",
        ),
        ParamSpec(
            name="batch_size",
            label="batch size",
            kind=Kind.INT,
            default=64,
            low=1,
            high=1_000_000,
            suggested=(16, 512),
            log=True,
            meaning="Images in each step.",
        ),
        ParamSpec(
            name="normalize",
            label="normalize",
            kind=Kind.CHOICE,
            default="unit",
            choices=("unit", "standard"),
            meaning="unit: pixels in 0 … 1 as in the tutorials; standard: each "
            "channel with mean 0 and deviation 1 over the training part.",
        ),
        ParamSpec(
            name="l2",
            kind=Kind.FLOAT,
            default=None,
            low=0,
            high=1e3,
            suggested=(0.0, 0.01),
            optional=True,
            none_word="as the model",
            meaning="Penalty on half the squared weights (not biases) in the training "
            "loss.",
            label="L2 penalty",
        ),
        ParamSpec(
            name="val_samples",
            kind=Kind.INT,
            default=1000,
            low=1,
            high=1_000_000,
            suggested=(200, 10_000),
            log=True,
            meaning="Held-out images that an evaluation looks at, at most.",
            label="Validation images",
        ),
        ParamSpec(
            name="image_size",
            label="image size",
            kind=Kind.INT,
            default=32,
            low=4,
            high=512,
            suggested=(16, 128),
            meaning="Side in pixels to which images of a folder of your own are "
            "brought; all other images stay as they are.",
        ),
    ),
    rules=(
        Rule(
            keys=("batch_size", "dataset"),
            holds=_batch_fits,
            message="at most the number of training images: "
            + ", ".join(f"{d.train_size} for {d.name}" for d in DATASETS),
        ),
    ),
    factory="optlab.problems.image_classification:family",
    formula="L = mean of -log softmax(net(image))[label] + l2 · ½ Σ‖W‖²",
    source="The tutorials' CIFAR-10 program; DeepOBS for 3c3d.",
    metrics=("val_loss", "val_accuracy", "train_accuracy"),
    stochastic=True,
    matrices=True,
)
