"""Catalog data of image classification: its models and datasets.

Imports neither torch nor NumPy.
"""

from typing import Final

from optlab.params import Kind, ParamSpec, Values
from optlab.registry import DatasetInfo, ModelInfo, ProblemInfo, Rule

MODELS: Final[tuple[ModelInfo, ...]] = (
    ModelInfo(
        name="seed-cnn",
        label="Seed CNN",
        description="The net of the tutorials that OptLab grew out of: three "
        "convolutions with pooling, two linear layers and no activation function.",
        factory="optlab.problems.models:seed_cnn",
        formula="3 × (conv 5×5 → max-pool 2), 1024 → 64 → classes",
        source="The CIFAR-10 program of the tutorials that OptLab grew out of.",
        n_parameters=145_578,
    ),
    ModelInfo(
        name="seed-cnn-relu",
        label="Seed CNN + ReLU",
        description="The tutorials' net with ReLU after each convolution and after "
        "the first linear layer.",
        factory="optlab.problems.models:seed_cnn_relu",
        formula="3 × (conv 5×5 → ReLU → max-pool 2), 1024 → ReLU(64) → classes",
        source="The tutorials' CIFAR-10 program, with activations.",
        n_parameters=145_578,
    ),
    ModelInfo(
        name="3c3d",
        label="3c3d",
        description="Three convolutions and three dense layers with ReLU, Glorot "
        "initialisation and a penalty on the squared weights.",
        factory="optlab.problems.models:three_conv_three_dense",
        formula="conv 5×5×64, 3×3×96, 3×3×128, each with max-pool 3/2; "
        "dense 512, 256, classes; loss + 0.002 Σ ½‖W‖²",
        source="Schneider, Balles & Hennig 2019, DeepOBS: A Deep Learning Optimizer "
        "Benchmark Suite, ICLR (arXiv:1903.05499), test problem cifar10_3c3d.",
        n_parameters=895_210,
        l2=0.002,
    ),
)

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
    size = next(d.train_size for d in DATASETS if d.name == values["dataset"])
    batch_size = values["batch_size"]
    return isinstance(batch_size, int) and batch_size <= size


IMAGE_CLASSIFICATION: Final = ProblemInfo(
    name="image-classification",
    label="Image classification",
    description="A convolutional net that learns to name what is on small colour "
    "images.",
    kind="task",
    params=(
        ParamSpec(
            name="model",
            kind=Kind.CHOICE,
            default="seed-cnn",
            choices=tuple(model.name for model in MODELS),
            meaning="The net.",
        ),
        ParamSpec(
            name="dataset",
            kind=Kind.CHOICE,
            default="lobes-32",
            choices=tuple(dataset.name for dataset in DATASETS),
            meaning="The images.",
        ),
        ParamSpec(
            name="batch_size",
            kind=Kind.INT,
            default=64,
            low=1,
            high=50_000,
            suggested=(16, 512),
            log=True,
            meaning="Images in each step.",
        ),
        ParamSpec(
            name="normalize",
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
            high=50_000,
            suggested=(200, 10_000),
            log=True,
            meaning="Held-out images that an evaluation looks at, at most.",
            label="Validation images",
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
