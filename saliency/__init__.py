"""Saliency maps of image classifiers, and the split of convolutional networks that some rest on.

Tables have ``explainers``; this is its counterpart for images, after Zimmermann and Loho, Hidden
Monotonicity, CVPR 2026, arXiv 2601.07700.

``network``
    A trained network as a list of steps, batch norm folded, and how it is run.
``split``
    The same steps on two convex, increasing streams whose difference is the network.
``maps``
    SplitCAM, SplitGrad, SplitLRP, and what they are compared with.
``grades``
    Pointing game, selectivity, max-sensitivity.
``architectures``
    VGG16 and ResNet18, with random weights.
``digits``
    Small pictures whose label lies in a known place, and a network that is trained on them.

``measurements/saliency.py`` prints the tables, docs/saliency.md says what they mean and what of the
paper cannot be repeated without its images.
"""
