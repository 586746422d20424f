# SPDX-License-Identifier: MIT
"""Ports of the task and the system, and descriptors as rights."""

from __future__ import annotations

import ctypes
import os

from . import _lib, const
from .right import SendRight


def bootstrap() -> SendRight | None:
    """The port through which processes find each other; None: there is none."""
    name = _lib.out_name(_lib.get_special_port, _lib.task_self(),
                         const.MACH_TASK_BOOTSTRAP_PORT)
    if name in (const.MACH_PORT_NULL, const.MACH_PORT_DEAD):
        return None
    return SendRight(name)


def set_bootstrap(right: SendRight | None) -> None:
    """Set it for this process and its children to come; right is kept."""
    name = right.name if right is not None else const.MACH_PORT_NULL
    _lib.check(_lib.set_special_port(_lib.task_self(),
                                     const.MACH_TASK_BOOTSTRAP_PORT, name))


def set_instance_bootstrap(right: SendRight | None) -> None:
    """Set it for all processes that have not set or inherited one.

    KERN_NO_ACCESS: that needs CAP_SYS_ADMIN.
    """
    _lib.task_self()
    name = right.name if right is not None else const.MACH_PORT_NULL
    _lib.check(_lib.instance_bootstrap(name))


def _errno() -> OSError:
    error = ctypes.get_errno()
    return OSError(error, os.strerror(error))


def fileport(fd: int) -> SendRight:
    """A send right that carries the open file of fd, to send it away."""
    name = _lib.c_uint32()
    if _lib.fileport_makeport(fd, ctypes.byref(name)):
        raise _errno()
    return SendRight(name.value)


def open_fileport(right: SendRight) -> int:
    """A new descriptor for the file that right carries."""
    fd = _lib.fileport_makefd(right.name)
    if fd < 0:
        raise _errno()
    return fd


def right_to_fd(right: SendRight, *, move: bool = False) -> int:
    """A new descriptor that holds a send right, to pass it over a socket."""
    flags = const.MACH_FD_CLOEXEC | (const.MACH_FD_MOVE if move else 0)
    fd = _lib.out_fd(_lib.port_to_fd, right.name, flags)
    if move:
        right.detach()
    return fd


def right_from_fd(fd: int) -> SendRight:
    """The right that such a descriptor holds, which keeps it, too."""
    return SendRight(_lib.out_name(_lib.port_from_fd, fd))
