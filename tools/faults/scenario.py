#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""usage: scenario.py FAULTS.KO SITES [SHARE [REGEX]]

Loads the modules, types the cover letter's script, plugs HCAs. Each step is done once to see
which calls (SITES: what sites.py prints) it comes by, then once for each of them that fails
there. SHARE n: every nth of them; REGEX: only those whose name it matches.

A step that was refused has changed nothing and works when done again. One that was not refused
has done what it should, or is in DEGRADED with what it does not do.
"""

import collections
import os
import re
import sys
import time
import zlib

from inject import TIMED_OUT, Faults, Host, allocations, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
# For ready() is waited this many seconds.
Step = collections.namedtuple("Step", "text host do ready seconds undo again", defaults=(False,))

# What may be done in part, without an error, and whether the kernel's log must say so: step and
# call. The last three are the distribution's ib_ipoib: it waits for the port's next event.
DEGRADED = [
    ("modprobe ib_ipoib|plugged", "", False),      # an HCA without IPoIB interface
    ("modprobe eth_ipoib|plugged", "", True),      # an IPoIB interface without PIF
    ("ib0 up", "ipoib_pkey_dev_check_presence", True),
    ("ib0 up", "ipoib_create_ah", True),
    ("ib0 up", "ib_query_port in ib_ipoib:ipoib_mcast_carrier_on_task", False),
]


def may_be_degraded(step, site, said):
    return any(re.fullmatch(text, step.text) and call in site.name and (said or not must_say)
               for text, call, must_say in DEGRADED)


class KernelLog:
    def __init__(self):
        self.file = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.file, 0, os.SEEK_END)

    def news(self):
        """What it said since the last call."""
        lines = []
        while True:
            try:
                record = os.read(self.file, 8192).decode()
            except BrokenPipeError:  # it said more than it keeps
                continue
            except BlockingIOError:
                return "; ".join(lines)
            lines.append(record.partition(";")[2].split("\n")[0])


class Scenario:
    def __init__(self, faults, share, pattern):
        self.faults = faults
        self.share = share
        self.pattern = re.compile(pattern)
        self.reached = set()
        self.done = set()
        self.results = collections.Counter()
        self.count = 0
        self.failed = 0
        self.log = open("/out/faults.log", "w", buffering=1)
        self.hosts = []
        self.kernel = KernelLog()

    def say(self, text):
        self.log.write(text + "\n")

    def verdict(self, good, text, *details):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {text}")
        for line in [] if good else details:
            print("# " + str(line).replace("\n", "\n# "))
        sys.stdout.flush()

    def state(self):
        return [host.devices() for host in self.hosts]

    def came_by(self, before):
        """Sites and events."""
        everything = self.faults.sites + self.faults.events
        return [one for one, was, now in zip(everything, before, self.faults.hits()) if now > was]

    def attempt(self, step):
        """Refused with a sentence, or done; and whether it is as it should be."""
        status, output = step.host.run(step.do)
        return status, output, status == 0 and bool(wait_until(step.seconds, step.ready))

    def take_back(self, step, before):
        """A list of what is wrong."""
        status, output = step.host.run(step.undo)
        if status:
            # Whatever failed in it was to fail once.
            self.say(f"  undo: {output}")
            status, output = step.host.run(step.undo)
        wrong = [f"undo: status {status}: {output}"] if status else []
        if not wait_until(5, lambda: self.state() == before):
            wrong.append(f"before: {before}\nafter:  {self.state()}")
        return wrong

    def fail(self, step, site, before):
        """A step with a fault: what came of it, and what is wrong."""
        wrong = []
        self.kernel.news()
        self.faults.arm(site)
        status, output, is_ready = self.attempt(step)
        if status:
            result = "refused"
            if status == TIMED_OUT or not output:
                wrong.append(f"status {status}: {output}")
            if not wait_until(5, lambda: self.state() == before):
                wrong.append(f"refused, but\nbefore: {before}\nafter:  {self.state()}")
        else:
            result = "done" if is_ready else "degraded"
            wrong += self.take_back(step, before)
        if not self.faults.has_fired():
            result = "not reached"
        self.faults.arm()
        said = self.kernel.news()
        if result == "degraded" and not may_be_degraded(step, site, said):
            wrong.append(f"not refused, and yet not as it should be: {said}")
        if result in ("refused", "degraded"):
            *again, is_ready = self.attempt(step)
            if not is_ready:
                wrong.append(f"next try: {again}")
            wrong += self.take_back(step, before)
        return f"{result} {output or said}".strip(), wrong

    def run(self, step):
        start = time.monotonic()
        before, hits = self.state(), self.faults.hits()
        status, output, is_ready = self.attempt(step)
        wrong = [] if is_ready else [f"status {status}: {output}"]
        wrong += self.take_back(step, before)
        self.verdict(not wrong, f"{step.text}, and back", *wrong)
        sites = [site for site in self.came_by(hits) if step.again or site not in self.done]
        self.reached.update(sites)
        for site in self.choose(sites):
            result, wrong = self.fail(step, site, before)
            self.say(f"{step.text}: {site.name}: {result}")
            if not wrong and result.startswith("not reached"):
                continue
            self.verdict(not wrong, f"{step.text}: {site.name} fails: {result}", *wrong)
            self.results[result.split()[0]] += 1
            self.done.add(site)
        status, output, is_ready = self.attempt(step)
        if not is_ready:
            self.verdict(False, f"{step.text}, for good", f"status {status}: {output}")
            self.finish()
        self.say(f"{step.text}: {time.monotonic() - start:.1f} s")

    def choose(self, sites):
        return [site for site in sites if self.pattern.search(site.name)
                and zlib.crc32(site.name.encode()) % self.share == 0]

    def check_leaks(self, text, allocated):
        """Nothing of ours is there that was not before, nor more frames."""
        wait_until(10, lambda: not allocations() - allocated)
        more = allocations() - allocated
        self.verdict(not more, text, dict(more))

    def finish(self):
        def count(sites):
            return sum(site.kind == "site" for site in sites)

        self.say("never reached: " + ", ".join(
            site.name for site in self.faults.sites if site not in self.reached))
        missing = [site for site in self.choose(self.reached) if site not in self.done]
        self.verdict(not missing, "what was reached once has failed once",
                     *(site.name for site in missing))
        print(f"# sites: {count(self.done)} failed, {count(self.reached)} reached, "
              f"{len(self.faults.sites)} in all; events: {len(self.done) - count(self.done)} "
              f"failed, {len(self.reached) - count(self.reached)} reached; {dict(self.results)}")
        print(f"1..{self.count}")
        sys.exit(bool(self.failed))


def script_steps(host):
    """The cover letter's script, a step for each line."""
    undo = {
        r"ip link add .* name (\S+) .*": r"ip link del \1",
        r"ip link set dev (\S+) master .*": r"ip link set dev \1 nomaster",
        r"ip link set dev (\S+) vif (\S+) .*": r"ip link set dev \1 vif \2 none",
        r"brctl addbr (\S+)": r"brctl delbr \1",
        r"brctl addif (.*)": r"brctl delif \1",
        r"ifconfig (\S+) up": r"ifconfig \1 down",
        r"vconfig add (\S+) (\d+)": r"vconfig rem \1.\2",
        r"cat .*": "true",
    }
    with open(TREE + "/tools/e2e/cover-letter.script") as file:
        for line in filter(None, map(str.strip, file)):
            back, = [re.sub(do, how, line) for do, how in undo.items() if re.fullmatch(do, line)]
            yield Step(line, host, line, shows(host, line), 20, back)


