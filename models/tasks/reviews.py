"""reviews: how positive is a sentence about a film? Five labels, from very negative to very positive.

The examples are our own.
"""

from models.task import Example, Task

SENTIMENTS = ("very negative", "negative", "neutral", "positive", "very positive")
EXAMPLES = {
    "Praise": "A warm, wise and very funny film that I would gladly see again.",
    "Negation": "Not bad at all.",
    "Lukewarm praise": "It isn't terrible, but I wouldn't call it good either.",
    "Contrast": "A fine cast, lovely music and a good first hour, all ruined by the ending.",
    "The other way round": "The plot is thin and the jokes are old, yet I left the cinema happy.",
    "Irony": "Just what the world was waiting for: another sequel nobody asked for.",
    "Sarcasm": "If you need two hours of sleep, this film is perfect.",
    "Double negative": "There was never a moment in which I was not moved.",
    "A plain fact": "The story follows a teacher who moves to a small town by the sea.",
    "Scorn": "Loud, stupid and endless: the worst thing I have seen this year.",
}

TASK = Task(
    slug="reviews",
    title="Reviews",
    question="How positive is this review?",
    noun="an English sentence about a film",
    answer="This sounds **{label}**.",
    prompt="type a sentence about a film here",
    input="text",
    labels=SENTIMENTS,
    datasets=("sst-sentences", "sst-unseen", "sst-nodes"),
    ood_datasets=("languages", "code", "mash"),
    examples=tuple(Example(title, sentence) for title, sentence in EXAMPLES.items()),
    dataset_names={
        "sst-sentences": "whole sentences from film reviews",
        "sst-unseen": "phrases not in the training data",
        "sst-nodes": "all phrases, most of them also in the training data",
        "languages": "sentences in six other languages",
        "code": "program code",
        "mash": "random key presses",
    },
    caveats=(
        "The training data consists of English sentences that film critics wrote before 2005. The models know little "
        "about support tickets, tweets or books.",
        "The labels come from people who rated single sentences and phrases. Neighbouring labels are often a matter "
        "of taste, and the models recognise hardly any irony.",
        "Of the 82,600 test phrases (`sst-nodes`), 54% are also in the training data with the same label, 68.5% are "
        "neutral, and half are single words. The 37,216 phrases that are not in the training data are the test set "
        "`sst-unseen`.",
    ),
    scale=True,
)
