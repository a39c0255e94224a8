#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Types the commands of a document and compares what they print.

usage: session.py DOCUMENT PROMPT=NETNS... [--write FILE]

A command is an indented line "PROMPT# COMMAND"; the lines below it with the same
indentation are what it prints. There, "..." stands for anything, as in Python's
doctest. A comment ".. eventually: PROMPT# COMMAND" is run until it succeeds. Empty
lines do not count, nor do blanks at the ends of lines.

Prints a TAP result for each command. --write leaves a copy of the document with what
the commands really printed wherever that did not match.
"""

import doctest
import re
import subprocess
import sys
import time

SECONDS_MAX = 60
COMMAND = re.compile(r"^( +)(\w+)# (.*)$")
EVENTUALLY = re.compile(r"^\.\. eventually: (\w+)# (.*)$")


def run(netns, command):
    done = subprocess.run(
        ["ip", "netns", "exec", netns, "bash", "-c", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS_MAX,
        text=True,
    )
    return done.returncode, done.stdout


def tidy(text):
    lines = (line.rstrip() for line in text.expandtabs().splitlines())
    return "".join(line + "\n" for line in lines if line)


def matches(want, got):
    return doctest.OutputChecker().check_output(want, got, doctest.ELLIPSIS)


class Session:
    def __init__(self, namespaces):
        self.namespaces = namespaces
        self.count = 0
        self.has_failed = False

    def result(self, is_ok, text, diagnosis=""):
        self.count += 1
        self.has_failed |= not is_ok
        print(f"{'ok' if is_ok else 'not ok'} {self.count} - {text}")
        for line in [] if is_ok else diagnosis.splitlines():
            print(f"# {line}")
        sys.stdout.flush()

    def eventually(self, prompt, command):
        deadline = time.monotonic() + SECONDS_MAX
        while run(self.namespaces[prompt], command)[0]:
            if time.monotonic() > deadline:
                self.result(False, f"eventually: {command}")
                return
            time.sleep(0.05)

    def command(self, prompt, command, want):
        """Return what the document should say."""
        got = tidy(run(self.namespaces[prompt], command)[1])
        is_ok = matches(tidy(want), got)
        self.result(is_ok, f"{prompt}# {command}", f"wanted:\n{want}\ngot:\n{got}")
        return want if is_ok else got

    def document(self, lines):
        """Run all of it; return the lines it should have."""
        fresh = []
        while lines:
            line = lines.pop(0)
            fresh.append(line)
            if found := EVENTUALLY.match(line):
                self.eventually(*found.groups())
            elif found := COMMAND.match(line):
                indent, prompt, command = found.groups()
                want = []
                while lines and lines[0].startswith(indent) and not COMMAND.match(lines[0]):
                    want.append(lines.pop(0)[len(indent) :])
                text = self.command(prompt, command, "\n".join(want))
                fresh += [indent + line for line in text.splitlines()]
        return fresh


def main(document, *arguments):
    out = None
    if "--write" in arguments:
        *arguments, _, out = arguments
    session = Session(dict(argument.split("=") for argument in arguments))
    with open(document, encoding="utf-8") as file:
        fresh = session.document(file.read().splitlines())
    if out:
        with open(out, "w", encoding="utf-8") as file:
            file.write("\n".join(fresh) + "\n")
    print(f"1..{session.count}")
    return session.has_failed or not session.count


sys.exit(main(*sys.argv[1:]))
