#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tmirror_actions.h, the SDK's typed calls:  make_actions.py ROWS ANSWERS OUTPUT

ROWS are the API's own actions and parameters (src/api/list_rows.c), ANSWERS what they answer with (src/sdk/answers.txt).  An action
without an answer, an answer without an action, and a structure that nothing uses end the build.
"""

import dataclasses
import re
import sys

# What stands before an action's name on the wire and in C; of all others it is the service's own name.
PREFIXES = {"ec2": ("", ""), "elasticloadbalancing": ("elasticloadbalancing:", "elb_")}
TYPES = {"text": ("const char *", "TEXT"), "number": ("struct tmirror_number ", "NUMBER"), "truth": ("enum tmirror_truth ", "TRUTH")}
# Words of C and C++ that elements may have for a name; "_value" is put behind them.
RESERVED = set("""auto bool break case catch char class const continue default delete do double else enum explicit export extern false
    float for friend goto if inline int long mutable namespace new operator private protected public register return short signed sizeof
    static struct switch template this throw true try typedef union unsigned using virtual void volatile while""".split())

# Structures of requests that are the same wherever they occur, by the last part of their name; all others belong to one action.
SHARED = {"Filter": "filter", "Tag": "tag_input", "Tags.member": "tag_input", "TagSpecification": "tag_specification",
          "DestinationPortRange": "port_range_input", "SourcePortRange": "port_range_input", "Matcher": "matcher_input"}
PAGE_PARAMETERS = {"NextToken", "Marker"}

HEAD = """/* SPDX-License-Identifier: Apache-2.0 */
/* Made by tools/make_actions.py; edits are lost.
 *
 * libtmirror: every action of the API as a function with typed input and output; tmirror_typed.h says how they are used.
 * An output is freed by tmirror_output_free().  "…_all" follows all pages. */
#ifndef TMIRROR_ACTIONS_H
#define TMIRROR_ACTIONS_H

#include <tmirror_typed.h>

/* Programs that call few actions leave the others' shapes out without being told so. */
#define TMIRROR_SHAPE static const struct tmirror_shape __attribute__((unused))
#define TMIRROR_FIELDS static const struct tmirror_field __attribute__((unused))

#ifdef __cplusplus
extern "C" {
#endif
"""

TAIL = """
#ifdef __cplusplus
}
#endif

#undef TMIRROR_FIELDS
#undef TMIRROR_SHAPE

