# SPDX-License-Identifier: MIT
"""Mach ports for Linux: rights, messages, memory, notifications.

    with mach.ReceiveRight() as port, port.make_send() as right:
        right.send(b"hello", id=7)
        message = port.receive(timeout=1)

Rights are objects that own them; see docs/python.md.  mach.aio has the same
for asyncio.
"""

from . import const
from .error import MachError, MachTimeout
from .identity import Sender
from .memory import Memory
from .message import (Data, Message, Notification, Rights, copy, make_send,
                      make_send_once, move)
from .right import (DEAD, DeadName, PortSet, ReceiveRight, Right, SendOnceRight,
                    SendRight, Status)
from .task import (bootstrap, fileport, open_fileport, right_from_fd,
                   right_to_fd, set_bootstrap, set_instance_bootstrap)

__all__ = [
    "DEAD", "Data", "DeadName", "MachError", "MachTimeout", "Memory",
    "Message", "Notification", "PortSet", "ReceiveRight", "Right", "Rights",
    "SendOnceRight", "SendRight", "Sender", "Status", "bootstrap", "const",
    "copy", "fileport", "make_send", "make_send_once", "move",
    "open_fileport", "right_from_fd", "right_to_fd", "set_bootstrap",
    "set_instance_bootstrap",
]
