#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""pyflakes; but what "from MODULE import *" brings is looked up, MODULE being one of the files.

usage: names.py FILE...
"""
import ast
import functools
import pathlib
import sys

from pyflakes import checker, messages

FILES = [pathlib.Path(name) for name in sys.argv[1:]]


@functools.cache
def check(path):
    return checker.Checker(ast.parse(path.read_text(), str(path)), str(path))


def star_imports(path):
    return [message.message_args[0] for message in check(path).messages
            if isinstance(message, messages.ImportStarUsed)]


@functools.cache
def names_of(module):
    """What MODULE has at its top level, whatever that is or where it comes from."""
    path = next(path for path in FILES if path.stem == module)
    scope = next(scope for scope in check(path).deadScopes
                 if isinstance(scope, checker.ModuleScope))
    return set(scope).union(*map(names_of, star_imports(path)))


def is_right(path, message):
    if isinstance(message, messages.ImportStarUsed):
        return True
    return (isinstance(message, messages.ImportStarUsage) and
            any(message.message_args[0] in names_of(module) for module in star_imports(path)))


wrong = [message for path in FILES for message in check(path).messages
         if not is_right(path, message)]
print(*wrong, sep="\n")
sys.exit(bool(wrong))
