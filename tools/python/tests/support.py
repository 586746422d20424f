# SPDX-License-Identifier: MIT
"""What the tests share: counters of the module, names of this task."""

import ctypes
import fcntl
import os
import traceback
import unittest
from ctypes import c_uint32, c_uint64

import mach
from mach import _lib

MACH_IOC_STATS = 0xd402
MACH_COPY_REASONS = 16


class IocStats(ctypes.Structure):
    """struct mach_ioc_stats; what is live is told of the module only."""
    _fields_ = [("size", c_uint32), ("flags", c_uint32)] + [
        (name, c_uint64) for name in
        ("messages_sent", "messages_received", "pages_shared", "pages_moved",
         "pages_hole")] + [("pages_copied", c_uint64 * MACH_COPY_REASONS)] + [
        (f"live{i}", c_uint64) for i in range(11)]


def stats() -> IocStats:
    """The calling task's counters."""
    result = IocStats()
    result.size = ctypes.sizeof(result)
    fcntl.ioctl(_lib.device_fd(), MACH_IOC_STATS, result, True)
    return result


def names() -> set[int]:
    """All names of this task."""
    arrays, counts = [ctypes.c_void_p() for _ in "nt"], (c_uint32 * 2)()
    _lib.check(_lib.library.mach_port_names(
        c_uint32(_lib.task_self()), ctypes.byref(arrays[0]),
        ctypes.byref(counts, 0), ctypes.byref(arrays[1]),
        ctypes.byref(counts, 4)))
    found: set[int] = set()
    for i, array in enumerate(arrays):
        if array.value:
            with mach.Memory.adopt(array.value, counts[i] * 4) as memory:
                if not i:
                    found = set(memory.view.cast("I").tolist())
    return found


def forked(function, *arguments) -> int:
    """A child that calls function and exits with 0, or with 1 if it raises."""
    child = os.fork()
    if child:
        return child
    try:
        function(*arguments)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


class TestCase(unittest.TestCase):
    """Demands that a test leaves no name behind."""

    def setUp(self) -> None:
        _lib.task_self()
        self._names = names()

    def tearDown(self) -> None:
        self.assertEqual(names(), self._names, "names are left")
