"""holidays-resnet: the net of holidays-scratch with a trunk pre-trained on forty thousand small photos.

`zoo train holidays-resnet`.
"""

from dataclasses import replace

from models.entry import Entry
from models.zoo.holidays_scratch import ENTRY as SCRATCH
from models.zoo.holidays_scratch import net, processor

ENTRY = Entry(
    slug="holidays-resnet",
    title="ResNet, fine-tuned",
    task="holidays",
    description="The same net as ResNet from scratch, but pre-trained on small photos with a larger net as its "
    "teacher, then fine-tuned.",
    processor=processor,
    net=net,
    recipe=replace(SCRATCH.recipe, lr=1e-3, head_epochs=10, start_from="backbone/resnet10t"),
    outliers=SCRATCH.outliers,
)
