"""names: from which of 18 countries' lists is a surname? The examples are our own."""

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
    noun="a surname",
    answer="This name sounds **{label}**.",
    prompt="type a surname here",
    input="text",
    labels=tuple(COUNTRIES),
    datasets=("names", "names-unseen"),
    ood_datasets=("mash", "english-words"),
    examples=tuple(Example(name, name) for name in EXAMPLES),
    dataset_names={
        "names": "surnames of 18 countries",
        "names-unseen": "surnames never seen in training",
        "mash": "mashed keys",
        "english-words": "common English words",
    },
    caveats=(
        "A name is not a nationality: this tells which of 18 old lists of surnames a name looks like, nothing about the person who bears it.",
        "The lists are uneven (47% of the names are Russian) and noisy: 476 names stand in more than one list, so no model can "
        "be right on more than 98.7% of the test names.",
        "Of the 6,700 test names 1,048 are in the training lists too, among them every Arabic one; `names-unseen` are the other 5,652.",
    ),
)
