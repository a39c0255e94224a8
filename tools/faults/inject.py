# SPDX-License-Identifier: GPL-2.0 OR Linux-OpenIB
"""What scenario.py runs on: commands in hosts, faults.ko, and what there is to see."""

import collections
import ctypes
import json
import os
import signal
import subprocess
import time

DEBUGFS = "/sys/kernel/debug/faults/"
SLOW = int(os.environ.get("EIPOIB_SLOW", "1"))
TIMED_OUT = 124
libc = ctypes.CDLL(None, use_errno=True)

Site = collections.namedtuple("Site", "number name kind")


def wait_until(seconds, condition):
    """The first result of condition() that is true, or None."""
    deadline = time.monotonic() + seconds * SLOW
    while True:
        if result := condition():
            return result
        if time.monotonic() > deadline:
            return None
        time.sleep(0.02)


class Host:
    """A network namespace with the mounts that `ip netns exec` makes, kept by a process."""

    def __init__(self, netns=None):
        self.netns = netns
        self.root = "/"
        if netns:
            self.keeper = subprocess.Popen(["ip", "netns", "exec", netns, "sleep", "infinity"])
            pid = self.keeper.pid
            wait_until(10, lambda: os.readlink(f"/proc/{pid}/exe").endswith("/sleep"))
            self.root = f"/proc/{pid}/root/"
            self.spaces = [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
                           for name in ("net", "mnt")]

    def enter(self):
        for space in self.spaces:
            if libc.setns(space, 0):
                raise OSError(ctypes.get_errno(), "setns")

    def run(self, command, seconds=60):
        """Its exit status and what it said."""
        process = subprocess.Popen(
            ["sh", "-ec", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, preexec_fn=self.netns and self.enter)
        try:
            output = process.communicate(timeout=seconds * SLOW)[0]
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            return TIMED_OUT, f"{command}: took longer than {seconds} s"
        return process.returncode, output.strip()

    def devices(self):
        """What there is, without what changes by itself."""
        result = {}
        folder = self.root + "sys/class/net/"
        for name in sorted(os.listdir(folder)):
            try:
                master = os.path.basename(os.readlink(folder + name + "/master"))
            except OSError:
                master = None
            try:
                with open(folder + name + "/flags") as flags, open(folder + name + "/mtu") as mtu:
                    result[name] = (int(flags.read(), 16) & 1, int(mtu.read()), master)
                with open(folder + name + "/eth/vifs") as vifs:
                    result[name] += (vifs.read(),)
            except OSError:
                pass
        return result

    def has_carrier(self, *names):
        for name in names:
            try:
                with open(f"{self.root}sys/class/net/{name}/carrier") as file:
                    if file.read() != "1\n":
                        return False
            except OSError:
                return False
        return True

    def has(self, *names):
        return all(os.path.exists(f"{self.root}sys/class/net/{name}") for name in names)

    def pifs(self):
        output = self.run("ip -j -d link show type eipoib")[1]
        return sorted(link["ifname"] for link in json.loads(output or "[]") if link)


class Faults:
    def __init__(self, module, sites):
        subprocess.run(["insmod", module], check=True)
        self.sites = []
        with open(sites) as file:
            for number, line in enumerate(file):
                function, offset, how, called, _ = line.split()
                with open(DEBUGFS + "sites", "w") as add:
                    add.write(line.rstrip("\n"))
                self.sites.append(Site(number, f"{called} in {function}+{int(offset):#x}", "site"))
        with open(DEBUGFS + "events") as file:
            self.events = [Site(number, line.split(maxsplit=1)[1].strip(), "event")
                           for number, line in enumerate(file)]

    @staticmethod
    def hits():
        """Of all sites, then of all events."""
        result = []
        for name in ("sites", "events"):
            with open(DEBUGFS + name) as file:
                result += [int(line.split()[0]) for line in file]
        return result

    @staticmethod
    def arm(site=None):
        with open(DEBUGFS + "arm", "w") as file:
            file.write(f"{site.kind} {site.number}" if site else "none")

    @staticmethod
    def has_fired():
        with open(DEBUGFS + "arm") as file:
            return file.read() == "1\n"


# A block for each place that allocates: how many, then who called. An address without a name
# was in a module that is gone; or in an init function, which nothing tells from others that had
# its place. What is in NAPI's stock of frames is nobody's.
TRACES = r"""
    { caller = $1 }
    /age=/ { block(); count = $1; caller = $2 }
    /napi_skb_cache_get|napi_build_skb|napi_consume_skb/ { ignored = 1 }
    /do_one_initcall/ && last == name { ignored = 1 }
    /kmalloc_reserve/ { is_frame = 1 }
    name == "" && (/\[(eth_ipoib|ib_ipoib)\]/ || caller ~ /^0xffffffffc/) { name = caller }
    { last = caller }
    END { block(); for (name in sum) print sum[name], name }
    function block() {
        if (name == "" && is_frame) name = "frames"
        if (name != "" && !ignored) sum[name] += count
        name = ""
        ignored = is_frame = 0
    }"""


def allocations():
    """Objects by the function of ours that allocated them, and all frames, as slub_debug
    has them."""
    # Names of sysfs live as long as somebody's cached view of them.
    with open("/proc/sys/vm/drop_caches", "w") as file:
        file.write("2")
    output = subprocess.run(
        ["sh", "-c", "cat /sys/kernel/debug/slab/kmalloc-*/alloc_traces"
         " /sys/kernel/debug/slab/skbuff*/alloc_traces | awk \"$0\"", TRACES],
        check=True, capture_output=True, text=True).stdout
    return collections.Counter({line.split()[1]: int(line.split()[0])
                                for line in output.splitlines()})