#endif
"""


@dataclasses.dataclass
class Member:
    wire: str
    type: str  # Of TYPES, or the name of a structure.
    listed: bool = False
    required: bool = False

    @property
    def name(self):
        name = snake(self.wire.removesuffix(".member").replace(".", "_"))
        if self.listed and not self.wire.endswith((".member", "Set")) and not name.endswith("s"):
            name += "s"
        return name + "_value" if name in RESERVED else name


def snake(name):
    name = name.replace("IPv", "Ipv").replace("IDs", "Ids")
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def fail(sentence):
    sys.exit(f"make_actions.py: {sentence}")


class Header:
    """The text so far, and the structures in it."""

    def __init__(self):
        self.parts = [HEAD]
        self.structures = {}

    def add(self, name, members):
        """Adds a structure unless it is there; one name means one thing."""
        name = name + "_value" if name in RESERVED else name
        if name in self.structures:
            if self.structures[name] != members:
                fail(f"struct tmirror_{name} would be two things")
            return name
        self.structures[name] = members
        names = [member.name for member in members]
        if len(set(names)) != len(names):
            fail(f"struct tmirror_{name} has a member twice: {names}")
        lines = "".join(f"\t{self.declare(member)};{'  /* Required. */' if member.required else ''}\n" for member in members)
        rows = "".join(f"\t{self.describe(name, member)},\n" for member in members)
        self.parts.append(f"\nstruct tmirror_{name} {{\n{lines or self.nothing()}}};\n")
        if members:
            self.parts.append(f"TMIRROR_FIELDS tmirror_{name}_fields[] = {{\n{rows}}};\n")
        fields = f"tmirror_{name}_fields" if members else "NULL"
        self.parts.append(f"TMIRROR_SHAPE tmirror_{name}_shape = {{sizeof(struct tmirror_{name}), {fields}, {len(members)}}};\n")
        return name

    @staticmethod
    def nothing():
        """C has no structures without members."""
        return "\tchar nothing;\n"

    def declare(self, member):
        if member.type in TYPES:
            kind = TYPES[member.type][0]
        else:
            kind = f"struct tmirror_{member.type} "
        if not member.listed:
            return f"{kind}{member.name}"
        const = "" if kind.startswith("const") else "const "
        pointer = f"{const}{kind}const *" if kind.endswith("*") else f"{const}{kind}*"
        return f"struct {{ {pointer}items; size_t count; }} {member.name}"

    def describe(self, name, member):
        kind = TYPES[member.type][1] if member.type in TYPES else "STRUCTURE"
        shape = "NULL" if member.type in TYPES else f"&tmirror_{member.type}_shape"
        return (f'{{"{member.wire}", offsetof(struct tmirror_{name}, {member.name}), TMIRROR_FIELD_{kind}, '
                f"{int(member.listed)}, {shape}}}")


def group(parameters):
    """Parameters by the first part of their names, as a tree: {wire name: (listed, leaf or tree)}."""
    tree = {}
    for path, kind, required in parameters:
        parts = path.split(".")
        wire = parts.pop(0)
        if parts and parts[0] == "member":
            wire += "." + parts.pop(0)
        listed = bool(parts) and parts[0] == "N"
        if listed:
            parts.pop(0)
        entry = tree.setdefault(wire, (listed, []))
        if entry[0] != listed:
            fail(f"{path} is a list, and is none")
        entry[1].append((".".join(parts), kind, required))
    return tree


def add_input(header, name, parameters):
    members = []
    for wire, (listed, below) in group(parameters).items():
        if below[0][0] == "":
            members.append(Member(wire, below[0][1], listed, below[0][2]))
            continue
        inner = SHARED.get(wire) or f"{name.removesuffix('_input')}_{snake(wire.removesuffix('.member'))}_input"
        if wire in SHARED:  # What one action requires of it, another may not.
            below = [(path, kind, False) for path, kind, _ in below]
        members.append(Member(wire, add_input(header, inner, below), listed, any(required for _, _, required in below)))
    return header.add(name, members)


def read_answers(path):
    """{name of structure or action: [(wire, type, listed)]}, in the file's order."""
    answers, elements = {}, []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.split("#")[0].rstrip()
        if not line:
            elements = []
        elif line.startswith("\t"):
            wire, kind = line.split()
            elements.append((wire, kind.rstrip("*"), kind.endswith("*")))
        else:
            for name in line.split():
                if name in answers:
                    fail(f"{path}:{number}: {name} stands there twice")
                answers[name] = elements
    return answers


def add_output(header, name, answers, used, structure):
    used.add(structure)
    members = []
    for wire, kind, listed in answers[structure]:
        if kind not in TYPES:
            if kind not in answers:
                fail(f"there is no structure '{kind}' for {structure}.{wire}")
            kind = add_output(header, snake(kind), answers, used, kind)
        members.append(Member(wire, kind, listed))
    return header.add(name, members)


def add_action(header, service, action, parameters, answers, used):
    prefix, c_prefix = PREFIXES.get(service, (f"{service}:", f"{service}_"))
    name = c_prefix + snake(action)
    if prefix + action not in answers:
        fail(f"nobody says what {prefix}{action} answers with")
    add_input(header, f"{name}_input", parameters)
    add_output(header, f"{name}_output", answers, used, prefix + action)
    header.parts.append(f'\nstatic const struct tmirror_action __attribute__((unused)) tmirror_{name}_action = {{'
                        f'"{prefix}{action}", &tmirror_{name}_input_shape, &tmirror_{name}_output_shape}};\n')
    add_function(header, name, "", 0)
    if any(path in PAGE_PARAMETERS for path, _, _ in parameters):
        add_function(header, name, "_all", 1)


def add_function(header, name, suffix, every_page):
    header.parts.append(f"""
static inline int tmirror_{name}{suffix}(struct tmirror_client *client, const struct tmirror_{name}_input *input,
\tstruct tmirror_{name}_output **ret_output, struct tmirror_error *ret_error)
{{
\tvoid *output;
\tint r = tmirror_perform(client, &tmirror_{name}_action, input, {every_page}, &output, ret_error);

\tif (r == 0)
\t\t*ret_output = (struct tmirror_{name}_output *)output;
\treturn r;
}}
""")


def main():
    rows, answers_path, destination = sys.argv[1:]
    answers, used, header = read_answers(answers_path), set(), Header()
    for line in open(rows, encoding="ascii"):
        service, action, *words = line.split()
        parameters = [(*word.rstrip("*").split(":"), word.endswith("*")) for word in words]
        add_action(header, service, action, parameters, answers, used)
    if unused := sorted(set(answers) - used):
        fail(f"nothing answers with {', '.join(unused)}")
    with open(destination, "w", encoding="utf-8") as file:
        file.write("".join(header.parts) + TAIL)


main()