def shows(host, line):
    """A function that says whether what that line did is to be seen."""
    if match := re.fullmatch(r"ip link set dev (\S+) master .*", line):
        return lambda: host.has_carrier(match[1])
    if match := re.fullmatch(r"ip link set dev eth4 vif (\S+) mac (\S+).*", line):
        bound = re.compile(f"SLAVE={re.escape(match[1])} +MAC={match[2].lower()} ")
        return lambda: bound.search(host.devices()["eth4"][3])
    return lambda: True


# What the other host does to answer, and what the first one does to be heard.
ANSWER = """sysctl -q -w net.ipv4.conf.ib0.arp_ignore=1
    ip link set dev ib0 up
    ip addr add 10.1.0.2/24 dev ib0
    ip link set dev eth0 name eth4
    ip link add link ib0 name ib0.1 type ipoib index 1
    ip link set dev ib0.1 master eth4
    ip link set dev eth4 type eipoib vif ib0.1 mac 00:02:C9:43:3C:01
    ip link set dev eth4 up
    ip addr add 10.0.0.2/24 dev eth4"""
ADDRESSES = "ip addr add 10.0.0.1/24 dev br2; ip addr add 10.1.0.1/24 dev br2"


class Fabric:
    """Two hosts: one types the script, the other answers, as VIF and as plain host."""

    def __init__(self, scenario, host=Host):
        self.scenario = scenario
        self.root = host()
        self.prepare("ip netns add h1; ip netns add h2; modprobe -a ib_cm ib_umad")
        self.h1, self.h2 = host("h1"), host("h2")
        scenario.hosts = [self.root, self.h1]
        self.plug = self.in_bash("modprobe vib hcas=2 guid=$VIB_GUID && start_opensm")
        self.unplug = self.in_bash(
            'kill $(cat /run/opensm/pid); wait_until 20 eval "! pgrep -x opensm"; rmmod vib')
        self.script = list(script_steps(self.h1))

    @staticmethod
    def in_bash(text):
        return f"cd {TREE}; bash -ec '. tools/lib/guest.sh; {text}'"

    def prepare(self, command, host=None):
        status, output = (host or self.root).run(command)
        if status:
            self.scenario.verdict(False, command, output)
            self.scenario.finish()

    def await_(self, condition):
        if not wait_until(30, condition):
            self.scenario.verdict(False, "a condition comes true")
            self.scenario.finish()

    def move(self):
        self.await_(lambda: self.root.has("ib0", "ib1"))
        self.prepare("ip link set dev ib0 netns h1; ip link set dev ib1 netns h2 name ib0")

    def answer(self):
        self.await_(self.h2.pifs)
        self.prepare(ANSWER, self.h2)

    def has_vifs(self):
        return self.h1.has_carrier("ib0", "ib0.1", "ib0.2", "ib0.8003", "ib0.8003.1")

    def pings(self):
        return not self.h1.run("ping -n -c 1 -W 1 10.0.0.2; ping -n -c 1 -W 1 10.1.0.2")[0]

    def everything(self):
        """A command that makes again what unplugging took away, or what is left of it."""
        newline = "\n"
        return f"""if test -d /sys/module/vib; then {self.unplug}{self.clear()} || :
            fi
            {self.plug}
            {self.in_bash('wait_until 20 test -e /sys/class/net/ib1')}
            ip link set dev ib0 netns h1; ip link set dev ib1 netns h2 name ib0
            ip netns exec h2 sh -e << 'ANSWER'
            {ANSWER}
ANSWER
            ip netns exec h1 sh -e << 'END'
            ip link set dev eth0 name eth4; ip link set dev ib0 up; ip link set dev eth4 up
            ip link add vnet1 type veth peer name guest1
            {newline.join(step.do for step in self.script)}
            {ADDRESSES}
            timeout 60 sh -c 'until ping -n -c 1 -W 1 10.1.0.2; do :; done' > /dev/null
END
            """

    def clear(self):
        """What the script made besides VIFs."""
        return "\nip netns exec h1 sh -c 'ip link del vnet1; ip link del br2; ip link del br3'"


