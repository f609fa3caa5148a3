#!/usr/bin/env python3
"""Prints what `meson install` takes from a build directory, one target a line, for ninja:  tools/list_installed.py BUILD"""
import json
import os
import subprocess
import sys

build = os.path.abspath(sys.argv[1])
installed = json.loads(subprocess.run(["meson", "introspect", "--installed", build], check=True, capture_output=True).stdout)
targets = {name for target in json.loads(subprocess.run(["meson", "introspect", "--targets", build], check=True,
                                                        capture_output=True).stdout) for name in target["filename"]}
print("\n".join(sorted(os.path.relpath(path, build) for path in installed if path in targets)))
