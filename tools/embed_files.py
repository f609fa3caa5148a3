#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts the files of the console into a C source:  embed_files.py DIRECTORY OUTPUT

Each file becomes an entry of web_console_files (src/web/file.h), with NAME.gz and NAME.br beside it as its codings.  The
assembler copies the bytes, which takes no time; hashes in the table let the source change with them.  A directory without
an index.html makes an empty table: a controller without console.
"""
import hashlib
import pathlib
import sys

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
CODINGS = {"WEB_IDENTITY": "", "WEB_GZIP": ".gz", "WEB_BROTLI": ".br"}

HEAD = """/* Made by tools/embed_files.py. */
#include "web/file.h"

/* Visible to the linker only: what optimizes over all files must not take a symbol of the assembler's for its own. */
#define EMBED(name, path)                                                     \\
	__asm__(".pushsection .rodata.web, \\"a\\"\\n"                            \\
		".balign 16\\n.globl " #name "\\n.hidden " #name "\\n" #name ":\\n" \\
		".incbin \\"" path "\\"\\n.byte 0\\n.popsection\\n");                  \\
	extern const unsigned char name[] __attribute__((visibility("hidden")))
"""


def quote(text):
    return text.replace("\\", "\\\\").replace('"', '\\"')


def bodies(path):
    """The file and its codings, where they are there, as (coding, path)."""
    found = ((coding, path.with_name(path.name + suffix)) for coding, suffix in CODINGS.items())
    return [(coding, body) for coding, body in found if body.is_file()]


def list_files(directory):
    """Names below the directory, in the order that strcmp() searches by."""
    if not (directory / "index.html").is_file():
        return []
    files = [path for path in directory.rglob("*") if path.is_file() and path.suffix not in CODINGS.values()]
    return sorted(files, key=lambda path: path.relative_to(directory).as_posix().encode())


def make_entry(number, name, path):
    """The lines that embed a file, and its entry of the table."""
    if path.suffix not in TYPES:
        sys.exit(f"embed_files: {path}: there is no type for '{path.suffix}'")
    lines, parts = [], []
    for coding, body in bodies(path):
        symbol = f"web_file_{number}_{coding.lower()}"
        nested = quote(quote(str(body.resolve())))
        lines.append(f'EMBED({symbol}, "{nested}");')
        parts.append(f"\t\t\t[{coding}] = {{{symbol}, {body.stat().st_size}}},\n")
    digest = hashlib.sha256(b"".join(body.read_bytes() for _, body in bodies(path))).hexdigest()[:32]
    immutable = "true" if name.startswith("assets/") else "false"
    entry = (f'\t{{\n\t\t.path = "{quote(name)}",\n\t\t.type = "{TYPES[path.suffix]}",\n\t\t.tag = "{digest}",\n'
             f'\t\t.immutable = {immutable},\n\t\t.bodies = {{\n{"".join(parts)}\t\t}},\n\t}},\n')
    return lines, entry


def main():
    directory, output = map(pathlib.Path, sys.argv[1:])
    files, lines, entries = list_files(directory), [], []
    for number, path in enumerate(files):
        embedded, entry = make_entry(number, path.relative_to(directory).as_posix(), path)
        lines += embedded
        entries.append(entry)
    table = f"\nstatic const struct web_file files[] = {{\n{''.join(entries)}}};\n" if files else ""
    listed = f"{{files, {len(files)}}}" if files else "{0}"
    output.write_text(HEAD + "\n" + "\n".join(lines) + "\n" + table + f"\nconst struct web_files web_console_files = {listed};\n",
                      encoding="utf-8")


main()
