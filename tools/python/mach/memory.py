# SPDX-License-Identifier: MIT
"""Memory that travels out of line."""

from __future__ import annotations

import ctypes
import mmap
import weakref
from ctypes import c_ubyte, c_uint64
from types import TracebackType

from . import _lib


def _unmap(address: int, size: int) -> None:
    begin = address // mmap.PAGESIZE * mmap.PAGESIZE
    _libc.munmap(begin, address + size - begin)


# munmap and not vm_deallocate, which needs a task: after a fork the child has
# its own copy of the memory, and perhaps no task.
_libc = ctypes.CDLL(None)
_libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)


class Memory:
    """Pages of this process: what was received out of line, or allocated.

    Memory(size) allocates zeroed pages; filled through `view` and sent out of
    line they are shared, or with mach.Data(memory, move=True) handed over,
    but not copied.

    The pages are freed when neither the object nor a view of it is left, so a
    memoryview (and what is made of one, such as an array of numpy) may outlive
    the object.  close() lets go at once, and `with` does at its end.
    """

    def __init__(self, size: int):
        address = c_uint64()
        _lib.check(_lib.vm_allocate(_lib.task_self(), ctypes.byref(address),
                                    size, True))
        self._own(address.value, size)

    @classmethod
    def adopt(cls, address: int, size: int) -> Memory:
        """Own a region that was received."""
        memory = cls.__new__(cls)
        memory._own(address, size)
        return memory

    def _own(self, address: int, size: int) -> None:
        self.address, self.size = address, size
        self._array: weakref.ref | None = None
        if size:
            self._hold((c_ubyte * size).from_address(address))
        else:
            self._view: memoryview | None = memoryview(b"")

    def _hold(self, array: ctypes.Array) -> None:
        # Every view keeps the array, and nothing else does: the region goes
        # with it.
        self._array = weakref.ref(array)
        self._finalizer = weakref.finalize(array, _unmap, self.address,
                                           self.size)
        self._finalizer.atexit = False
        self._view = memoryview(array).cast("B")

    @property
    def view(self) -> memoryview:
        """The bytes, to read and to write."""
        if self._view is None:
            raise ValueError("the memory was closed or sent away")
        return self._view

    def __len__(self) -> int:
        return self.size

    def __bytes__(self) -> bytes:
        return bytes(self.view)

    def close(self) -> None:
        """Let go of the pages; views that others have keep them."""
        self._view = None

    def detach(self) -> tuple[int, int]:
        """Give the region up without freeing it: address and size.

        BufferError: somebody has a view of it, which would point nowhere.
        """
        if self._view is None:
            raise ValueError("the memory was closed or sent away")
        if self._array is not None:
            self._finalizer.detach()
        self._view = None
        if self._array is not None:
            array = self._array()
            if array is not None:
                self._hold(array)
                raise BufferError("there are views of this memory")
        return self.address, self.size

    def __enter__(self) -> Memory:
        return self

    def __exit__(self, kind: type[BaseException] | None,
                 error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
