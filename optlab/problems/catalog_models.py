"""Catalog data: the models of image classification.

Imports neither torch nor NumPy.
"""

from typing import Final

from optlab.registry import ModelInfo

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
        min_size=8,
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
        min_size=8,
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
        min_size=16,
    ),
    ModelInfo(
        name="all-cnn-c",
        label="All-CNN-C",
        description="Nine convolutions with ReLU and a global mean, no pooling and no "
        "dense layer; dropout and a penalty on the squared weights.",
        factory="optlab.problems.models:all_cnn_c",
        formula="drop 0.2; 3 × conv 3×3×96, the last with stride 2; drop 0.5; "
        "3 × conv 3×3×192, the last with stride 2; drop 0.5; conv 3×3×192, 1×1×192, "
        "1×1×classes; mean; loss + 0.0005 Σ ½‖W‖²",
        source="Springenberg, Dosovitskiy, Brox & Riedmiller 2015, Striving for "
        "Simplicity: The All Convolutional Net, ICLR workshop (arXiv:1412.6806); "
        "weights and biases (0.1) start as in DeepOBS, test problem cifar100_allcnnc.",
        n_parameters=1_369_738,
        l2=0.0005,
        min_size=9,
    ),
    ModelInfo(
        name="resnet-20",
        label="ResNet-20",
        description="Nine residual blocks in three stages with batch norms; shortcuts "
        "between stages have no parameters (option A: empty channels).",
        factory="optlab.problems.residual:resnet_20",
        formula="conv 3×3×16; 3 × 3 blocks of two conv 3×3 with 16, 32, 64 channels; "
        "mean; classes",
        source="He, Zhang, Ren & Sun 2016, Deep Residual Learning for Image "
        "Recognition, CVPR, section 4.2 (arXiv:1512.03385).",
        n_parameters=269_722,
        min_size=8,
    ),
    ModelInfo(
        name="resnet-18",
        label="ResNet-18",
        description="Eight wide residual blocks in four stages with batch norms, in "
        "the form for small images: a first convolution of 3×3 and no pooling.",
        factory="optlab.problems.residual:resnet_18",
        formula="conv 3×3×64; 4 × 2 blocks of two conv 3×3 with 64, 128, 256, 512 "
        "channels, projected shortcuts; mean; classes",
        source="He, Zhang, Ren & Sun 2016, Deep Residual Learning for Image "
        "Recognition, CVPR, table 1 (arXiv:1512.03385), as changed for CIFAR in many "
        "programs.",
        n_parameters=11_173_962,
        min_size=16,
    ),
    ModelInfo(
        name="tiny-vit",
        label="Tiny ViT",
        description="A small vision transformer: patches of 4×4 pixels, six blocks of "
        "four heads, layer norms, no convolution but that of the patches.",
        factory="optlab.problems.transformer:tiny_vit",
        formula="patches 4×4 → 128; 6 × (attention of 4 heads, 128 → GELU(256) → 128); "
        "mean; classes",
        source="Dosovitskiy et al. 2021, An Image is Worth 16x16 Words, ICLR "
        "(arXiv:2010.11929); mean in place of a class token as in Beyer, Zhai & "
        "Kolesnikov 2022, Better plain ViT baselines for ImageNet-1k "
        "(arXiv:2205.01580).",
        n_parameters=810_890,
        min_size=8,
        size_step=4,
    ),
    ModelInfo(
        name="mlp",
        label="Perceptron",
        description="One hidden layer of 128 ReLUs; takes images of any size, and "
        "plain vectors.",
        factory="optlab.problems.models:mlp",
        formula="numbers of the image → ReLU(128) → classes",
        source="Rumelhart, Hinton & Williams 1986, Learning representations by "
        "back-propagating errors, Nature 323.",
        n_parameters=394_634,
    ),
)
