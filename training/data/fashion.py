"""Fashion-MNIST: 60,000 and 10,000 small pictures of clothes (Zalando Research).

The labels are the publisher's; t-shirt is its T-shirt/top.
"""

from training.data.dataset import Dataset
from training.data.torchvision_layout import Layout

_LAYOUT = Layout(
    folder="FashionMNIST",
    classes=("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"),
    sha256={
        "train-images-idx3-ubyte.gz": "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "train-labels-idx1-ubyte.gz": "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
    },
)

DATASETS = (
    Dataset(
        name="fashion",
        title="Fashion-MNIST",
        address="https://github.com/zalandoresearch/fashion-mnist",
        licence="MIT, Copyright 2017 Zalando SE",
        read=_LAYOUT.read,
    ),
)
