#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a C string of a text file:  embed_text.py NAME INPUT OUTPUT"""

import sys


def main() -> None:
    name, source, destination = sys.argv[1:]
    with open(source, encoding="ascii") as file:
        lines = file.read().splitlines()
    with open(destination, "w", encoding="ascii") as file:
        file.write(f"extern const char {name}[];\nconst char {name}[] =\n")
        for line in lines:
            escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
            file.write(f'\t"{escaped}\\n"\n')
        file.write("\t;\n")


main()
