"""reviews: what does a sentence about a film think of it? Five shades, from very negative to very positive. The examples are our own."""

from models.task import Example, Task

SHADES = ("very negative", "negative", "neutral", "positive", "very positive")
EXAMPLES = {
    "Praise": "A warm, wise and very funny film that I would gladly see again.",
    "Negation": "Not bad at all.",
    "Not quite praise": "It isn't terrible, but I wouldn't call it good either.",
    "Contrast": "A fine cast, lovely music and a good first hour, all ruined by the ending.",
    "The other way round": "The plot is thin and the jokes are old, yet I left the cinema happy.",
    "Irony": "Just what the world was waiting for: another sequel nobody asked for.",
    "Faint praise": "If you need two hours of sleep, this film is perfect.",
    "Twice no": "There was never a moment in which I was not moved.",
    "A plain fact": "The story follows a teacher who moves to a small town by the sea.",
    "Scorn": "Loud, stupid and endless: the worst thing I have seen this year.",
}

TASK = Task(
    slug="reviews",
    title="Reviews",
    question="What does this sentence think of the film?",
    noun="an English sentence about a film",
    answer="This sounds **{label}**.",
    prompt="type a sentence about a film here",
    input="text",
    labels=SHADES,
    datasets=("sst-sentences", "sst-unseen", "sst-nodes"),
    ood_datasets=("languages", "code", "mash"),
    examples=tuple(Example(title, sentence) for title, sentence in EXAMPLES.items()),
    dataset_names={
        "sst-sentences": "whole sentences of film reviews",
        "sst-unseen": "phrases never seen in training",
        "sst-nodes": "all phrases, most of them seen in training",
        "languages": "sentences in six other languages",
        "code": "program code",
        "mash": "mashed keys",
    },
    caveats=(
        "It learnt from sentences that critics wrote about films, in English, before 2005; of tickets, tweets or books it knows little.",
        "It was told what people who read single sentences and phrases thought of them; neighbouring shades are often a matter of taste, "
        "and of irony it hardly sees any.",
        "Of the 82,600 test phrases (`sst-nodes`) 54% are in the training part too, all with the same label, and 68.5% are neutral, "
        "half of all being single words; `sst-unseen` are the 37,216 that are not, `sst-sentences` the 2,210 whole sentences.",
    ),
    scale=True,
)
