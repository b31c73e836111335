"""From here to the Hub: one commit of what a checkpoint is made of, checked first.

Nothing else of its folder goes, and nothing pickled.
"""

from dataclasses import dataclass
from typing import Any

from models import catalog
from models.checkpoint import CARD, Checkpoint
from models.errors import HubError, ZooError
from models.huggingface import names
from models.huggingface.card import card
from models.huggingface.failures import LOGIN, host, told
from models.writing import contents

# huggingface_hub takes long to import, so the functions that use it import it.


@dataclass(frozen=True)
class Pushed:
    """Where it went: the repository, its page, and the commit's hash."""

    id: str
    address: str
    commit: str


def files(slug: str, id: str) -> dict[str, bytes]:
    """What `push` would send, by name: the checkpoint's files, checked, and its card.

    Raises ZooError for a damaged checkpoint.
    """
    checkpoint = Checkpoint.open(catalog.find(slug).path)
    checkpoint.check()
    return dict(sorted({**contents(checkpoint), CARD: card(checkpoint, id).encode()}.items()))


def target(repo: str) -> str:
    """The repository that was named. Raises ZooError for what can be none."""
    name = names.parse(repo)
    if name.revision:
        raise ZooError(f"A push goes to the main branch; name the repository alone: {name.id}")
    return name.id


def needs_login() -> None:
    """Raises HubError where nobody is logged in."""
    from huggingface_hub import get_token

    if get_token() is None:
        raise HubError(f"Nobody is logged in to {host()} on this machine; {LOGIN} with a token that may write.")


def push(slug: str, repo: str, private: bool = False) -> Pushed:
    """Send a model to `user/name` in one commit; the repository is made where there is none.

    Raises ZooError with one sentence.
    """
    id = target(repo)
    return send(id, files(slug, id), f"{slug}, from the Zoo", private=private)


def send(id: str, content: dict[str, bytes], message: str, private: bool = False, space: bool = False) -> Pushed:
    """Make the repository if need be, and one commit of these files. Raises HubError with one sentence."""
    needs_login()
    from huggingface_hub import CommitOperationAdd, HfApi, utils

    api = HfApi(library_name="zoo")
    kind: dict[str, Any] = {"repo_type": "space" if space else "model"}
    shown = utils.are_progress_bars_disabled()
    utils.disable_progress_bars()
    try:
        with told(id, "push"):
            made = api.create_repo(
                id, exist_ok=True, private=private or None, **kind, **({"space_sdk": "gradio"} if space else {})
            )
            _not_anothers(api, id, space)
            operations = [CommitOperationAdd(name, data) for name, data in content.items()]
            commit = api.create_commit(id, operations, commit_message=message, **kind)
    finally:
        if not shown:
            utils.enable_progress_bars()
    return Pushed(id, str(made), commit.oid)


def _not_anothers(api: Any, id: str, space: bool) -> None:
    """Refuse to write over a model of another kind, or another Space, as a slip in the name would."""
    if space:
        held = set(api.list_repo_files(id, repo_type="space")) - {".gitattributes", "README.md"}
        if held and "serve.py" not in held:
            raise HubError(f"{id} is another Space on {host()}; name another repository, or empty that one first.")
        return
    found = {info.path for info in api.get_paths_info(id, ["config.json", "golden.json"])}
    if found == {"config.json"}:
        raise HubError(
            f"{id} holds a model of another kind on {host()}; name another repository, or empty that one first."
        )
