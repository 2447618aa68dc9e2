"""VGG16 and ResNet18 with random weights; names and shapes of all parameters are torchvision's.

They are written down here because the wheels of torchvision do not load beside every build of
PyTorch.  Weights trained elsewhere fit: ``vgg16().load_state_dict(...)``.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn

from saliency.network import BasicBlock

VGG16 = (64, 64, "pool", 128, 128, "pool", *3 * (256,), "pool", *3 * (512,), "pool", *3 * (512,))


def vgg16(classes=1000) -> nn.Sequential:
    """Simonyan and Zisserman 2015, configuration D, as torchvision initialises it."""
    features, channels = [], 3
    for word in (*VGG16, "pool"):
        if word == "pool":
            features.append(nn.MaxPool2d(2, 2))
        else:
            features += [nn.Conv2d(channels, word, 3, padding=1), nn.ReLU()]
            channels = word
    classifier = nn.Sequential(
        *(nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout()),
        *(nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout()),
        nn.Linear(4096, classes),
    )
    return _initialised(
        features=nn.Sequential(*features),
        avgpool=nn.AdaptiveAvgPool2d(7),
        flatten=nn.Flatten(),
        classifier=classifier,
    )


def resnet18(classes=1000) -> nn.Sequential:
    """He et al. 2016, as torchvision initialises it."""
    layers, channels_in = {}, 64
    for k, channels in enumerate((64, 128, 256, 512), start=1):
        first = BasicBlock(channels_in, channels, stride=1 if k == 1 else 2)
        layers[f"layer{k}"] = nn.Sequential(first, BasicBlock(channels, channels, 1))
        channels_in = channels
    return _initialised(
        conv1=nn.Conv2d(3, 64, 7, 2, 3, bias=False),
        bn1=nn.BatchNorm2d(64),
        relu=nn.ReLU(),
        maxpool=nn.MaxPool2d(3, 2, 1),
        **layers,
        avgpool=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(),
        fc=nn.Linear(512, classes),
    )


def _initialised(**parts):
    network = nn.Sequential(OrderedDict(parts))
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network.eval()


def with_statistics(network, pictures):
    """The network, its batch norms with mean and variance of these pictures' activations."""
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0
    network.train()
    with torch.no_grad():
        network(pictures)
    return network.eval()
