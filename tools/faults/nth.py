#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""usage: nth.py [SHARE]

What scenario.py does, on a kernel with fault injection of its own (tools/debug/kernel). Each step is
done again and again, and each time the next allocation that has a function of ours in its call trace
fails, however deep in the kernel, until there is none left; SHARE n: every nth of them. Then each
netdev event that listeners may refuse is refused, by the first of them and by the last.

What happens in other tasks than that of the step is left to scenario.py.
"""

import collections
import errno
import functools
import itertools
import os
import re
import subprocess
import sys

from inject import Host, Site
from scenario import TREE, Fabric, Scenario, Step

FAULTS = "/sys/kernel/debug/"
EVENTS = "/sys/kernel/debug/notifier-error-inject/netdev/actions/"
PAGE = 4096
MODULES = "ib_ipoib", "eth_ipoib"


def write(path, text):
    with open(path, "w") as file:
        file.write(str(text))


def read(path):
    with open(path) as file:
        return file.read()


def extents(module):
    """Where its functions are, and those that load it."""
    text, init = (int(read(f"/sys/module/{module}/sections/{name}"), 16)
                  for name in (".text", ".init.text"))
    last = max(int(line.split()[0], 16) for line in open("/proc/kallsyms")
               if line.endswith(f"\t[{module}]\n") and line.split()[1] in "tT")
    return {module: (text, last // PAGE * PAGE + PAGE), f"init of {module}": (init, init + PAGE)}


def function(name):
    """Its first and its last address."""
    addresses = sorted({int(line.split()[0], 16) for line in open("/proc/kallsyms")
                        if line.split()[1] in "tT"})
    start, = (int(line.split()[0], 16) for line in open("/proc/kallsyms")
              if line.split()[2] == name)
    return start, addresses[addresses.index(start) + 1]


class Injector:
    """In place of Faults: arm() takes the number of an allocation, or the name of an event."""

    def __init__(self):
        self.nth = 0
        self.event = None
        self.extents = {}
        self.fired = True
        # It makes the kernel print its memory, which nothing tells from trouble.
        reject = function("__vmalloc_node_range_noprof")
        for kind in "failslab", "fail_page_alloc":
            write(f"{FAULTS}{kind}/stacktrace-depth", 32)
            write(f"{FAULTS}{kind}/reject-start", f"{reject[0]:#x}")
            write(f"{FAULTS}{kind}/reject-end", f"{reject[1]:#x}")
            write(f"{FAULTS}{kind}/ignore-gfp-wait", "N")
            write(f"{FAULTS}{kind}/verbose", 0)
        write(f"{FAULTS}fail_page_alloc/min-order", 0)

    def learn(self):
        """Where modules are; one that is loaded again had better be there again."""
        for module in MODULES:
            if os.path.exists(f"/sys/module/{module}"):
                self.extents.update(extents(module))

    def below(self, functions):
        """From now on only allocations with one of these in their call trace count."""
        start, end = self.extents[functions]
        for kind in "failslab", "fail_page_alloc":
            write(f"{FAULTS}{kind}/require-start", f"{start:#x}")
            write(f"{FAULTS}{kind}/require-end", f"{end:#x}")

    def arm(self, site=None):
        if self.event:
            write(f"{EVENTS}{self.event}/error", 0)
        self.nth, self.event, self.fired = 0, None, True
        if site and site.kind == "event":
            self.event = site.name
            write(f"{EVENTS}{self.event}/error", -errno.ENOMEM)
        elif site:
            self.nth, self.fired = site.number, False

    def has_fired(self):
        """True of an event: nothing says whether anybody was asked."""
        return self.fired


class FailingHost(Host):
    """Its next command after arm() has the fault."""

    def __init__(self, faults, netns=None):
        super().__init__(netns)
        self.faults = faults

    def run(self, command, seconds=60):
        nth, self.faults.nth = self.faults.nth, 0
        if not nth:
            return super().run(command, seconds)
        process = subprocess.Popen(
            ["sh", "-c", f"echo {nth} > /proc/self/fail-nth; exec {command}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=self.netns and self.enter)
        output = process.stdout.read()
        # Of a process that has ended and not been waited for.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self.faults.fired = read(f"/proc/{process.pid}/fail-nth") == "0\n"
        return process.wait(), output.strip()


class NthScenario(Scenario):
    def __init__(self, faults, share):
        super().__init__(faults, share, "")
        self.kinds = set()

    def run(self, step, sites):
        """Sites by what is to be said of them."""
        before = self.state()
        *result, is_ready = self.attempt(step)
        self.faults.learn()
        extents = dict(self.faults.extents)
        wrong = [] if is_ready else result
        self.verdict(not wrong, f"{step.text}, and back", *wrong, *self.take_back(step, before))
        for text, some in sites.items():
            counts, wrong = collections.Counter(), []
            for site in some:
                result, what = self.fail(step, site, before)
                self.say(f"{step.text}: {site.name}: {result}")
                wrong += [f"{site.name}: {one}" for one in what]
                if result.startswith("not reached"):
                    break
                counts[result.split()[0]] += 1
                self.results[f"{site.kind} {result.split()[0]}"] += 1
            self.verdict(not wrong, f"{step.text}: {text}: {dict(counts)}", *wrong)
        *result, is_ready = self.attempt(step)
        self.faults.learn()
        if not is_ready or self.faults.extents != extents:
            self.verdict(False, f"{step.text}, for good", *result, extents, self.faults.extents)
            self.finish()

    def allocations(self, step, *modules):
        def each(module):
            self.faults.below(module)
            for nth in itertools.count(1, self.share):
                yield Site(nth, f"allocation {nth} below {module}", "allocation")

        # The second VIF is made as the first was.
        kind = re.sub(r"[\d.:A-F]+", "", step.text)
        again = kind in self.kinds
        self.kinds.add(kind)
        self.run(step, {} if again else {f"allocations below {module} fail": each(module)
                                         for module in modules or MODULES})

    def events(self, step, *_):
        self.run(step, {"events are refused": [Site(0, name, "event")
                                               for name in sorted(os.listdir(EVENTS))]})

    def finish(self):
        print("# faults:", ", ".join(f"{count} {what}" for what, count in self.results.items()))
        print(f"1..{self.count}")
        sys.exit(bool(self.failed))


def everything(fabric, do):
    """Load, type, plug: do() each step."""
    root, h1 = fabric.root, fabric.h1
    do(Step("modprobe ib_ipoib", root, "modprobe ib_ipoib", lambda: True, 0, "rmmod ib_ipoib"),
       "init of ib_ipoib")
    fabric.prepare(fabric.in_bash("modprobe vib hcas=1 guid=$VIB_GUID && start_opensm"))
    fabric.await_(lambda: root.has("ib0"))
    fabric.prepare("ip link set dev ib0 netns h1")
    do(Step("modprobe eth_ipoib", root, "modprobe eth_ipoib", h1.pifs, 0, "rmmod eth_ipoib"),
       "init of eth_ipoib")
    fabric.prepare("ip link set dev eth0 name eth4; ip link add vnet1 type veth peer name guest1",
                   h1)
    do(Step("ib0 up", h1, "ip link set dev ib0 up", lambda: h1.has_carrier("ib0"), 20,
            "ip link set dev ib0 down"))
    do(Step("eth4 up", h1, "ip link set dev eth4 up", lambda: True, 0, "ip link set dev eth4 down"))
    for step in fabric.script:
        do(step)
    for command in ("ip -d link show dev eth4", "bridge fdb show dev eth4", "ethtool -S eth4"):
        do(Step(command, h1, command, lambda: True, 0, "true"))
    fabric.prepare(fabric.unplug + fabric.clear())
    do(Step("plugged", root, f"env -C {TREE} bash -c"
            " '. tools/lib/guest.sh; exec modprobe vib hcas=1 guid=$VIB_GUID'",
            lambda: root.has("ib0", "eth0"), 0, "rmmod vib"))
    fabric.prepare("rmmod vib; rmmod eth_ipoib; rmmod ib_ipoib")


def main(share="1"):
    faults = Injector()
    scenario = NthScenario(faults, int(share))
    fabric = Fabric(scenario, functools.partial(FailingHost, faults))
    everything(fabric, scenario.allocations)
    for priority in -2**31, 2**31 - 1:
        fabric.prepare(f"modprobe netdev-notifier-error-inject priority={priority}")
        everything(fabric, scenario.events)
        fabric.prepare("rmmod netdev-notifier-error-inject")
    scenario.finish()


main(*sys.argv[1:])
