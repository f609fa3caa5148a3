#!/usr/bin/env python3
"""Says what nobody uses:  tools/find_unused.py BUILD

    functions and objects that only their own file uses, and should be static; what is static and unused the compiler finds
    functions and objects that only tests use, not even their own file
    functions that headers declare and nobody defines
    macros that nobody mentions

By the objects that BUILD was linked from, so it must be built.  An object belongs to the tests if its directory does: x_test.p,
x_example.a.p, tests/, bench/.  A function that is declared for its test's sake is used by its own file, too.  What is right all the same stands in ALLOWED, with the reason.
"""
import collections
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
ALLOWED = {
    # Comparing what was read back with what was written is a test's business, and bench's rule sets'.
    "cidr_equal", "peek_wishes_equal",
    # What tests see an object's inside by.
    "price_list_get", "ship_get_orphans", "ship_get_port_base",
    # A bit of the layout that we have no use for.
    "GENEVE_FLAG_CRITICAL",
}
TEST = re.compile(r"_(test|bench|fuzz|example|fixture|door)(\.a)?\.p/|^(tests|bench)/")
DEFINED = re.compile(r"^\w* *([TDRBV]) (\w+)$")
WANTED = re.compile(r"^ *U (\w+)$")


def read_objects(build):
    """Of each object, by its path: the names that it defines for others, and those that it wants from others."""
    objects = {}
    paths = sorted(str(path.relative_to(build)) for path in build.rglob("*.o") if ".bpf." not in path.name)
    listing = subprocess.run(["nm", "--print-file-name", *paths], cwd=build, stdout=subprocess.PIPE, text=True, check=True).stdout
    for line in listing.splitlines():
        path, _, symbol = line.partition(":")
        defined, wanted = objects.setdefault(path, (set(), set()))
        if found := DEFINED.match(symbol):
            defined.add(found[2])
        elif found := WANTED.match(symbol):
            wanted.add(found[1])
    return objects


def exported():
    """What libtmirror is for: its users are others' programs."""
    text = (ROOT / "src/sdk/libtmirror.map").read_text()
    return set(re.findall(r"^\t(\w+);", text, re.M))


def unused_symbols(objects):
    users = collections.defaultdict(set)
    for path, (_, wanted) in objects.items():
        for name in wanted:
            users[name].add(path)
    kept = exported() | {"main"}
    for path, (defined, _) in sorted(objects.items()):
        if not path.startswith("src/") or TEST.search(path):
            continue
        for name in sorted(defined - kept):
            others = users[name]
            if not others:
                yield name, f"{path}: no other file uses {name}"
            elif all(TEST.search(other) for other in others) and mentions(path, name) == 1:
                yield name, f"{path}: only tests use {name}"


def mentions(path, name):
    """How often the object's own source has the name: once where it is defined and nowhere used."""
    folder, file = re.match(r"(.*)/[^/]+\.p/(.*)\.o$", path).groups()
    source = ROOT / folder / file
    return len(re.findall(rf"\b{name}\b", source.read_text())) if source.exists() else 0


def sources():
    for folder in ("src", "tests", "bench"):
        yield from sorted(path for path in (ROOT / folder).rglob("*.[ch]"))


def unused_words(objects):
    """Macros and declarations, by their words in the sources."""
    texts = {path: path.read_text() for path in sources()}
    mentioned = collections.Counter(word for text in texts.values() for word in re.findall(r"\w+", text))
    known = {name for defined, wanted in objects.values() for name in defined | wanted}
    for path, text in texts.items():
        place = path.relative_to(ROOT)
        for name in re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", text, re.M):
            if mentioned[name] == 1:
                yield name, f"{place}: nobody mentions the macro {name}"
        if path.suffix == ".h" and place.parts[0] == "src" and "kernel" not in place.parts:
            for name in re.findall(r"^(?!typedef|static)\w[\w \t]*[ \t*](\w+)\([^{;]*\);", text, re.M):
                if name not in known:
                    yield name, f"{place}: declares {name}, which nobody defines"


def main():
    objects = read_objects(pathlib.Path(sys.argv[1]))
    if len(objects) < 100:
        sys.exit(f"find_unused: {sys.argv[1]} is not built")
    found = [*unused_symbols(objects), *unused_words(objects)]
    complaints = [text for name, text in found if name not in ALLOWED]
    complaints += [f"find_unused: {name} is used by now; it need not be allowed" for name in sorted(ALLOWED - dict(found).keys())]
    print("\n".join(complaints), end="\n" if complaints else "")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
