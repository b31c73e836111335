"""Push to the Hub: one commit with the files of a checked checkpoint and a model card.

No other file of the folder is uploaded, and nothing pickled.
"""

from dataclasses import dataclass
from typing import Any

from models import catalog
from models.checkpoint import CARD, Checkpoint
from models.errors import HubError, ZooError
from models.huggingface import endpoint, names
from models.huggingface.card import card
from models.huggingface.failures import LOGIN, host, hub_errors
from models.writing import contents

# huggingface_hub takes long to import, so the functions that use it import it.


@dataclass(frozen=True)
class Pushed:
    """The result of a push: the repository, the address of its page, and the commit hash.

    changed: whether there is a new commit; False if the repository had these files already.
    """

    id: str
    address: str
    commit: str
    changed: bool


def files(slug: str, id: str) -> dict[str, bytes]:
    """The files that `push` uploads, by name: the checked checkpoint and its card. Raises ZooError if it is damaged."""
    checkpoint = Checkpoint.open(catalog.find(slug).path)
    checkpoint.check()
    return dict(sorted({**contents(checkpoint), CARD: card(checkpoint, id).encode()}.items()))


def repository(repo: str) -> str:
    """The id of the repository to push to. Raises ZooError if it is invalid or has a revision."""
    name = names.parse(repo)
    if name.revision:
        raise ZooError(f"A push goes to the main branch; give the repository without a revision: {name.id}")
    return name.id


def require_login() -> None:
    """Raise HubError if this machine is not logged in, or the Hub's address or a proxy cannot be used."""
    endpoint.check()
    from huggingface_hub import get_token

    if get_token() is None:
        raise HubError(f"This machine is not logged in to {host()}; {LOGIN} with a token that has write permission.")


def push(slug: str, repo: str, private: bool = False) -> Pushed:
    """Push a model to `user/name` in one commit; the repository is created if necessary. Raises ZooError."""
    id = repository(repo)
    return send(id, files(slug, id), f"{slug}, from the Zoo", private=private)


def send(id: str, content: dict[str, bytes], message: str, private: bool = False, space: bool = False) -> Pushed:
    """Create the repository if necessary and commit these files. Raises HubError."""
    require_login()
    from huggingface_hub import CommitOperationAdd, HfApi, utils

    api = HfApi(library_name="zoo")
    kind: dict[str, Any] = {"repo_type": "space" if space else "model"}
    bars_disabled = utils.are_progress_bars_disabled()
    utils.disable_progress_bars()
    try:
        with hub_errors(id, "push"):
            page = api.create_repo(
                id, exist_ok=True, private=private or None, **kind, **({"space_sdk": "gradio"} if space else {})
            )
            before = api.repo_info(id, repo_type=kind["repo_type"])
            if private and not before.private:
                raise HubError(
                    f"{id} exists on {host()} and is public, which --private does not change; make it private in its "
                    "settings, or choose another repository."
                )
            _check_not_foreign(api, id, space)
            operations = [CommitOperationAdd(name, data) for name, data in content.items()]
            commit = api.create_commit(id, operations, commit_message=message, **kind)
    finally:
        if not bars_disabled:
            utils.enable_progress_bars()
    return Pushed(id, str(page), commit.oid, changed=commit.oid != before.sha)


def _check_not_foreign(api: Any, id: str, space: bool) -> None:
    """Refuse to overwrite another kind of model or another Space, for example after a typo in the name."""
    if space:
        existing = set(api.list_repo_files(id, repo_type="space")) - {".gitattributes", "README.md"}
        if existing and "serve.py" not in existing:
            raise HubError(
                f"{id} is already a different Space on {host()}; choose another repository, or empty that one first."
            )
        return
    existing = {info.path for info in api.get_paths_info(id, ["config.json", "golden.json"])}
    if existing == {"config.json"}:
        raise HubError(
            f"{id} has a model of another kind on {host()}; choose another repository, or empty that one first."
        )
