#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""Whether the documents are whole: reStructuredText without a warning, and what they name exists.

usage: documents.py FILE...      in the tree

Looked at are names of files (those of our tree by their path or the end of it), suites after
"tools/check", links, and tests: ``FILE: NAME``, where NAME must stand in FILE, or be one of its
GoogleTests if it has the form Suite.name.
"""
import os
import re
import sys

from docutils import core, nodes
from docutils.parsers.rst import roles

OURS = [os.path.normpath(os.path.join(where, name)) for where, _, names in os.walk(".")
        for name in names if not where.startswith("./.git")]
TREES = "drivers|include|kunit|tools|Documentation|LICENSES"
SOURCES = "c|h|cpp|hpp|sh|py|rst|yaml|patch|hex|partitions|link|conf|md"
FILE = re.compile(rf"(?<![\w/$.~<*-])(?:(?:{TREES})/[\w./*{{,}}-]+|[\w./*-]+\.(?:{SOURCES})\b)")
SUITES = re.compile(r"tools/check ([a-z][a-z0-9. -]*)")
TEST = re.compile(r"([\w./-]+\.(?:cpp|hpp|sh|py)): (.+)", re.DOTALL)
URL = re.compile(r"https?://[\w-]+(\.[\w-]+)+(/|$)|mailto:")
LINK = re.compile(r"\[[^]]*\]\(([^)#]+)[^)]*\)")
# Of other projects; a place, and a part that stands for something else.
FOREIGN = re.compile(r"openib\.conf|/.*|.*/[A-Z]+/.*|.*/NN-name\..*")


def pattern(name):
    name = re.sub(r"\{([^}]*)\}", lambda m: "(?:" + m[1].replace(",", "|") + ")",
                  name.replace(".", r"\.").replace("*", ".*"))
    return re.compile("(?:.*/)?" + name + "(?:/.*)?")


def wrong_names(text):
    for name in FILE.findall(text):
        name = name.rstrip("./")
        if not FOREIGN.fullmatch(name) and not any(map(pattern(name).fullmatch, OURS)):
            yield f"no such file: {name}"
    for names in SUITES.findall(text):
        for name in names.split():
            if not os.path.exists(f"tools/suites/{name}"):
                yield f"no such suite: {name}"


def wrong_test(text):
    found = TEST.fullmatch(text)
    if not found:
        return
    path, name = found[1], " ".join(found[2].split())
    files = [file for file in OURS if pattern(path).fullmatch(file)]
    suite = re.fullmatch(r"(\w+)\.(\w+)", name)
    want = rf"TEST(_[FP])?\({suite[1]},\s*{suite[2]}\)" if suite else re.escape(name)
    if not any(re.search(want, open(file, encoding="utf-8").read()) for file in files):
        yield f"no such test: {text}"


def role_doc(role, raw, text, line, inliner, options=None, content=None):
    """:doc:`target`, of the kernel's documentation."""
    target = os.path.join(os.path.dirname(inliner.document["source"]), text + ".rst")
    if os.path.exists(target):
        return [nodes.literal(raw, text)], []
    error = inliner.reporter.error(f"no such document: {text}", line=line)
    return [inliner.problematic(raw, raw, error)], [error]


class Warnings:
    """A stream, for docutils; one that is a list would be no stream while it is empty."""

    def __init__(self):
        self.texts = []

    def write(self, text):
        if text.strip():
            self.texts.append(text.strip())


def check_rst(path, text):
    wrong = Warnings()
    tree = core.publish_doctree(text, source_path=path, settings_overrides={
        "report_level": 2, "halt_level": 5, "warning_stream": wrong})
    yield from wrong.texts
    for node in tree.findall(lambda node: isinstance(node, (nodes.literal, nodes.literal_block))):
        yield from wrong_names(node.astext())
        yield from wrong_test(node.astext())
    for node in tree.findall(nodes.reference):
        if "refuri" in node and not URL.match(node["refuri"]):
            yield f"no link: {node['refuri']}"


def check_markdown(path, text):
    for target in LINK.findall(text):
        if not re.match("https?://", target) and not os.path.exists(
                os.path.join(os.path.dirname(path), target)):
            yield f"no such file: {target}"
    yield from wrong_names(text)


roles.register_local_role("doc", role_doc)
failed = False
for file in sys.argv[1:]:
    with open(file, encoding="utf-8") as stream:
        content = stream.read()
    for complaint in (check_rst if file.endswith(".rst") else check_markdown)(file, content):
        failed = True
        print(f"{file}: {complaint}")
sys.exit(failed)
