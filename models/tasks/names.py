"""names: which of 18 countries does a surname come from? The examples are our own."""

from models.task import Example, Task

COUNTRIES = (
    "Arabic Chinese Czech Dutch English French German Greek Irish Italian Japanese Korean Polish Portuguese Russian "
    "Scottish Spanish Vietnamese"
).split()
EXAMPLES = "Takahashi Kowalczyk O'Sullivan Schneider García Novák Papadopoulos Kuznetsov Nguyen MacLeod".split()

TASK = Task(
    slug="names",
    title="Names",
    question="Where is this name from?",
    noun="a surname from one of 18 countries",
    answer="This name sounds **{label}**.",
    abstention="I don't recognise this name; I know names from 18 countries.",
    prompt="type a surname here",
    input="text",
    labels=tuple(COUNTRIES),
    datasets=("names", "names-unseen"),
    ood_datasets=("mash", "english-words"),
    examples=tuple(Example(name, name) for name in EXAMPLES),
    dataset_names={
        "names": "surnames from 18 countries",
        "names-unseen": "surnames not in the training data",
        "mash": "random key presses",
        "english-words": "common English words",
    },
    caveats=(
        "A name is not a nationality. The models compare a name with 18 old lists of surnames; they know nothing "
        "about the person.",
        "The lists are uneven (47% of the names are Russian) and noisy: 476 names are in more than one list, so no "
        "model can exceed "
        "98.7% on the test names.",
        "Of the 6,700 test names, 1,048 are also in the training data, including every Arabic one. The other 5,652 "
        "are the test set `names-unseen`.",
    ),
)
