"""Texts that are not English sentences, on which a model should abstain: six other languages, and program code."""

import hashlib
from pathlib import Path

import numpy as np

from training.data.dataset import Dataset, Raw, Sources, sha256_of

COUNT = 1_000
SENTENCES = Path(__file__).with_name("languages.txt")
NAMES = "i n x rows total user_id getName MAX_SIZE config self items parse fileName tmp node is_valid idx resp".split()
CODE = (
    "for (int {0} = 0; {0} < {1}; {0}++) {{ {2}[{0}] += {1}; }}",
    "def {0}({1}, {2}=None): return [{1}.{2} for {1} in {0} if {1} is not None]",
    "const {0} = await fetch(`/api/{1}/${{{2}}}`).then((r) => r.json());",
    "SELECT {0}, COUNT(*) FROM {1} WHERE {2} IS NOT NULL GROUP BY {0};",
    "if ({0} == NULL || {1}->{2} != 0) {{ free({0}); return -1; }}",
    '<div class="{0}"><a href="/{1}?{2}=1">{{{{ {2} }}}}</a></div>',
    "grep -rn '{0}' ./{1} | awk '{{print $2}}' > {2}.log 2>&1",
    "fn {0}(&self, {1}: &[u8]) -> Result<{2}, Error> {{ Ok({1}.len()) }}",
    "{0}.{1}(lambda {2}: {2}['{0}'] ** 2).reset_index(drop=True)",
    "import {0}.{1} as {2}; print({2}.__version__, file=sys.stderr)",
)


def code(count: int = COUNT, seed: int = 0) -> list[str]:
    """Random lines of code in several languages, with identifiers drawn from NAMES."""
    random = np.random.default_rng(seed)
    lines = random.integers(len(CODE), size=count)
    return [CODE[line].format(*random.choice(NAMES, size=3, replace=False)) for line in lines]


def _read_code(split: str, sources: Sources) -> Raw:
    lines = code()
    return Raw(lines, None, (), hashlib.sha256("\n".join(lines).encode()).hexdigest())


def _read_languages(split: str, sources: Sources) -> Raw:
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    return Raw([line for line in lines if line and not line.startswith("#")], None, (), sha256_of(SENTENCES))


_SELF = "training/data/no_reviews.py"

DATASETS = (
    Dataset("code", "Program code", _SELF, "Apache-2.0", _read_code, splits=("test",), made_up=True),
    Dataset(
        "languages",
        "Sentences in German, French, Spanish, Italian, Polish and Russian",
        "training/data/languages.txt",
        "Apache-2.0",
        _read_languages,
        splits=("test",),
        made_up=True,
    ),
)
