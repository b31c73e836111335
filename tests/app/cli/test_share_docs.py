"""The commands and the Python of `docs/share.md` work, in their order, against the local Hub."""

import re
import shlex
import subprocess
import sys

from tests.hub.fixtures import ROOT, environment, run_zoo


def test_the_commands_of_the_page_run(hub, tmp_path):
    text = (ROOT / "docs" / "share.md").read_text()
    run = 0
    for language, block in re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL):
        if language == "py":
            command = [sys.executable, "-c", block]
            done = [subprocess.run(command, cwd=ROOT, env=environment(hub, tmp_path), capture_output=True, text=True)]
            assert done[0].stdout.startswith("7\n"), done[0].stderr
        else:
            lines = [shlex.split(line) for line in block.splitlines() if line != "hf auth login"]
            assert all(words[0] == "zoo" for words in lines)
            done = [run_zoo(hub, tmp_path, *words[1:]) for words in lines]
        run += len(done)
        assert all(process.returncode == 0 for process in done), [process.stderr for process in done]
    assert run == 8
    assert {("model", "ada/mnist-cnn"), ("model", "ada/names"), ("space", "ada/names")} <= hub.repos.keys()
