#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""The bugs in tools/mutants/*.bugs: list them, or commit one in a tree.

usage: apply.py list               "CATCHER: NAME" of each, a line each
       apply.py commit TREE NAME   in the copy of the sources that is TREE

A file has a paragraph for each bug: its name; who must catch it; the file it is in; then the lines
that are taken out, each behind a "-", and those that come in their place, each behind a "+". What is
taken out must stand in the file exactly once.
"""
import pathlib
import sys


def paragraphs():
    for path in sorted(pathlib.Path(__file__).parent.glob("*.bugs")):
        text = "\n".join(line for line in path.read_text().splitlines() if line[:1] != "#")
        for paragraph in text.strip().split("\n\n"):
            name, catcher, file, *change = paragraph.strip().split("\n")
            yield name, catcher, file, change


def lines(change, sign):
    return "".join(line[1:] + "\n" for line in change if line[0] == sign)


def commit(tree, wanted):
    file, change = next((file, change) for name, _, file, change in paragraphs() if name == wanted)
    path = pathlib.Path(tree, file)
    text = path.read_text()
    old = lines(change, "-")
    if text.count(old) != 1:
        sys.exit(f"{file} has this {text.count(old)} times, not once:\n{old}")
    path.write_text(text.replace(old, lines(change, "+")))


if sys.argv[1:] == ["list"]:
    for bug, who, *_ in paragraphs():
        print(f"{who}: {bug}")
else:
    commit(*sys.argv[2:])
