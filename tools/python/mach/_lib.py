# SPDX-License-Identifier: MIT
"""libmach.so.0 and the ioctls that it has no function for."""

from __future__ import annotations

import ctypes
import fcntl
import os
from ctypes import (POINTER, c_char_p, c_int, c_int32, c_uint32, c_uint64,
                    c_void_p)
from typing import Any

from .error import MachError, set_describe

library = ctypes.CDLL("libmach.so.0", use_errno=True)


def _function(name: str, *arguments: Any, result: Any = c_int32) -> Any:
    function = getattr(library, name)
    function.argtypes = arguments
    function.restype = result
    return function


_port, _out = c_uint32, POINTER(c_uint32)

device_fd = _function("mach_device_fd", result=c_int)
mach_task_self = _function("mach_task_self", result=c_uint32)
port_allocate = _function("mach_port_allocate", _port, c_uint32, _out)
port_deallocate = _function("mach_port_deallocate", _port, _port)
port_mod_refs = _function("mach_port_mod_refs", _port, _port, c_uint32,
                          c_int32)
port_insert_right = _function("mach_port_insert_right", _port, _port, _port,
                              c_uint32)
port_extract_right = _function("mach_port_extract_right", _port, _port,
                               c_uint32, _out, _out)
port_move_member = _function("mach_port_move_member", _port, _port, _port)
port_set_qlimit = _function("mach_port_set_qlimit", _port, _port, c_uint32)
port_get_receive_status = _function("mach_port_get_receive_status", _port,
                                    _port, c_void_p)
port_request_notification = _function("mach_port_request_notification", _port,
                                      _port, c_int32, c_uint32, _port,
                                      c_uint32, _out)
get_special_port = _function("task_get_special_port", _port, c_int, _out)
set_special_port = _function("task_set_special_port", _port, c_int, _port)
instance_bootstrap = _function("mach_set_instance_bootstrap", _port)
port_poll_fd = _function("mach_port_poll_fd", _port, c_int, POINTER(c_int))
port_to_fd = _function("mach_port_to_fd", _port, c_int, POINTER(c_int))
port_from_fd = _function("mach_port_from_fd", c_int, _out)
fileport_makeport = _function("fileport_makeport", c_int, _out)
fileport_makefd = _function("fileport_makefd", _port)
msg_destroy = _function("mach_msg_destroy", c_void_p, result=None)
vm_allocate = _function("vm_allocate", _port, POINTER(c_uint64), c_uint64,
                        c_int)
vm_deallocate = _function("vm_deallocate", _port, c_uint64, c_uint64)
_error_string = _function("mach_error_string", c_int32, result=c_char_p)
set_describe(lambda code: _error_string(code).decode())


class IocMsg(ctypes.Structure):
    """struct mach_ioc_msg"""
    _fields_ = [("size", c_uint32), ("flags", c_uint32), ("ret", c_int32),
                ("option", c_uint32), ("msg", c_uint64),
                ("send_size", c_uint32), ("rcv_size", c_uint32),
                ("rcv_name", c_uint32), ("timeout", c_uint32),
                ("notify", c_uint32), ("trailer_size", c_uint32),
                ("trailer", c_uint64)]


class Trailer(ctypes.Structure):
    """struct mach_trailer"""
    _fields_ = [("size", c_uint32), ("flags", c_uint32),
                ("task_id", c_uint64), ("pid", c_int32), ("uid", c_uint32),
                ("gid", c_uint32), ("pad", c_uint32)]


class IocConfirm(ctypes.Structure):
    """struct mach_ioc_confirm"""
    _fields_ = [("size", c_uint32), ("flags", c_uint32), ("ret", c_int32),
                ("pid", c_int32), ("task_id", c_uint64)]


MSG = 0xd408
TASK_CONFIRM = 0xd449


def ioctl(number: int, argument: Any) -> int:
    """One ioctl of /dev/mach; the result is in the struct."""
    argument.size = ctypes.sizeof(argument)
    fd = device_fd()
    if fd < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), "/dev/mach")
    fcntl.ioctl(fd, number, argument, True)
    return argument.ret


def task_self() -> int:
    """The name of this process's task."""
    name = mach_task_self()
    if not name:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error), "/dev/mach")
    return name


def check(code: int) -> None:
    """Raise what is not success."""
    if code:
        raise MachError.of(code)


def out_name(function: Any, *arguments: Any) -> int:
    """Call a function whose last argument is where a name goes."""
    name = c_uint32()
    check(function(*arguments, ctypes.byref(name)))
    return name.value


def out_fd(function: Any, *arguments: Any) -> int:
    """Call a function whose last argument is where a descriptor goes."""
    fd = c_int()
    check(function(*arguments, ctypes.byref(fd)))
    return fd.value
