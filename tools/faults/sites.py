#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""usage: sites.py IMPORTS MODULE.KO...

Prints the calls in these modules that can fail, by the list IMPORTS, one a line for
faults.ko: MODULE:FUNCTION OFFSET HOW CALLED SECTION. Fails if they import what is not in the list.
"""

import errno
import os
import re
import subprocess
import sys

WORDS = {"NULL": "0", "false": "0", "DMA_MAPPING_ERROR": "-1"}


def read_imports(path):
    """All names in the list, and how those that can fail do."""
    names, how = set(), {}
    with open(path) as file:
        for line in file:
            if line.startswith("#"):
                continue
            name, rest = line.rstrip("\n").split(": ", 1)
            if name in names:
                sys.exit(f"{path}: {name} is there twice")
            names.add(name)
            if rest.startswith("can fail, "):
                word = rest[len("can fail, "):]
                if word.startswith("-E"):
                    word = str(-getattr(errno, word[1:]))
                how[name] = WORDS.get(word, word)
            elif not re.match("cannot, because .", rest):
                sys.exit(f"{path}: {line}")
    return names, how


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def undefined(module):
    return {line.split()[-1] for line in run("nm", "-u", module).splitlines()}


def calls(module, how):
    """Lines for the calls and jumps to functions that can fail."""
    name = os.path.basename(module).removesuffix(".ko")
    seen, found = set(), []
    section = function = start = at = is_call = None
    for line in run("objdump", "-dr", "--no-show-raw-insn", module).splitlines():
        if match := re.match("Disassembly of section (.*):", line):
            section = match[1]
        elif match := re.match("([0-9a-f]+) <(.*)>:$", line):
            start, function = int(match[1], 16), match[2]
            if function in seen:
                sys.exit(f"{module}: there are two functions {function}()")
            seen.add(function)
        elif match := re.match(r"\s+[0-9a-f]+: R_X86_64_\w+\s+(\w+)-0x4$", line):
            if is_call and match[1] in how and "altinstr" not in section:
                found.append(f"{name}:{function} {at - start} {how[match[1]]} {match[1]} {section}")
        elif match := re.match(r"\s+([0-9a-f]+):\t(\w+)", line):
            at, is_call = int(match[1], 16), match[2] == "call" or match[2][0] == "j"
    return found


def main(imports, *modules):
    names, how = read_imports(imports)
    missing = [f"{os.path.basename(module)}: {name}" for module in modules
               for name in sorted(undefined(module) - names)]
    if missing:
        sys.exit(f"not in {imports}:\n" + "\n".join(missing))
    for module in modules:
        print(*calls(module, how), sep="\n")


main(*sys.argv[1:])
