# SPDX-License-Identifier: MIT
"""Who sent a message."""

from __future__ import annotations

import os
from dataclasses import dataclass

from . import _lib, const


@dataclass(frozen=True)
class Sender:
    """The sender as it was when it sent; see struct mach_trailer.

    pid says who it was, not who it is now: pidfd() tells.  kernel is True for
    the module's own messages (notifications), whose other fields say nobody.
    """

    task_id: int
    pid: int
    uid: int
    gid: int
    kernel: bool

    @classmethod
    def from_trailer(cls, trailer: _lib.Trailer) -> Sender:
        """What the kernel wrote."""
        return cls(trailer.task_id, trailer.pid, trailer.uid, trailer.gid,
                   bool(trailer.flags & const.MACH_TRAILER_KERNEL))

    def pidfd(self) -> int:
        """A new pidfd of the very process that sent the message.

        ProcessLookupError: it has exited or called exec, or is not visible.
        """
        gone = ProcessLookupError(f"the sender, process {self.pid}, is gone")
        if self.pid <= 0:
            raise gone
        fd = os.pidfd_open(self.pid)
        try:
            call = _lib.IocConfirm(pid=self.pid, task_id=self.task_id)
            if _lib.ioctl(_lib.TASK_CONFIRM, call):
                raise gone
        except BaseException:
            os.close(fd)
            raise
        return fd