def main(module, sites, share="1", pattern=""):
    faults = Faults(module, sites)
    scenario = Scenario(faults, int(share), pattern)
    fabric = Fabric(scenario)
    root, h1 = fabric.root, fabric.h1

    fabric.prepare("modprobe ib_ipoib; modprobe eth_ipoib")
    at_rest = allocations()
    fabric.prepare("rmmod eth_ipoib; rmmod ib_ipoib")
    fabric.prepare(fabric.plug)

    unloaded = allocations()
    # To modprobe, EEXIST is success.
    load = "modprobe {0}; test -d /sys/module/{0} || {{ echo is not there; false; }}"
    scenario.run(Step("modprobe ib_ipoib", root, load.format("ib_ipoib"),
                      lambda: root.has("ib0", "ib1"), 0, "rmmod ib_ipoib"))
    fabric.move()
    scenario.run(Step("modprobe eth_ipoib", root, load.format("eth_ipoib"), h1.pifs, 0,
                      "rmmod eth_ipoib"))
    fabric.answer()
    fabric.prepare("ip link set dev eth0 name eth4;"
                   "ip link add vnet1 type veth peer name guest1", h1)
    scenario.run(Step("ib0 up", h1, "ip link set dev ib0 up", lambda: h1.has_carrier("ib0"), 20,
                      "ip link set dev ib0 down"))
    scenario.run(Step("eth4 up", h1, "ip link set dev eth4 up", lambda: True, 0,
                      "ip link set dev eth4 down"))
    for step in fabric.script:
        scenario.run(step)
    fabric.prepare(ADDRESSES, h1)
    scenario.run(Step("traffic", h1, """
        bridge fdb flush dev eth4 self
        ip -batch - << END
        link set dev ib0.1 down
        link set dev br2 down
        link set dev br2 up
        link set dev ib0.1 up
        link set dev eth4 vif ib0.1 none
        link set dev eth4 vif ib0.1 mac 00:02:C9:43:3B:F1
        neigh flush all
END""", lambda: fabric.has_vifs() and fabric.pings(), 20, "true"))
    scenario.run(Step("unplugged", root, fabric.unplug + fabric.clear(), lambda: True, 0,
                      fabric.everything()))
    scenario.run(Step("plugged", root, fabric.plug,
                      lambda: root.has("ib0", "ib1", "eth0", "eth1"), 0, fabric.unplug,
                      scenario.share == 1))
    fabric.prepare(fabric.unplug)
    scenario.check_leaks("without HCAs, nothing of ours is there", at_rest)
    fabric.prepare("rmmod eth_ipoib; rmmod ib_ipoib")
    scenario.check_leaks("without modules", unloaded)
    scenario.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
