"""holidays-resnet: the same net with a trunk that has seen forty thousand small photos before. `zoo train holidays-resnet`."""

from dataclasses import replace

from models.entry import Entry
from models.zoo.holidays_scratch import ENTRY as SCRATCH
from models.zoo.holidays_scratch import net, processor

ENTRY = Entry(
    slug="holidays-resnet",
    title="ResNet, fine-tuned",
    task="holidays",
    description="The same net as from scratch, but its trunk had learned to see before, from small photos and from a larger net: transfer.",
    processor=processor,
    net=net,
    recipe=replace(SCRATCH.recipe, lr=1e-3, head_epochs=10, start_from="backbone/resnet10t"),
)
