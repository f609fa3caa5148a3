"""What of the guide is executed: the fenced blocks of its pages, and what is said of each behind its language.

    ```sh run                         bash runs it on the host; it must succeed
    ```sh run on=sensor               … on the sensor
    ```sh run shows=active            … and what it prints must match the pattern
    ```sh run until=active            … and is run again until it does
    ```sh run needs=suricata          … and is left out where there is no such program
    ```yaml file=/etc/x.yaml          becomes that file
    ```sh elsewhere="needs libvirt"   cannot be run here, and why

Blocks of a page share their variables, in the order of the page.  A block of a language that people type or copy and of which
nothing is said is a mistake; output and drawings are `text`.
"""
import dataclasses
import pathlib
import shlex

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs/guide").glob("*.md"))
WORDS = {"run", "on", "shows", "until", "needs", "file", "elsewhere"}


@dataclasses.dataclass
class Block:
    page: pathlib.Path
    line: int
    language: str
    said: dict
    text: str

    @property
    def place(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def complaint(self):
        """What is wrong with what is said of the block, if anything is."""
        if self.language == "text":
            return None
        ways = {"run", "file", "elsewhere"} & self.said.keys()
        if len(ways) != 1:
            return f"{self.place}: a block is run, becomes a file, or says why it is neither"
        if "elsewhere" in self.said and len(self.said["elsewhere"].split()) < 3:
            return f"{self.place}: why can it not be run here?"
        unknown = self.said.keys() - WORDS
        return f"{self.place}: nobody knows {', '.join(sorted(unknown))}" if unknown else None


def read_blocks(page):
    """The fenced blocks of a page, in order."""
    blocks, inside = [], None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        assert line.startswith("```") or not line.lstrip().startswith("```"), f"{page.name}:{number}: a block stands within a list"
        if inside is None and line.startswith("```"):
            language, *words = shlex.split(line[3:]) or [""]
            inside = Block(page, number, language, dict(word.partition("=")[::2] for word in words), "")
        elif inside is not None and line.startswith("```"):
            blocks.append(inside)
            inside = None
        elif inside is not None:
            inside.text += line + "\n"
    assert inside is None, f"{inside.place}: the block has no end"
    return blocks
