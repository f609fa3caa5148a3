"""What shells and man make of tmirror: completion and the manual page, both from the rows of its commands."""
import re
import subprocess

import pytest
from command import tmirror

# What stands before the cursor, and all that completes it.
LINES = (
    ("tmirror unm", {"unmirror"}),
    ("tmirror sess", {"session"}),
    ("tmirror host ", {"add", "cancel", "delete", "enrolments", "list", "revoke", "show"}),
    ("tmirror host-key ", {"list", "create", "delete"}),
    ("tmirror session create --encap", {"--encapsulation"}),
    ("tmirror session create --encapsulation ", {"vxlan", "geneve"}),
    ("tmirror session list --outp", {"--output"}),
    ("tmirror usage show --by s", {"session", "source"}),
    ("tmirror session list --enc", set()),  # An option of another command.
)


def script(shell, tmp_path):
    done = tmirror("completion", shell)
    assert done.returncode == 0 and not done.stderr
    path = tmp_path / "_tmirror"
    path.write_text(done.stdout)
    return path


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout


def commands():
    listed = tmirror("--help").stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    return [words[:2] if tmirror(*words[:2], "--help").stdout.startswith(f"Usage: tmirror {words[0]} {words[1]} ") else words[:1]
            for words in map(str.split, listed)]


@pytest.mark.parametrize("line,expected", LINES, ids=[line for line, _ in LINES])
def test_bash_completes(tmp_path, line, expected):
    ask = 'source "$1"; COMP_WORDS=($2); [[ $2 == *" " ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); ' \
          '_tmirror; printf "%s\\n" "${COMPREPLY[@]}"'
    assert set(run("bash", "-c", ask, "bash", script("bash", tmp_path), line).split()) == expected


@pytest.mark.parametrize("line,expected", LINES, ids=[line for line, _ in LINES])
def test_fish_completes(tmp_path, line, expected):
    found = run("fish", "--no-config", "-c", f"source {script('fish', tmp_path)}; complete -C '{line}'")
    assert {answer.split("\t")[0] for answer in found.splitlines()} == expected


# The only way to ask zsh's completion is a terminal.
ZSH = """
zmodload zsh/zpty; zpty shell zsh -f -i
zpty -w shell "PS1= PROMPT_EOL_MARK=; autoload -Uz compinit; compinit -D -u; setopt no_beep; zstyle ':completion:*' list-separator '#'"
zpty -w shell "LISTMAX=10000; source $1; compdef _tmirror tmirror; echo READ''Y"
while zpty -r shell line; do [[ $line == *READY* ]] && break; done
zpty -w -n shell "$2"$'\\t'$'\\t'
zpty -w -n shell $'\\C-a\\C-k'"echo DON''E"$'\\n'
while zpty -r shell line; do print -r -- "$line"; [[ $line == *DONE* ]] && break; done
"""


@pytest.mark.parametrize("line,expected", LINES, ids=[line for line, _ in LINES])
def test_zsh_completes(tmp_path, line, expected):
    run("zsh", "-n", script("zsh", tmp_path))
    said = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", run("zsh", "-c", ZSH, "zsh", script("zsh", tmp_path), line))
    for word in expected:
        assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", said), said


def test_another_shell_is_refused():
    done = tmirror("completion", "csh")
    assert (done.returncode, done.stdout) == (2, "") and done.stderr == "tmirror: usage: 'csh' is neither bash nor zsh nor fish\n"


def test_manual_has_every_command(tmp_path):
    done = tmirror("manual")
    assert done.returncode == 0 and not done.stderr
    page = tmp_path / "tmirror.1"
    page.write_text(done.stdout)
    shown = run("groff", "-man", "-ww", "-Tutf8", "-rLL=200n", "-P-cbou", page)
    for words in commands():
        assert re.search(rf"^ +tmirror {' '.join(words)}\b", shown, re.M), words
        for option in re.findall(r"--[a-z-]+", tmirror(*words, "--help").stdout.split("Options of every")[0]):
            assert option in shown, option
    assert "EXIT STATUS" in shown and "No controller answered" in shown
